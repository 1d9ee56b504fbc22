"""Support plans and services."""

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
    PALE,
    PETROL,
    PETROL_BODY,
    SIGNAL,
    STEEL,
    TEAL,
    WHITE,
)

Spec: TypeAlias = Mapping[str, object]
X = 600.0


def support(canvas: Canvas, spec: Spec) -> None:
    """A headset; one, two or three orange bars for the level."""
    parts.floor(canvas, X, 950, 520)
    for width, colour in ((64, (20, 58, 70)), (44, (70, 124, 140)), (14, (160, 200, 210))):
        canvas.arc(
            (X - 290 - width / 2, 240 - width / 2, X + 290 + width / 2, 820 + width / 2), 180, 360, colour, width
        )
    for side in (-1, 1):
        x = X + side * 300
        canvas.metal((x - 66, 500, x + 66, 760), PETROL_BODY, radius=50)
        canvas.metal((x - 40 - 20 * side, 530, x + 40 - 20 * side, 730), DARK, radius=34)
        parts.ring(canvas, x, 610, 132)
    parts.cable(canvas, [(300, 750), (310, 860), (420, 910), (530, 900)], width=22)
    canvas.metal((510, 866, 620, 934), DARK, radius=32, horizontal=True)
    for index in range(3):
        lit = index < int(str(spec.get("level", 1)))
        height = 70 + index * 56
        x = X - 96 + index * 72
        canvas.rect((x, 720 - height, x + 48, 720), SIGNAL if lit else (206, 218, 224), radius=10)


def service(canvas: Canvas, spec: Spec) -> None:
    """A certificate with a picture of what is done."""
    parts.floor(canvas, X, 1000, 560)
    canvas.rect((312, 172, 912, 992), (198, 211, 218), radius=18)
    canvas.rect((300, 160, 900, 980), WHITE, radius=18, outline=LINE, width=3)
    canvas.rect((300, 160, 900, 250), PETROL, radius=18)
    canvas.rect((300, 220, 900, 250), PETROL)
    canvas.rect((300, 250, 900, 260), SIGNAL)
    titles = {"wrench": "HANDOVER PROTOCOL", "course": "COURSE", "van": "CALIBRATION ON SITE"}
    icon = str(spec.get("icon", "gauge"))
    canvas.text((X, 206), str(spec.get("heading") or titles.get(icon, "CALIBRATION CERTIFICATE")), 34, WHITE)
    ICONS[icon](canvas)
    for index, share in enumerate((0.9, 0.7, 0.82)):
        y = 800 + index * 44
        canvas.rect((350, y, 350 + 330 * share, y + 14), (214, 224, 229), radius=7)
    canvas.ball((800, 860), 74, BRASS)
    canvas.disc((800, 860), 50, None, outline=(132, 98, 44), width=4)
    canvas.line([(774, 862), (794, 884), (830, 838)], INK, 10)
    for dx in (-34, 34):
        canvas.polygon(
            [
                (800 + dx - 22, 920),
                (800 + dx + 22, 920),
                (800 + dx + 10, 1030),
                (800 + dx, 1006),
                (800 + dx - 14, 1030),
            ],
            SIGNAL,
        )


def _bath(canvas: Canvas) -> None:
    canvas.metal((430, 520, 770, 740), STEEL, radius=20)
    canvas.rect((460, 546, 740, 640), (150, 196, 208), radius=8)
    for x in (520, 600, 680):
        canvas.metal((x - 9, 330, x + 9, 620), STEEL, radius=9)
        canvas.metal((x - 22, 310, x + 22, 350), PETROL_BODY, radius=8)
    canvas.text((X, 690), "0.01 °C", 36, INK)


def _gauge(canvas: Canvas) -> None:
    canvas.ball((X, 520), 180, STEEL)
    canvas.disc((X, 520), 148, WHITE, outline=LINE, width=3)
    canvas.arc((480, 400, 720, 640), 135, 405, TEAL, 16)
    canvas.arc((480, 400, 720, 640), 345, 405, SIGNAL, 16)
    canvas.line([(X - 24, 548), (X + 76, 440)], INK, 10)
    canvas.disc((X, 520), 18, INK)
    canvas.text((X, 606), "bar", 32, INK)


def _flow(canvas: Canvas) -> None:
    canvas.metal((350, 500, 850, 620), STEEL, horizontal=True)
    parts.side_flange(canvas, 420, 560, 230, 36)
    parts.side_flange(canvas, 744, 560, 230, 36)
    canvas.line([(500, 560), (660, 560)], SIGNAL, 12)
    canvas.polygon([(660, 530), (710, 560), (660, 590)], SIGNAL)
    canvas.metal((570, 360, 630, 500), STEEL)
    canvas.metal((510, 310, 690, 400), PETROL_BODY, radius=18)


def _wave(canvas: Canvas) -> None:
    canvas.rect((360, 330, 840, 720), (10, 34, 43), radius=18)
    for row in range(1, 5):
        canvas.line([(360, 330 + row * 78), (840, 330 + row * 78)], (30, 66, 78), 2)
    heights = (0, 30, -40, 90, -130, 150, -120, 70, -60, 40, -20, 16, 0)
    canvas.line(parts.smooth([(380 + index * 37, 525 - height) for index, height in enumerate(heights)]), SIGNAL, 8)


def _van(canvas: Canvas) -> None:
    canvas.shadow((380, 690, 830, 730), strength=70)
    canvas.metal((370, 420, 690, 680), PALE, radius=20, horizontal=True)
    canvas.polygon([(686, 470), (770, 480), (836, 580), (836, 680), (686, 680)], (230, 238, 242), outline=INK)
    canvas.polygon([(716, 500), (762, 506), (808, 578), (716, 578)], TEAL, outline=INK)
    canvas.rect((370, 600, 836, 620), SIGNAL)
    for x in (460, 750):
        canvas.disc((x, 690), 52, (30, 44, 50))
        canvas.disc((x, 690), 24, (190, 204, 211))
    canvas.text((530, 520), "NORDLYS", 44, PETROL)


def _wrench(canvas: Canvas) -> None:
    canvas.line([(470, 690), (690, 430)], (70, 94, 104), 62)
    canvas.line([(470, 690), (690, 430)], (186, 199, 206), 48)
    canvas.disc((710, 406), 84, (186, 199, 206), outline=(70, 94, 104), width=6)
    canvas.polygon([(700, 404), (770, 296), (836, 372), (740, 430)], WHITE)
    canvas.disc((466, 694), 58, (186, 199, 206), outline=(70, 94, 104), width=6)
    canvas.disc((466, 694), 24, WHITE, outline=(70, 94, 104), width=5)
    canvas.line([(390, 380), (440, 430), (540, 320)], GREEN, 22)


def _course(canvas: Canvas) -> None:
    canvas.rect((380, 330, 820, 620), PETROL, radius=14, outline=INK, width=4)
    canvas.line(parts.smooth([(420, 560), (500, 520), (580, 540), (660, 440), (770, 390)]), SIGNAL, 9)
    canvas.line([(420, 580), (780, 580)], WHITE, 4)
    for index in range(4):
        x = 430 + index * 113
        canvas.disc((x, 680), 26, TEAL)
        canvas.rect((x - 40, 710, x + 40, 756), TEAL, radius=22)


ICONS = {
    "bath": _bath,
    "gauge": _gauge,
    "flow": _flow,
    "wave": _wave,
    "van": _van,
    "wrench": _wrench,
    "course": _course,
}


SHAPES = {
    "support": support,
    "service": service,
}
