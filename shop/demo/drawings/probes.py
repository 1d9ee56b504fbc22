"""Thermometers and pressure transmitters."""

from collections.abc import Mapping
from typing import TypeAlias

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas
from shop.demo.drawings.palette import DARK, INK, LINE, PALE, PETROL_BODY, RED, SIGNAL, STEEL

Spec: TypeAlias = Mapping[str, object]
X = 600.0


def _stem(canvas: Canvas, top: float, width: float, share: float) -> float:
    bottom = top + 180 + 420 * share
    canvas.metal(
        (X - width / 2, top, X + width / 2, bottom), STEEL, radius=width / 2, corners=(False, False, True, True)
    )
    canvas.line([(X - width * 0.2, top + 20), (X - width * 0.2, bottom - width)], (250, 252, 253), 3)
    return bottom


def _share(spec: Spec) -> float:
    return float(str(spec.get("stem", 0.5)))


def compact(canvas: Canvas, spec: Spec) -> None:
    end = 560 + 180 + 420 * _share(spec)
    parts.floor(canvas, X, end + 34, 200)
    _stem(canvas, 560, 42, _share(spec))
    parts.thread(canvas, X, 490, 96, 74)
    parts.nut(canvas, X, 412, 176, 82)
    canvas.metal((X - 62, 306, X + 62, 414), STEEL, radius=12)
    parts.ring(canvas, X, 330, 122)
    parts.m12(canvas, X, 308)
    canvas.dimension((X + 170, 566), (X + 170, end), "L")
    canvas.dimension((X - 21, end + 64), (X + 21, end + 64))


def display(canvas: Canvas, spec: Spec) -> None:
    end = 690 + 180 + 420 * _share(spec) * 0.55
    parts.floor(canvas, X, end + 34, 220)
    canvas.metal((X - 24, 690, X + 24, end), STEEL, radius=24, corners=(False, False, True, True))
    parts.thread(canvas, X, 620, 120, 76)
    parts.nut(canvas, X, 534, 196, 90)
    canvas.metal((X - 50, 490, X + 50, 538), STEEL, radius=6)
    canvas.metal((X - 146, 250, X + 146, 500), PETROL_BODY, radius=40)
    parts.screen(canvas, (X - 116, 306, X + 116, 444), "72.4", "°C")
    parts.ring(canvas, X, 268, 250)
    parts.m12(canvas, X, 254)
    canvas.arc((X - 190, 300, X + 190, 460), 200, 340, SIGNAL, 5)


def headed(canvas: Canvas, spec: Spec) -> None:
    end = 620 + 180 + 420 * _share(spec) * 0.72
    parts.floor(canvas, X, end + 36, 240)
    _stem_to(canvas, 600, end, 58)
    parts.thread(canvas, X, 646, 120, 70)
    parts.nut(canvas, X, 566, 190, 84)
    canvas.metal((X - 34, 470, X + 34, 570), STEEL, radius=4)
    parts.head(canvas, X, 486, width=330)
    parts.label(canvas, (X, 356), 190, "2 x Pt100")
    canvas.dimension((X + 190, 716), (X + 190, end), "285 mm")


def _stem_to(canvas: Canvas, top: float, bottom: float, width: float) -> None:
    canvas.metal(
        (X - width / 2, top, X + width / 2, bottom), STEEL, radius=width / 2, corners=(False, False, True, True)
    )


def clamp(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1010, 260)
    canvas.metal((X - 14, 800, X + 14, 980), STEEL, radius=14)
    canvas.metal((X - 30, 640, X + 30, 850), STEEL, radius=6)
    canvas.taper((X, 850, 60), (X, 880, 28), STEEL)
    canvas.metal((X - 190, 590, X + 190, 634), STEEL, radius=14)
    canvas.taper((X, 556, 150), (X, 592, 320), STEEL)
    canvas.metal((X - 70, 440, X + 70, 560), STEEL, radius=6)
    canvas.metal((X - 110, 270, X + 110, 450), STEEL, radius=30)
    parts.ring(canvas, X, 300, 220)
    parts.label(canvas, (X, 384), 150, "3-A", size=28)
    parts.m12(canvas, X, 274)
    canvas.dimension((X - 190, 1052), (X + 190, 1052), "50.5")


