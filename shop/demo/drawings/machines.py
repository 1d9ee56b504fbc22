"""Vibration and flow instruments."""

from collections.abc import Mapping
from typing import TypeAlias

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas
from shop.demo.drawings.palette import DARK, GREEN, INK, LINE, ORANGE, PALE, PETROL_BODY, SIGNAL, STEEL, TEAL, WHITE

Spec: TypeAlias = Mapping[str, object]
X = 600.0


def accelerometer(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 960, 320)
    canvas.metal((X - 34, 880, X + 34, 950), STEEL, radius=4)
    parts.nut(canvas, X, 770, 300, 116)
    canvas.metal((X - 138, 560, X + 138, 776), STEEL, radius=12)
    parts.ring(canvas, X, 590, 276)
    parts.label(canvas, (X, 690), 216, "mm/s" if spec.get("side") else "100 mV/g")
    if spec.get("side"):
        canvas.metal((X - 120, 520, X + 120, 566), STEEL, radius=18)
        canvas.metal((X + 134, 620, X + 214, 720), STEEL, radius=8, horizontal=True)
        canvas.metal((X + 206, 606, X + 312, 734), STEEL, radius=8, horizontal=True)
        canvas.metal((X + 306, 630, X + 420, 710), DARK, radius=16, horizontal=True)
        parts.cable(canvas, [(X + 414, 670), (X + 470, 672), (X + 520, 560), (X + 700, 300)], width=28)
        return
    canvas.taper((X, 500, 130), (X, 564, 240), STEEL)
    top = parts.m12(canvas, X, 506)
    parts.plug(canvas, X, top + 66)
    parts.cable(canvas, [(X, top - 186), (X + 10, top - 230), (X + 100, 60), (X + 280, -120)], width=30)


def node(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 900, 460)
    canvas.metal((X - 230, 850, X + 230, 886), STEEL, radius=8)
    canvas.metal((X - 180, 800, X + 180, 856), DARK, radius=8)
    parts.pale_body(canvas, (X - 210, 460, X + 210, 806), radius=60)
    canvas.metal((X - 210, 730, X + 210, 746), ORANGE, outline=False)
    canvas.text((X, 610), str(spec.get("badge", "")), 96, PETROL_TEXT)
    parts.led(canvas, (X, 512), GREEN, radius=11)
    canvas.text((X, 690), "LoRaWAN", 26, TEAL)
    parts.waves(canvas, (X, 440), start=215, end=325)
    for x in (X - 260, X + 260):
        canvas.metal((x - 22, 790, x + 22, 880), STEEL, radius=8)


PETROL_TEXT = (24, 84, 101)


def puck(canvas: Canvas, spec: Spec) -> None:
    explosion_proof = spec.get("badge") == "EX"
    parts.floor(canvas, X, 960, 360)
    parts.thread(canvas, X, 880, 64, 66)
    parts.nut(canvas, X, 760, 360, 124)
    canvas.metal((X - 196, 700, X + 196, 766), STEEL, radius=10)
    canvas.metal(
        (X - 186, 430, X + 186, 706),
        PETROL_BODY if explosion_proof else PALE,
        radius=70,
        corners=(True, True, False, False),
    )
    parts.ring(canvas, X, 660, 372, 16)
    ink = WHITE if explosion_proof else PETROL_TEXT
    canvas.text((X, 560), "Ex" if explosion_proof else "XYZ", 84, ink)
    parts.led(canvas, (X, 474), GREEN, radius=10)
    parts.waves(canvas, (X, 420), start=215, end=325)
    for (dx, dy), name in (((150, 0), "X"), ((0, -150), "Z"), ((-96, 96), "Y")):
        end = (210 + dx, 820 + dy)
        canvas.line([(210, 820), end], SIGNAL if name == "Z" else TEAL, 6)
        canvas.disc(end, 11, SIGNAL if name == "Z" else TEAL)
        canvas.text((end[0] + (34 if dx > 0 else 0), end[1] - (34 if dy < 0 else -4 if dx > 0 else -38)), name, 30, INK)


