"""Level, humidity and gas instruments."""

from collections.abc import Mapping
from typing import TypeAlias

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas
from shop.demo.drawings.palette import (
    AMBER,
    DARK,
    GREEN,
    INK,
    LINE,
    MIST,
    PALE,
    PETROL_BODY,
    RED,
    SIGNAL,
    STEEL,
    TEAL,
    WHITE,
)

Spec: TypeAlias = Mapping[str, object]
X = 600.0
WATER = (150, 196, 208)


def _water(canvas: Canvas, y: float) -> None:
    wave = [(60 + step * 20, y + (6 if step % 4 < 2 else -6)) for step in range(55)]
    canvas.line(parts.smooth(wave, 4), TEAL, 5)
    for index, shade in enumerate(((198, 221, 228), (206, 226, 232), (214, 230, 235))):
        canvas.line([(140 + index * 60, y + 40 + index * 30), (1060 - index * 60, y + 40 + index * 30)], shade, 4)


def radar(canvas: Canvas, spec: Spec) -> None:
    canvas.polygon([(X - 60, 640), (X + 60, 640), (X + 150, 1010), (X - 150, 1010)], (240, 226, 214))
    _water(canvas, 1010)
    for index in range(4):
        y = 730 + index * 74
        half = 60 + index * 18
        canvas.arc((X - half, y - 40, X + half, y + 40), 20, 160, SIGNAL, 6)
    canvas.metal((X - 110, 560, X + 110, 640), PALE, radius=20)
    parts.flange(canvas, X, 506, 420, 54)
    canvas.metal((X - 60, 430, X + 60, 510), STEEL)
    parts.head(canvas, X, 446, width=320, value="4.18", unit="m")


def guided(canvas: Canvas, spec: Spec) -> None:
    parts.head(canvas, X, 396, width=290, value="1.26", unit="m")
    canvas.metal((X - 40, 390, X + 40, 440), STEEL)
    parts.nut(canvas, X, 430, 190, 84)
    parts.thread(canvas, X, 514, 120, 66)
    canvas.metal((X - 13, 576, X + 13, 1060), STEEL, radius=10)
    canvas.rect((180, 780, 1020, 880), (244, 222, 190))
    canvas.metal((X - 13, 576, X + 13, 1060), STEEL, radius=10)
    _water(canvas, 880)
    canvas.line([(180, 780), (1020, 780)], SIGNAL, 5)
    for y in (640, 690, 740):
        canvas.arc((X - 60, y - 26, X + 60, y + 26), 25, 155, SIGNAL, 5)
    canvas.text((900, 830), "oil", 30, INK)
    canvas.text((900, 930), "water", 30, INK)
    canvas.dimension((X + 150, 582), (X + 150, 1056))


def submersible(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1060, 200)
    parts.cable(
        canvas, [(240, -120), (420, 160), (780, 240), (700, 380), (600, 420), (X, 560)], width=30, colour=(30, 66, 80)
    )
    canvas.taper((X, 530, 50), (X, 610, 128), DARK)
    canvas.metal((X - 84, 606, X + 84, 930), STEEL, radius=10)
    parts.ring(canvas, X, 640, 168)
    parts.label(canvas, (X, 770), 146, "10 m", size=30)
    canvas.metal((X - 90, 924, X + 90, 1000), DARK, radius=8)
    canvas.taper((X, 1000, 170), (X, 1036, 110), DARK)
    for dx in (-48, 0, 48):
        canvas.disc((X + dx, 962), 14, (190, 206, 213), outline=INK)
    _water(canvas, 490)


def fork(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1050, 200)
    for side in (-1, 1):
        x = X + side * 44
        canvas.metal((x - 24, 800, x + 24, 1030), STEEL, radius=20)
        canvas.arc((x - 80, 850, x + 80, 980), 120 if side < 0 else -60, 240 if side < 0 else 60, SIGNAL, 5)
    canvas.metal((X - 72, 740, X + 72, 820), STEEL, radius=12)
    parts.thread(canvas, X, 650, 128, 94)
    parts.nut(canvas, X, 560, 214, 96)
    canvas.metal((X - 100, 330, X + 100, 566), STEEL, radius=14)
    parts.ring(canvas, X, 360, 200)
    canvas.metal(
        (X - 100, 500, X + 100, 524),
        ((0.0, (40, 140, 90)), (0.3, (150, 230, 180)), (1.0, (30, 120, 74))),
        outline=False,
    )
    parts.m12(canvas, X, 334)


