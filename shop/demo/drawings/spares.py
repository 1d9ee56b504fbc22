"""Spare parts and accessories."""

from collections.abc import Mapping
from typing import TypeAlias

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas
from shop.demo.drawings.palette import (
    BRASS,
    DARK,
    GREEN,
    INK,
    LINE,
    ORANGE,
    PALE,
    PETROL,
    PETROL_BODY,
    RED,
    SIGNAL,
    STEEL,
    TEAL,
    WHITE,
)

Spec: TypeAlias = Mapping[str, object]
X = 600.0


def cable(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 560, 960, 720)
    for index in range(4):
        inset = index * 40
        canvas.arc((230 + inset, 330 + inset, 890 - inset, 930 - inset), 0, 360, (18, 44, 54), 30)
        canvas.arc((232 + inset, 332 + inset, 888 - inset, 928 - inset), 190, 300, (92, 122, 134), 6)
    canvas.rect((520, 300, 600, 430), SIGNAL, radius=16, outline=INK)
    if spec.get("angled"):
        parts.cable(canvas, [(880, 600), (930, 420), (900, 300)], width=30, colour=(18, 44, 54))
        canvas.metal((840, 190, 960, 310), DARK, radius=30)
        canvas.metal((730, 196, 850, 300), STEEL, radius=8, horizontal=True)
        canvas.metal((690, 214, 736, 282), STEEL, radius=6, horizontal=True)
        return
    parts.cable(canvas, [(880, 600), (930, 460), (900, 380)], width=30, colour=(18, 44, 54))
    parts.plug(canvas, 900, 400 - 110)
    canvas.taper((900, 290, 104), (900, 392, 40), DARK)


def junction(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 960, 620)
    for index in range(4):
        x = 360 + index * 160
        canvas.metal((x - 44, 830, x + 44, 880), STEEL, radius=6)
        canvas.metal((x - 32, 876, x + 32, 940), DARK, radius=10)
    canvas.metal((X - 40, 230, X + 40, 310), STEEL, radius=8)
    parts.pale_body(canvas, (260, 300, 940, 840), radius=30)
    canvas.rect((330, 400, 870, 700), (206, 222, 229), radius=18, outline=LINE, width=4)
    for index in range(4):
        x = 390 + index * 116
        canvas.rect((x - 34, 440, x + 34, 640), PETROL, radius=8)
        canvas.disc((x, 490), 14, GREEN if index != 2 else RED)
        canvas.rect((x - 18, 560, x + 18, 620), SIGNAL, radius=4)
    for x in (296, 904):
        for y in (336, 804):
            canvas.disc((x, y), 15, (150, 166, 174), outline=INK)


def thermowell(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1070, 200)
    canvas.taper((X, 520, 120), (X, 1050, 70), STEEL)
    parts.thread(canvas, X, 430, 150, 94)
    parts.nut(canvas, X, 320, 250, 114)
    canvas.metal((X - 84, 200, X + 84, 324), STEEL, radius=8)
    canvas.metal((X - 30, 176, X + 30, 204), DARK, radius=6)
    canvas.dimension((X + 190, 524), (X + 190, 1046), "200 mm")


def boss(canvas: Canvas, spec: Spec) -> None:
    for x, y in ((430, 620), (790, 700)):
        parts.floor(canvas, x, y + 180, 340)
        canvas.ball((x, y), 176, STEEL)
        canvas.disc((x, y), 112, (40, 62, 72), outline=INK, width=4)
        for radius in (102, 92, 82):
            canvas.disc((x, y), radius, None, outline=(128, 146, 154), width=3)
        canvas.disc((x, y), 70, (20, 38, 46))
        canvas.disc((x + 142, y - 20), 11, INK)


def bracket(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1040, 500)
    canvas.metal(
        (X - 300, 180, X - 190, 1020), ((0.0, (190, 202, 208)), (0.3, (226, 233, 236)), (1.0, (164, 178, 186)))
    )
    canvas.metal((X - 180, 300, X + 260, 900), STEEL, radius=22)
    for y in (380, 600, 820):
        for x in (X - 90, X + 40, X + 170):
            canvas.rect((x - 34, y - 14, x + 34, y + 14), (52, 76, 86), radius=14)
    for y in (420, 760):
        canvas.metal((X - 350, y, X - 140, y + 54), STEEL, radius=18, horizontal=True)
        parts.nut(canvas, X - 160, y - 10, 60, 74)
    canvas.rect((X + 238, 300, X + 250, 900), SIGNAL)