def proximity(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 640, 960, 640)
    canvas.metal((180, 300, 250, 700), PALE, radius=6)
    canvas.metal((172, 250, 258, 306), STEEL, radius=10)
    thread_top = 330
    parts.thread(canvas, 215, thread_top, 96, 300)
    parts.nut(canvas, 215, 520, 150, 60)
    canvas.metal((180, 206, 250, 256), PETROL_BODY, radius=12)
    parts.cable(canvas, [(215, 690), (220, 800), (330, 880), (470, 800), (500, 620), (560, 540), (650, 560)], width=20)
    canvas.metal((640, 400, 1010, 880), PETROL_BODY, radius=26)
    parts.ring(canvas, 825, 440, 370)
    parts.label(canvas, (825, 600), 260, "8 mV/um", size=32)
    canvas.disc((720, 760), 30, (190, 150, 80), outline=INK)
    canvas.disc((720, 760), 12, INK)
    parts.led(canvas, (930, 760), GREEN, radius=12)
    for step in range(4):
        canvas.metal((700 + step * 70, 870, 748 + step * 70, 920), PALE, radius=6)
    canvas.dimension((330, 330), (330, 630), "M10")


def handheld(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1050, 440)
    for x in (X - 90, X + 90):
        canvas.metal((x - 30, 150, x + 30, 220), STEEL, radius=8)
    canvas.metal((X - 230, 206, X + 230, 1030), DARK, radius=60)
    canvas.metal((X - 204, 232, X + 204, 1004), PETROL_BODY, radius=44)
    box = (X - 176, 280, X + 176, 690)
    canvas.rect(box, (232, 242, 244), radius=12, outline=INK, width=3)
    canvas.text((X - 156, 312), "Pump 4A  DE  h", 26, INK, "lm")
    heights = [30, 44, 26, 190, 38, 60, 110, 34, 26, 70, 30, 44, 24, 36, 22, 30]
    for index, height in enumerate(heights):
        x = X - 150 + index * 20
        colour = SIGNAL if height > 100 else TEAL
        canvas.rect((x, 640 - height, x + 10, 640), colour)
    canvas.line([(X - 156, 642), (X + 156, 642)], INK, 3)
    canvas.text((X + 150, 664), "kHz", 20, TEAL, "rm")
    for row, y in enumerate((760, 850, 940)):
        for column, x in enumerate((X - 110, X, X + 110)):
            fill = SIGNAL if (row, column) == (0, 1) else (20, 60, 74)
            canvas.rect((x - 40, y - 28, x + 40, y + 28), fill, radius=18, outline=LINE)


def flow_mag(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 980, 760)
    y = 800.0
    if spec.get("flanged"):
        canvas.metal((240, y - 120, 960, y + 120), PETROL_BODY, horizontal=True, radius=14)
        parts.side_flange(canvas, 200, y, 330)
        parts.side_flange(canvas, 954, y, 330)
        canvas.metal((410, y - 150, 790, y + 150), PETROL_BODY, horizontal=True, radius=22)
    else:
        canvas.metal((250, y - 66, 950, y + 66), STEEL, horizontal=True, radius=10)
        for x in (250, 880):
            canvas.metal((x, y - 84, x + 70, y + 84), STEEL, horizontal=True, radius=6)
        canvas.metal((390, y - 116, 810, y + 116), STEEL, horizontal=True, radius=26)
    canvas.metal((X - 44, 560, X + 44, y - 106), STEEL)
    parts.head(canvas, X, 580, width=310, value="84.1", unit="l/min")
    _arrow(canvas, y)
    parts.label(canvas, (X, y + 90), 180, "DN 80" if spec.get("flanged") else "DN 25")


def _arrow(canvas: Canvas, y: float) -> None:
    canvas.line([(500, y), (680, y)], SIGNAL, 12)
    canvas.polygon([(680, y - 26), (724, y), (680, y + 26)], SIGNAL)