def ultrasonic(canvas: Canvas, spec: Spec) -> None:
    for index in range(5):
        half = 70 + index * 22
        y = 730 + index * 56
        canvas.arc((X - half, y - 36, X + half, y + 36), 20, 160, TEAL, 6)
    _water(canvas, 1010)
    canvas.taper((X, 560, 220), (X, 640, 280), PETROL_BODY)
    canvas.metal((X - 140, 636, X + 140, 690), DARK, radius=14)
    parts.thread(canvas, X, 470, 190, 96)
    parts.nut(canvas, X, 410, 300, 66)
    parts.pale_body(canvas, (X - 180, 150, X + 180, 416), radius=44)
    parts.ring(canvas, X, 372, 360)
    parts.screen(canvas, (X - 120, 190, X + 120, 326), "0.84", "m")
    parts.gland(canvas, X + 174, 300)


def wall(canvas: Canvas, spec: Spec) -> None:
    canvas.shadow((340, 930, 880, 1000))
    canvas.rect((352, 216, 858, 972), (198, 211, 218), radius=40)
    parts.pale_body(canvas, (340, 200, 846, 956), radius=40)
    parts.screen(
        canvas, (400, 270, 786, 500), "612" if spec.get("light") else "45.2", "ppm" if spec.get("light") else "% RH"
    )
    if spec.get("light"):
        for index, colour in enumerate((GREEN, AMBER, RED)):
            fill = colour if index == 0 else tuple((value + 2 * 236) // 3 for value in colour)
            canvas.disc((473 + index * 120, 600), 42, fill, outline=LINE, width=3)  # type: ignore[arg-type]
    else:
        canvas.text((593, 596), "21.4 °C", 64, INK)
    for row in range(6):
        y = 700 + row * 34
        canvas.rect((420, y, 766, y + 13), (176, 192, 200), radius=6)
    canvas.rect((340, 660, 352, 740), SIGNAL)


def duct(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 560, 860, 700)
    canvas.metal((150, 560, 260, 640), DARK, radius=36, horizontal=True)
    for x in range(164, 250, 16):
        for y in (582, 600, 618):
            canvas.disc((x, y), 5, (120, 150, 160))
    canvas.metal((256, 568, 660, 632), STEEL, horizontal=True)
    canvas.metal((560, 470, 600, 730), DARK, horizontal=True, radius=6)
    parts.pale_body(canvas, (640, 400, 1020, 800), radius=40)
    canvas.disc((830, 600), 150, (238, 244, 247), outline=LINE, width=3)
    parts.screen(canvas, (724, 536, 936, 656), "38.6", "% RH")
    canvas.metal((640, 430, 654, 770), ((0.0, (255, 178, 110)), (1.0, (186, 82, 14))), horizontal=True, outline=False)
    canvas.dimension((150, 900), (580, 900), "200 mm")


def humidity_probe(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 420, 1020, 300)
    parts.floor(canvas, 850, 940, 380)
    parts.cable(canvas, [(400, 230), (410, 120), (560, 90), (700, 190), (850, 250), (850, 420)], width=24)
    canvas.metal((368, 220, 432, 330), DARK, radius=16)
    canvas.metal((372, 320, 428, 780), STEEL, radius=6)
    parts.nut(canvas, 400, 480, 150, 66)
    parts.ring(canvas, 400, 350, 56)
    canvas.metal((362, 770, 438, 1000), STEEL, radius=34, corners=(False, False, True, True))
    for y in range(810, 960, 34):
        canvas.rect((382, y, 418, y + 18), (30, 60, 72), radius=8)
    canvas.metal((680, 420, 1020, 900), STEEL, radius=26)
    parts.screen(canvas, (720, 490, 980, 650), "96.4", "% RH")
    parts.label(canvas, (850, 770), 220, "180 °C")
    canvas.rect((820, 400, 880, 426), (60, 84, 94), radius=8)


def dewpoint(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1010, 620)
    canvas.metal((300, 800, 900, 960), STEEL, radius=18, horizontal=True)
    for x in (220, 890):
        canvas.metal((x, 840, x + 90, 920), STEEL, radius=8, horizontal=True)
    parts.nut(canvas, X, 710, 220, 94)
    canvas.metal((X - 92, 420, X + 92, 716), STEEL, radius=12)
    parts.ring(canvas, X, 450, 184)
    parts.label(canvas, (X, 590), 160, "-40 °C td", size=26)
    canvas.taper((X, 380, 110), (X, 424, 180), STEEL)
    top = parts.m12(canvas, X, 384)
    canvas.disc((760, 880), 30, (150, 166, 174), outline=INK)
    canvas.line([(742, 880), (778, 880)], INK, 5)
    canvas.dimension((X + 180, top), (X + 180, 712))


def gas(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1040, 260)
    canvas.taper((X, 880, 170), (X, 1010, 210), DARK)
    for index in range(5):
        canvas.line([(X - 82 + index * 41, 910), (X - 88 + index * 44, 996)], (90, 124, 137), 5)
    canvas.metal((X - 90, 790, X + 90, 886), STEEL, radius=8)
    parts.ring(canvas, X, 850, 180)
    parts.gland(canvas, X + 218, 500)
    canvas.metal((X - 320, 460, X - 212, 540), STEEL, radius=10, horizontal=True)
    canvas.metal((X - 226, 300, X + 226, 800), PETROL_BODY, radius=80)
    canvas.disc((X, 540), 190, (20, 66, 82), outline=(8, 34, 44), width=4)
    canvas.disc((X, 540), 158, (206, 218, 224), outline=(60, 82, 92), width=3)
    parts.screen(canvas, (X - 122, 470, X + 122, 606), "0.0", "ppm" if spec.get("mark") != "LEL" else "% LEL")
    canvas.text((X, 650), str(spec.get("mark", "")), 34, INK)
    for dx in (-60, 60):
        canvas.metal((X + dx - 26, 250, X + dx + 26, 312), STEEL, radius=6)
    parts.led(canvas, (X, 344), GREEN, radius=13)


def gas_box(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1010, 460)
    canvas.metal((X - 90, 830, X + 90, 940), DARK, radius=10)
    canvas.taper((X, 936, 180), (X, 990, 140), DARK)
    parts.pale_body(canvas, (X - 290, 280, X + 290, 850), radius=36)
    canvas.metal((X - 290, 280, X + 290, 400), PETROL_BODY, radius=34, corners=(True, True, False, False))
    canvas.text((X - 240, 340), str(spec.get("mark", "")), 64, WHITE, "lm")
    parts.screen(
        canvas,
        (X - 230, 450, X + 230, 650),
        "20.9" if spec.get("mark") == "O2" else "0",
        "% vol" if spec.get("mark") == "O2" else "ppm",
    )
    for index, colour in enumerate((GREEN, AMBER, RED)):
        parts.led(canvas, (X + 110 + index * 60, 340), colour, radius=13)
    for dx in (-160, 0, 160):
        canvas.disc((X + dx, 745), 36, MIST, outline=LINE, width=3)
        canvas.disc((X + dx, 745), 14, SIGNAL if dx == 0 else TEAL)
    for x in (X - 200, X + 200):
        canvas.metal((x - 34, 846, x + 34, 900), DARK, radius=8)


SHAPES = {
    "level_radar": radar,
    "level_guided": guided,
    "level_submersible": submersible,
    "level_fork": fork,
    "level_ultrasonic": ultrasonic,
    "wall": wall,
    "duct": duct,
    "humidity_probe": humidity_probe,
    "dewpoint": dewpoint,
    "gas": gas,
    "gas_box": gas_box,
}