def magnet(canvas: Canvas, spec: Spec) -> None:
    for x, y in ((400, 460), (800, 460), (400, 860), (800, 860)):
        parts.floor(canvas, x, y + 96, 300)
        canvas.metal((x - 130, y - 20, x + 130, y + 90), STEEL, radius=14)
        canvas.metal((x - 130, y + 60, x + 130, y + 90), DARK, radius=6)
        parts.thread(canvas, x, y - 130, 60, 112)
        parts.ring(canvas, x, y + 4, 260)


def insert(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1080, 140)
    canvas.metal((X - 16, 420, X + 16, 1060), STEEL, radius=16)
    canvas.metal((X - 170, 380, X + 170, 424), PALE, radius=16)
    for side in (-1, 1):
        x = X + side * 130
        canvas.metal((x - 16, 300, x + 16, 470), STEEL, radius=6)
        for step in range(5):
            canvas.line([(x - 26, 320 + step * 14), (x + 26, 312 + step * 14)], (96, 116, 126), 5)
    canvas.metal((X - 96, 280, X + 96, 384), PALE, radius=14)
    for index, colour in enumerate((RED, RED, WHITE, WHITE)):
        x = X - 66 + index * 44
        canvas.line(parts.smooth([(x, 290), (x - 10 + index * 6, 220), (x + (index - 1.5) * 24, 160)]), INK, 15)
        canvas.line(parts.smooth([(x, 290), (x - 10 + index * 6, 220), (x + (index - 1.5) * 24, 160)]), colour, 11)
    canvas.dimension((X + 120, 430), (X + 120, 1056), "285 mm")


def cartridge(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 960, 420)
    canvas.metal((X - 220, 760, X + 220, 930), DARK, radius=20)
    canvas.metal((X - 190, 420, X + 190, 770), PALE, radius=20)
    parts.ring(canvas, X, 720, 380, 18)
    canvas.text((X, 570), str(spec.get("mark", "")), 96, PETROL)
    canvas.text((X, 660), "calibrated 25 ppm", 30, TEAL)
    canvas.metal((X - 150, 350, X + 150, 424), STEEL, radius=12)
    for index in range(4):
        x = X - 90 + index * 60
        canvas.metal((x - 10, 300, x + 10, 354), BRASS, radius=4)


def module(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 960, 420)
    canvas.rect((X - 200, 300, X + 200, 820), (20, 110, 88), radius=18, outline=INK, width=3)
    canvas.metal((X - 130, 350, X + 130, 590), STEEL, radius=24)
    for row in range(5):
        for column in range(5):
            canvas.disc((X - 88 + column * 44, 382 + row * 44), 12, (36, 60, 70))
    canvas.rect((X - 70, 640, X + 70, 730), (22, 36, 42), radius=8)
    canvas.text((X, 684), "NL-RH4", 28, (190, 206, 213))
    for index in range(6):
        x = X - 150 + index * 60
        canvas.metal((x - 14, 810, x + 14, 930), BRASS, radius=4)
    parts.ring(canvas, X, 604, 260, 10)


def battery(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 940, 760)
    for index in range(5):
        x = 280 + index * 160
        canvas.metal((x - 26, 330, x + 26, 372), STEEL, radius=8)
        canvas.metal((x - 66, 364, x + 66, 920), PETROL_BODY, radius=22)
        canvas.metal((x - 66, 420, x + 66, 500), ORANGE, outline=False)
        canvas.text((x, 460), "3.6 V", 34, WHITE)
        canvas.text((x, 640), "+", 60, WHITE)


def psu(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1020, 460)
    canvas.metal((150, 600, 1050, 720), STEEL, horizontal=True)
    canvas.metal((X - 180, 230, X + 180, 1000), STEEL, radius=18)
    for index in range(9):
        canvas.rect((X - 140, 440 + index * 30, X + 10, 452 + index * 30), (84, 104, 114), radius=6)
    canvas.rect((X - 180, 760, X + 180, 880), PETROL)
    canvas.text((X, 806), "24 V  5 A", 50, WHITE)
    canvas.text((X, 852), "94.5 %", 26, (170, 210, 218))
    for index, colour in enumerate((GREEN, GREEN, SIGNAL)):
        parts.led(canvas, (X + 90, 470 + index * 70), colour, radius=13)
    for row in (250, 916):
        for index in range(4):
            x = X - 150 + index * 78
            canvas.rect((x, row, x + 64, row + 66), (22, 44, 52), radius=8)
            canvas.disc((x + 32, row + 32), 18, (196, 208, 214), outline=INK)
    parts.ring(canvas, X, 346, 360)


SHAPES = {
    "cable": cable,
    "junction": junction,
    "thermowell": thermowell,
    "boss": boss,
    "bracket": bracket,
    "magnet": magnet,
    "insert": insert,
    "cartridge": cartridge,
    "module": module,
    "battery": battery,
    "psu": psu,
}