def thermocouple(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 560, 990, 620)
    parts.cable(
        canvas,
        [(640, 420), (648, 560), (760, 650), (850, 770), (720, 900), (480, 900), (330, 960)],
        width=18,
        colour=(150, 166, 174),
    )
    canvas.disc((330, 960), 9, (120, 136, 144))
    canvas.metal((606, 392, 674, 470), STEEL, radius=8)
    canvas.metal((560, 250, 720, 400), PALE, radius=18)
    canvas.metal((560, 250, 720, 290), PETROL_BODY, radius=14)
    canvas.metal((590, 170, 622, 252), STEEL, radius=4)
    canvas.metal((656, 186, 688, 252), STEEL, radius=4)
    canvas.text((640, 345), "K", 54, INK)
    canvas.text((606, 226), "+", 34, INK)
    parts.ring(canvas, 640, 402, 68, 10)
    canvas.dimension((250, 1010), (860, 1010), "500 mm")


def pyrometer(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, 560, 800, 620)
    canvas.polygon([(870, 560), (1110, 520), (1110, 680), (870, 610)], (250, 216, 190))
    canvas.polygon([(870, 578), (1110, 570), (1110, 620), (870, 594)], (248, 168, 112))
    canvas.metal((330, 460, 800, 720), STEEL, radius=20, horizontal=True)
    canvas.metal((790, 434, 880, 746), PETROL_BODY, radius=14, horizontal=True)
    canvas.metal((872, 500, 900, 680), DARK, radius=10, horizontal=True)
    canvas.metal((262, 486, 340, 694), PETROL_BODY, radius=16, horizontal=True)
    canvas.metal((380, 460, 394, 720), ((0.0, (255, 178, 110)), (1.0, (186, 82, 14))), horizontal=True, outline=False)
    parts.label(canvas, (560, 590), 240, "600-1800 °C")
    canvas.metal((840, 376, 872, 438), STEEL, radius=4)
    canvas.metal((214, 556, 266, 630), STEEL, radius=4, horizontal=True)
    parts.cable(canvas, [(216, 594), (150, 610), (130, 760), (60, 850)])
    canvas.disc((1112, 598), 16, RED)
    canvas.dimension((262, 860), (900, 860), "182 mm")


def pressure(canvas: Canvas, spec: Spec) -> None:
    lift = 40 if spec.get("tall") else 0
    parts.floor(canvas, X, 992, 210)
    parts.thread(canvas, X, 860, 110, 118)
    canvas.metal((X - 34, 960, X + 34, 984), STEEL, radius=4)
    parts.nut(canvas, X, 762, 224, 100)
    canvas.metal((X - 92, 500 - lift, X + 92, 766), STEEL, radius=10)
    parts.ring(canvas, X, 530 - lift, 184)
    parts.label(canvas, (X, 640 - lift / 2), 150, "600 bar" if spec.get("tall") else "10 bar", size=28)
    canvas.taper((X, 460 - lift, 110), (X, 502 - lift, 180), STEEL)
    top = parts.m12(canvas, X, 464 - lift)
    parts.plug(canvas, X, top + 66)
    parts.cable(canvas, [(X, top - 186), (X + 6, top - 230), (X + 80, 30), (X + 260, -120)], width=30)
    canvas.dimension((X + 170, 500 - lift), (X + 170, 978), "")


def pressure_display(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1010, 230)
    parts.nut(canvas, X, 880, 210, 110)
    canvas.metal((X - 70, 800, X + 70, 884), STEEL, radius=6)
    canvas.metal((X - 150, 400, X + 150, 810), PETROL_BODY, radius=36)
    parts.screen(canvas, (X - 118, 450, X + 118, 610), "6.02", "bar")
    for offset in (-70, 0, 70):
        canvas.disc((X + offset, 690), 24, (14, 44, 54), outline=LINE)
    canvas.polygon([(X - 80, 694), (X - 60, 694), (X - 70, 680)], SIGNAL)
    canvas.polygon([(X + 80, 686), (X + 60, 686), (X + 70, 700)], SIGNAL)
    parts.ring(canvas, X, 420, 290)
    canvas.taper((X, 360, 110), (X, 402, 220), STEEL)
    parts.m12(canvas, X, 364)
    parts.led(canvas, (X - 96, 770), (64, 176, 116))
    parts.led(canvas, (X + 96, 770), (244, 184, 62))


