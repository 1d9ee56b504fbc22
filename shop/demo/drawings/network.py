"""Gateways, edge devices and software screens."""

from collections.abc import Mapping
from math import sin
from typing import TypeAlias

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas
from shop.demo.drawings.palette import (
    AMBER,
    DARK,
    FOG,
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


def _number(spec: Spec, name: str, default: int) -> int:
    return int(str(spec.get(name, default)))


def gateway(canvas: Canvas, spec: Spec) -> None:
    count = _number(spec, "antennas", 1)
    parts.floor(canvas, X, 930, 700)
    for index in range(count):
        x = X - 200 + index * 400 if count == 2 else X + 200
        parts.antenna(canvas, x, 600, 380)
        parts.waves(canvas, (x, 250), count=3, start=215, end=325)
    canvas.metal((X - 330, 570, X + 330, 900), PETROL_BODY, radius=26, horizontal=True)
    canvas.metal((X - 330, 570, X + 330, 590), ORANGE, radius=10, outline=False)
    canvas.rect((X - 300, 620, X - 20, 700), (10, 40, 50), radius=10)
    canvas.text((X - 280, 660), "NORDLYS", 34, WHITE, "lm")
    for index in range(_number(spec, "leds", 3)):
        parts.led(canvas, (X + 40 + index * 62, 660), (GREEN, GREEN, AMBER, GREEN)[index], radius=12)
    canvas.rect((X - 290, 760, X - 170, 860), (176, 190, 198), radius=8, outline=INK)
    canvas.rect((X - 270, 790, X - 190, 860), (22, 40, 48))
    canvas.disc((X - 90, 815), 28, (20, 30, 36), outline=LINE, width=3)
    for index in range(9):
        canvas.line([(X + 40 + index * 28, 770), (X + 40 + index * 28, 856)], (12, 50, 62), 6)


def gateway_outdoor(canvas: Canvas, spec: Spec) -> None:
    count = _number(spec, "antennas", 2)
    explosion_proof = bool(spec.get("ex"))
    canvas.metal((X - 44, 120, X + 44, 1110), STEEL)
    for y in (520, 800):
        canvas.metal((X - 250, y, X + 250, y + 54), STEEL, radius=10, horizontal=True)
    for index in range(count):
        x = X - 170 + index * (340 / (count - 1))
        parts.antenna(canvas, x, 460, 330)
    parts.waves(canvas, (X + 170, 150), count=3, start=225, end=315)
    body = STEEL if explosion_proof else PETROL_BODY
    canvas.metal((X - 270, 430, X + 270, 950), body, radius=56)
    canvas.rect((X - 226, 474, X + 226, 906), None, radius=34, outline=(90, 116, 127), width=3)
    parts.ring(canvas, X, 500, 452, 12)
    ink = INK if explosion_proof else WHITE
    canvas.text((X, 610), "NORDLYS", 52, ink)
    canvas.text((X, 672), "Ex d IIB T4" if explosion_proof else "LTE-M + LoRaWAN", 30, ink)
    for index, colour in enumerate((GREEN, GREEN, AMBER)):
        parts.led(canvas, (X - 70 + index * 70, 760), colour, radius=13)
    for dx in (-130, 0, 130):
        canvas.metal((X + dx - 36, 944, X + dx + 36, 990), STEEL, radius=6)
        canvas.metal((X + dx - 26, 986, X + dx + 26, 1030), DARK, radius=10)
    for dx in (-240, 240):
        for y in (460, 920):
            canvas.disc((X + dx, y), 13, (150, 166, 174), outline=INK)


def din_module(canvas: Canvas, spec: Spec) -> None:
    half = 240 if spec.get("wide") else 190
    count = _number(spec, "ports", 4)
    parts.floor(canvas, X, 1010, half * 2.6)
    canvas.metal((130, 560, 1070, 700), STEEL, horizontal=True)
    canvas.line([(130, 630), (1070, 630)], (120, 138, 146), 3)
    canvas.metal((X - half, 230, X + half, 990), PETROL_BODY, radius=22)
    canvas.metal((X - half + 26, 380, X + half - 26, 840), PALE, radius=14)
    parts.ring(canvas, X, 356, half * 2 - 40)
    _terminals(canvas, half, count)
    canvas.text((X, 440), "NORDLYS", 32, PETROL)
    for index in range(4):
        parts.led(canvas, (X - half + 70, 520 + index * 60), (GREEN, GREEN, AMBER, GREEN)[index], radius=11)
        canvas.rect((X - half + 104, 510 + index * 60, X - half + 200, 530 + index * 60), (206, 218, 224), radius=4)
    for index in range(2):
        y = 540 + index * 140
        canvas.rect((X + half - 160, y, X + half - 60, y + 96), (170, 186, 194), radius=8, outline=INK)
        canvas.rect((X + half - 144, y + 26, X + half - 76, y + 96), (22, 40, 48))


def _terminals(canvas: Canvas, half: float, count: int) -> None:
    step = (half * 2 - 40) / count
    for row in (260, 880):
        for index in range(count):
            x = X - half + 20 + index * step
            canvas.rect((x + 4, row, x + step - 4, row + 76), (22, 116, 92), radius=6, outline=INK)
            canvas.disc((x + step / 2, row + 26), min(14, step * 0.3), (200, 212, 216), outline=INK)
            canvas.rect((x + step * 0.3, row + 50, x + step * 0.7, row + 68), (10, 40, 34))


def io_block(canvas: Canvas, spec: Spec) -> None:
    count = _number(spec, "ports", 8)
    rows = count // 2
    parts.floor(canvas, X, 1080, 420)
    canvas.metal((X - 210, 130, X + 210, 1060), PETROL_BODY if not spec.get("bnc") else STEEL, radius=34)
    parts.ring(canvas, X, 160, 390)
    for index in range(count):
        x = X - 104 + (index % 2) * 208
        y = 410 + (index // 2) * (520 / max(rows - 1, 1))
        canvas.ball((x, y), 62, STEEL)
        canvas.disc((x, y), 40, (18, 36, 44), outline=(90, 110, 118), width=3)
        for dx, dy in ((-14, -14), (14, -14), (-14, 14), (14, 14), (0, 0)):
            canvas.disc((x + dx, y + dy), 5, (214, 178, 104))
        parts.led(canvas, (X - 16 + (index % 2) * 32, y), GREEN if index != 3 else AMBER, radius=8)
    for x in (X - 104, X + 104):
        canvas.ball((x, 260), 46, STEEL)
        canvas.disc((x, 260), 28, (18, 36, 44))
    for x in (X - 170, X + 170):
        canvas.disc((x, 1030), 14, (120, 140, 150), outline=INK)
    canvas.text((X, 1030), "NORDLYS", 28, INK if spec.get("bnc") else WHITE)


def edge_computer(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 930, 900)
    for index in range(21):
        x = 176 + index * 41
        canvas.metal((x, 330, x + 28, 560), DARK, radius=6)
    canvas.metal((160, 540, 1040, 900), PETROL_BODY, radius=22, horizontal=True)
    canvas.metal((160, 540, 1040, 560), ORANGE, radius=8, outline=False)
    for index in range(2):
        x = 220 + index * 140
        canvas.rect((x, 660, x + 112, 760), (170, 186, 194), radius=8, outline=INK)
        canvas.rect((x + 18, 690, x + 94, 760), (22, 40, 48))
    for index in range(4):
        x = 520 + (index % 2) * 116
        y = 650 + (index // 2) * 70
        canvas.rect((x, y, x + 92, y + 40), (22, 40, 48), radius=4, outline=LINE)
        canvas.rect((x + 10, y + 18, x + 82, y + 30), (70, 120, 200))
    for index in range(2):
        canvas.rect((770, 640 + index * 90, 920, 706 + index * 90), (22, 116, 92), radius=6, outline=INK)
    canvas.disc((982, 700), 30, (20, 40, 48), outline=GREEN, width=4)
    canvas.text((220, 610), "NORDLYS  EX-400", 34, WHITE, "lm")
    canvas.text((220, 838), "Watch runtime", 26, (170, 210, 218), "lm")


def software(canvas: Canvas, spec: Spec) -> None:
    """A dashboard on a screen; more panels for a larger edition, longer ribbons for a longer term."""
    level = _number(spec, "screens", 1)
    parts.floor(canvas, X, 960, 620)
    canvas.metal((X - 60, 860, X + 60, 950), STEEL)
    canvas.metal((X - 170, 930, X + 170, 962), STEEL, radius=14)
    canvas.rect((140, 230, 1060, 880), (12, 38, 47), radius=34)
    canvas.rect((164, 254, 1036, 856), FOG, radius=16)
    canvas.rect((164, 254, 256, 856), PETROL, radius=16)
    for index in range(5):
        canvas.rect((192, 300 + index * 70, 228, 336 + index * 70), SIGNAL if index == 0 else TEAL, radius=9)
    _trend(canvas, level)
    _tiles(canvas, level)
    _term(canvas, spec)


def _trend(canvas: Canvas, level: int) -> None:
    canvas.rect((290, 290, 1006, 560), WHITE, radius=14, outline=LINE)
    for row in range(4):
        canvas.line([(320, 340 + row * 54), (976, 340 + row * 54)], (226, 234, 239), 3)
    colours = (TEAL, SIGNAL, PETROL)
    for series in range(level):
        points = [
            (326 + step * 50, 500 - series * 56 - 18 * _ripple(step, series) - step * (2 + series))
            for step in range(14)
        ]
        canvas.line(parts.smooth(points), colours[series], 7)
        canvas.disc(points[-1], 11, colours[series], outline=WHITE, width=4)
    canvas.line([(320, 362), (976, 362)], RED, 2)


def _ripple(step: int, series: int) -> float:
    return sin(step * 0.9 + series * 1.7) + 0.6 * sin(step * 2.3 + series)


def _tiles(canvas: Canvas, level: int) -> None:
    count = level + 1
    width = (716 - 24 * (count - 1)) / count
    for index in range(count):
        left = 290 + index * (width + 24)
        canvas.rect((left, 590, left + width, 826), WHITE, radius=14, outline=LINE)
        if index % 2 == 0:
            centre = (left + width / 2, 730)
            box = (centre[0] - 76, centre[1] - 76, centre[0] + 76, centre[1] + 76)
            canvas.arc(box, 180, 360, (226, 234, 239), 22)
            canvas.arc(box, 180, 180 + 150 - index * 30, GREEN if index == 0 else SIGNAL, 22)
            canvas.text((centre[0], 744), ("98 %", "", "7.1", "")[index], 34, INK)
        else:
            bars = max(3, round(width / 34))
            for bar in range(bars):
                x = left + 22 + bar * (width - 44) / bars
                height = 50 + (bar * 53 + index * 31) % 120
                canvas.rect(
                    (x, 800 - height, x + (width - 44) / bars * 0.6, 800), TEAL if bar != bars - 2 else SIGNAL, radius=4
                )


def _term(canvas: Canvas, spec: Spec) -> None:
    months = _number(spec, "months", 1)
    words = "MONTHLY" if months == 1 else f"{months // 12} YEAR{'S' if months > 12 else ''}"
    canvas.rect((760, 150, 1060, 214), SIGNAL if months > 1 else TEAL, radius=32)
    canvas.text((910, 183), words, 34, WHITE)
    canvas.text((140, 183), f"Watch {spec.get('edition', '')}", 52, INK, "lm")


SHAPES = {
    "gateway": gateway,
    "gateway_outdoor": gateway_outdoor,
    "din_module": din_module,
    "io_block": io_block,
    "edge_computer": edge_computer,
    "software": software,
}