def flow_clamp(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 980, 900)
    canvas.metal((90, 660, 1110, 930), STEEL, horizontal=True)
    for x in (350, 800):
        canvas.metal((x, 648, x + 26, 942), DARK, horizontal=True, radius=4)
        canvas.metal((x - 60, 590, x + 86, 668), PETROL_BODY, radius=14)
        parts.ring(canvas, x + 13, 604, 146, 10)
    canvas.metal((280, 560, 900, 594), STEEL, radius=8)
    canvas.line([(363, 668), (588, 926), (813, 668)], SIGNAL, 5)
    parts.cable(canvas, [(363, 570), (370, 480), (470, 430), (500, 400)], width=18)
    parts.cable(canvas, [(813, 570), (800, 480), (730, 430), (690, 400)], width=18)
    parts.pale_body(canvas, (400, 150, 800, 410), radius=26)
    parts.screen(canvas, (440, 186, 700, 330), "12.8", "m³/h")
    for index in range(3):
        canvas.disc((752, 210 + index * 48), 16, PETROL_TEXT)
    parts.label(canvas, (570, 372), 230, "Signal 94 %", size=22)


def flow_inline(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 980, 760)
    canvas.metal((130, 800, 1070, 930), STEEL, horizontal=True)
    canvas.metal((420, 740, 780, 950), PETROL_BODY, horizontal=True, radius=20)
    canvas.metal((540, 640, 660, 750), STEEL, radius=8)
    canvas.ball((X, 690), 62, STEEL)
    canvas.metal((650, 674, 830, 704), ORANGE, radius=12, horizontal=True)
    canvas.metal((574, 500, 626, 640), STEEL)
    canvas.metal((X - 160, 230, X + 160, 520), PETROL_BODY, radius=40)
    parts.screen(canvas, (X - 122, 290, X + 122, 430), "318", "Nm³/h")
    parts.ring(canvas, X, 250, 310)
    parts.m12(canvas, X - 70, 236)
    parts.m12(canvas, X + 70, 236)
    _arrow(canvas, 866)


def flow_vortex(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 990, 520)
    canvas.metal(
        (110, 790, 1090, 910), ((0.0, (196, 206, 211)), (0.5, (226, 233, 236)), (1.0, (178, 190, 196))), horizontal=True
    )
    canvas.metal((430, 690, 770, 1010), STEEL, radius=16, horizontal=True)
    canvas.ball((X, 850), 112, DARK)
    canvas.metal((576, 744, 624, 956), STEEL, radius=6)
    canvas.metal((X - 36, 540, X + 36, 700), STEEL)
    for y in range(566, 680, 24):
        canvas.metal((X - 78, y, X + 78, y + 11), STEEL, radius=5)
    parts.head(canvas, X, 560, width=300, value="640", unit="kg/h")
    for index in range(3):
        x = 830 + index * 90
        canvas.arc((x - 34, 816, x + 34, 884), 30 if index % 2 else 210, 250 if index % 2 else 430, SIGNAL, 6)


def flow_coriolis(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1060, 520)
    outer = [(330, 640), (340, 800), (420, 960), (600, 1010), (780, 960), (860, 800), (870, 640)]
    for width, colour in ((122, (60, 84, 94)), (112, (160, 175, 183)), (70, (212, 221, 226)), (24, (246, 250, 251))):
        canvas.line(parts.smooth(outer), colour, width)
    canvas.metal((200, 560, 1000, 690), STEEL, horizontal=True, radius=16)
    parts.side_flange(canvas, 160, 625, 260)
    parts.side_flange(canvas, 994, 625, 260)
    canvas.metal((X - 44, 480, X + 44, 570), STEEL)
    parts.head(canvas, X, 492, width=330, value="2 415", unit="kg/h")
    _arrow(canvas, 625)


SHAPES = {
    "accelerometer": accelerometer,
    "node": node,
    "node_puck": puck,
    "proximity": proximity,
    "handheld": handheld,
    "flow_mag": flow_mag,
    "flow_clamp": flow_clamp,
    "flow_inline": flow_inline,
    "flow_vortex": flow_vortex,
    "flow_coriolis": flow_coriolis,
}