def pressure_flush(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1000, 380)
    canvas.metal((X - 130, 930, X + 130, 976), STEEL, radius=10)
    canvas.taper((X, 830, 200), (X, 932, 290), STEEL)
    canvas.metal((X - 212, 730, X + 212, 850), STEEL, radius=12)
    for step in range(6):
        x = X - 176 + step * 70
        canvas.metal((x - 16, 716, x + 16, 864), STEEL, radius=8)
    canvas.metal((X - 60, 640, X + 60, 734), STEEL)
    for y in (652, 678, 704):
        canvas.metal((X - 92, y, X + 92, y + 12), STEEL, radius=5)
    parts.head(canvas, X, 650, width=320, value="2.15", unit="bar")


def pressure_differential(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1030, 520)
    canvas.metal((X - 240, 900, X + 240, 1012), STEEL, radius=10)
    for x in (X - 170, X, X + 170):
        canvas.metal((x - 26, 1002, x + 26, 1052), STEEL, radius=4)
    for x in (X - 300, X + 240):
        canvas.metal((x, 930, x + 60, 980), STEEL, radius=8, horizontal=True)
    canvas.metal((X - 210, 690, X - 30, 910), STEEL, radius=12)
    canvas.metal((X + 30, 690, X + 210, 910), STEEL, radius=12)
    canvas.metal((X - 40, 670, X + 40, 910), STEEL, radius=6)
    for x in (X - 170, X - 70, X + 70, X + 170):
        for y in (724, 876):
            canvas.disc((x, y), 17, (126, 142, 150), outline=(60, 82, 92))
    canvas.text((X - 120, 800), "H", 44, INK)
    canvas.text((X + 120, 800), "L", 44, INK)
    canvas.metal((X - 46, 600, X + 46, 676), STEEL)
    parts.head(canvas, X, 610, width=340, value="124", unit="mbar")


def pressure_field(canvas: Canvas, spec: Spec) -> None:
    parts.floor(canvas, X, 1040, 240)
    parts.thread(canvas, X, 940, 110, 86)
    parts.nut(canvas, X, 860, 210, 86)
    canvas.metal((X - 90, 740, X + 90, 866), STEEL, radius=10)
    canvas.metal((X - 60, 660, X + 60, 746), PETROL_BODY)
    parts.gland(canvas, X + 210, 470)
    canvas.metal((X - 330, 430, X - 208, 512), STEEL, radius=10, horizontal=True)
    canvas.metal((X - 220, 280, X + 220, 680), PETROL_BODY, radius=70)
    canvas.disc((X, 478), 184, (20, 66, 82), outline=(8, 34, 44), width=4)
    canvas.disc((X, 478), 152, (206, 218, 224), outline=(60, 82, 92), width=3)
    parts.screen(canvas, (X - 116, 410, X + 116, 546), "48.7", "bar")
    for angle_x, angle_y in ((-130, -130), (130, -130), (-130, 130), (130, 130)):
        canvas.disc((X + angle_x, 478 + angle_y), 12, (150, 166, 174), outline=(10, 40, 50))
    canvas.polygon([(X - 36, 250), (X, 206), (X + 36, 250), (X, 294)], (255, 206, 64), outline=INK)
    canvas.text((X, 251), "Ex", 28, INK)


SHAPES = {
    "probe_compact": compact,
    "probe_display": display,
    "probe_head": headed,
    "probe_clamp": clamp,
    "thermocouple": thermocouple,
    "pyrometer": pyrometer,
    "pressure_compact": pressure,
    "pressure_display": pressure_display,
    "pressure_flush": pressure_flush,
    "pressure_differential": pressure_differential,
    "pressure_field": pressure_field,
}
