"""Wide pictures for pages and articles: northern lights over whatever the text is about."""

from collections.abc import Callable
from functools import lru_cache
from math import cos, exp, pi, sin
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

from shop.demo.drawings import parts
from shop.demo.drawings.canvas import Canvas, gradient_strip
from shop.demo.drawings.palette import GREEN, INK, PETROL, SIGNAL, TEAL, WHITE, Colour

WIDTH, HEIGHT, SCALE = 1600, 900, 2
NIGHT: Colour = (8, 30, 39)
DIM: Colour = (19, 62, 77)
SOFT: Colour = (120, 176, 190)
Scene: TypeAlias = Callable[[Canvas], None]


class UnknownScene(ValueError):
    pass


@lru_cache(maxsize=4)
def _sky(seed: int) -> Image.Image:
    """Two blurred curtains of light, painted at an eighth of the size."""
    width, height = WIDTH * SCALE // 8, HEIGHT * SCALE // 8
    strip = gradient_strip(((0.0, NIGHT), (0.6, (14, 50, 62)), (1.0, (26, 84, 98)))).transpose(
        Image.Transpose.ROTATE_270
    )
    sky = strip.resize((width, height), Image.Resampling.BILINEAR)
    for curtain, colour in enumerate(((58, 190, 150), (70, 160, 190))):
        light = Image.new("L", (width, height), 0)
        pen = ImageDraw.Draw(light)
        for x in range(width):
            phase = x / width * (5 + curtain * 2) + seed + curtain * 1.9
            top = height * (0.16 + 0.12 * curtain + 0.09 * sin(phase))
            reach = height * (0.26 + 0.08 * sin(phase * 2.3 + 1))
            for y in range(int(top), min(height, int(top + reach))):
                pen.point((x, y), fill=round(90 * exp(-2.6 * (y - top) / reach)))
        sky.paste(colour, (0, 0), light.filter(ImageFilter.GaussianBlur(9)))
    return sky.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BICUBIC)


def _ground(canvas: Canvas, y: float = 760) -> None:
    hills = [
        (0, y),
        (160, y - 60),
        (340, y - 14),
        (560, y - 90),
        (800, y - 24),
        (1060, y - 104),
        (1320, y - 20),
        (1600, y - 70),
    ]
    canvas.polygon([*parts.smooth(hills), (1600, 900), (0, 900)], (11, 40, 50))


def plant(canvas: Canvas) -> None:
    _ground(canvas, 720)
    for x, width, height in ((150, 130, 300), (300, 130, 360), (1180, 200, 260), (1400, 110, 330)):
        _tank(canvas, x, width, height)
    for x, height in ((520, 420), (590, 360)):
        canvas.polygon([(x, 780), (x + 12, 780 - height), (x + 40, 780 - height), (x + 52, 780)], DIM, outline=SOFT)
    canvas.polygon(
        [(690, 780), (690, 560), (820, 500), (820, 560), (950, 500), (950, 560), (1080, 500), (1080, 780)],
        DIM,
        outline=SOFT,
    )
    for index in range(6):
        canvas.rect((716 + index * 60, 620, 752 + index * 60, 660), (244, 196, 120) if index % 4 else (66, 116, 130))
    canvas.rect((0, 776, 1600, 900), NIGHT)
    points = [(x, 830 - 26 * sin(x / 90) - (40 if 880 < x < 960 else 0)) for x in range(0, 1601, 40)]
    canvas.line(parts.smooth(points, 6), SIGNAL, 5)
    for x in (215, 365, 816, 1280):
        canvas.disc((x, 470 if x != 816 else 530), 10, SIGNAL)
        parts.waves(canvas, (x, 440 if x != 816 else 500), count=2)


def _tank(canvas: Canvas, x: float, width: float, height: float) -> None:
    canvas.rect((x, 780 - height, x + width, 790), DIM, radius=30, outline=SOFT, width=3)
    for step in range(1, 4):
        canvas.line(
            [(x, 780 - height + step * height / 4), (x + width, 780 - height + step * height / 4)], (48, 100, 116), 2
        )


def calibration(canvas: Canvas) -> None:
    _ground(canvas)
    for index in range(61):
        angle = pi * (0.85 + 1.3 * index / 60)
        inner = 250 if index % 5 else 222
        start = (800 + inner * cos(angle), 520 + inner * sin(angle))
        end = (800 + 278 * cos(angle), 520 + 278 * sin(angle))
        canvas.line([start, end], WHITE if index % 5 == 0 else SOFT, 4 if index % 5 == 0 else 2)
    canvas.arc((490, 210, 1110, 830), 153, 387, TEAL, 12)
    canvas.arc((490, 210, 1110, 830), 280, 300, SIGNAL, 12)
    canvas.line([(800, 520), (892, 300)], SIGNAL, 9)
    canvas.disc((800, 520), 30, INK, outline=WHITE, width=5)
    canvas.text((800, 660), "0.015 °C", 62, WHITE)
    canvas.text((800, 724), "k = 2", 34, SOFT)


def vibration(canvas: Canvas) -> None:
    _ground(canvas)
    for row in range(7):
        canvas.line([(140, 200 + row * 85), (1460, 200 + row * 85)], (30, 78, 92), 2)
    wave = [
        (140 + step * 10, 320 - 70 * sin(step * 0.55) * (1 + 0.8 * (step > 90)) - 22 * sin(step * 2.1))
        for step in range(133)
    ]
    canvas.line(parts.smooth(wave, 5), SOFT, 4)
    for index in range(44):
        peak = {9: 210, 18: 130, 27: 84, 31: 60}.get(index, 14 + (index * 29) % 26)
        x = 150 + index * 30
        canvas.rect((x, 710 - peak, x + 14, 710), SIGNAL if peak > 50 else TEAL, radius=4)
    canvas.text((436, 470), "BPFO", 30, SIGNAL)
    canvas.text((708, 550), "2x", 28, SIGNAL)


def partners(canvas: Canvas) -> None:
    _ground(canvas)
    nodes = [
        (800, 440, 86),
        (420, 300, 54),
        (330, 560, 44),
        (560, 680, 40),
        (1180, 290, 58),
        (1290, 560, 46),
        (1040, 690, 42),
    ]
    for x, y, _ in nodes[1:]:
        canvas.line([(800, 440), (x, y)], SOFT, 4)
    canvas.line([(420, 300), (330, 560)], SIGNAL, 6)
    canvas.line([(1180, 290), (1290, 560)], SIGNAL, 6)
    for index, (x, y, radius) in enumerate(nodes):
        canvas.disc((x, y), radius + 12, (20, 66, 80))
        canvas.disc((x, y), radius, SIGNAL if index == 0 else PETROL, outline=WHITE, width=4)
    canvas.text((800, 440), "40 / 20 / 40", 28, WHITE)
    for (x, y, _), words in zip(nodes[1:], ("20 %", "2 %", "4 %", "12 %", "6 %", "8 %"), strict=True):
        canvas.text((x, y), words, 28, WHITE)


def renewal(canvas: Canvas) -> None:
    _ground(canvas)
    for index, share in enumerate((1.0, 0.82, 0.62)):
        radius = 300 - index * 78
        box = (800 - radius, 440 - radius, 800 + radius, 440 + radius)
        canvas.arc(box, 0, 360, (24, 72, 87), 40)
        canvas.arc(box, -90, -90 + 360 * share, (TEAL, GREEN, SIGNAL)[index], 40)
    canvas.text((800, 420), "36", 92, WHITE)
    canvas.text((800, 492), "months", 34, SOFT)


def tanks(canvas: Canvas) -> None:
    _ground(canvas, 700)
    for index, level in enumerate((0.72, 0.38, 0.9)):
        x = 260 + index * 380
        canvas.rect((x, 260, x + 300, 780), (15, 52, 64), radius=46, outline=SOFT, width=4)
        top = 760 - 480 * level
        canvas.rect((x + 12, top, x + 288, 768), (44, 116, 134), radius=34)
        canvas.line(
            parts.smooth([(x + 14 + step * 17, top + 10 + (5 if step % 2 else -5)) for step in range(17)], 5), WHITE, 3
        )
        canvas.rect((x + 110, 210, x + 190, 270), PETROL, radius=12, outline=WHITE, width=3)
        for arc in range(3):
            canvas.arc((x + 100 - arc * 14, 280 + arc * 34, x + 200 + arc * 14, 340 + arc * 34), 25, 155, SIGNAL, 5)
        canvas.text((x + 150, 700), f"{round(level * 100)} %", 54, WHITE)


def wireless(canvas: Canvas) -> None:
    _ground(canvas, 740)
    canvas.polygon([(780, 800), (796, 260), (804, 260), (820, 800)], DIM, outline=SOFT)
    for y in range(320, 800, 70):
        half = 4 + (y - 260) * 0.03
        canvas.line([(800 - half, y), (800 + half, y + 50)], SOFT, 3)
    parts.waves(canvas, (800, 250), count=5, start=205, end=335)
    for index, (x, y) in enumerate(((250, 640), (440, 560), (600, 690), (1010, 600), (1180, 690), (1370, 570))):
        canvas.line([(x, y), (800, 260)], (38, 98, 114), 2)
        canvas.disc((x, y), 22, PETROL, outline=WHITE, width=3)
        canvas.disc((x, y), 8, SIGNAL if index == 4 else GREEN)


def edge(canvas: Canvas) -> None:
    _ground(canvas)
    labels = ("SENSOR", "GATEWAY", "EDGE", "WATCH", "YOU")
    for index, words in enumerate(labels):
        x = 240 + index * 280
        if index:
            canvas.line([(x - 200, 440), (x - 84, 440)], SIGNAL, 6)
            canvas.polygon([(x - 96, 424), (x - 70, 440), (x - 96, 456)], SIGNAL)
        canvas.rect((x - 70, 370, x + 70, 510), PETROL, radius=34, outline=WHITE, width=4)
        canvas.disc((x, 440), 26 if index != 2 else 34, SIGNAL if index == 2 else SOFT)
        canvas.text((x, 568), words, 28, WHITE)
    canvas.text((800, 720), "20 ms       0.4 s       2 s       5 s", 34, SOFT)


SCENES: dict[str, Scene] = {
    "plant": plant,
    "calibration": calibration,
    "vibration": vibration,
    "partners": partners,
    "renewal": renewal,
    "tanks": tanks,
    "wireless": wireless,
    "edge": edge,
}


def draw(*, scene: str) -> bytes:
    paint = SCENES.get(scene)
    if paint is None:
        message = f"no scene is called {scene!r}"
        raise UnknownScene(message)
    seed = sorted(SCENES).index(scene) % 4
    canvas = Canvas(WIDTH, HEIGHT, scale=SCALE, backdrop=_sky(seed).copy())
    paint(canvas)
    return canvas.encoded()
