"""Parts that many instruments share: connectors, nuts, threads, heads, labels, cables."""

from collections.abc import Sequence

from shop.demo.drawings.canvas import Canvas, Point
from shop.demo.drawings.palette import (
    DARK,
    GREEN,
    INK,
    LINE,
    ORANGE,
    PALE,
    PETROL_BODY,
    SIGNAL,
    STEEL,
    WHITE,
    Colour,
    Stops,
)


def floor(canvas: Canvas, centre: float, y: float, width: float) -> None:
    canvas.shadow((centre - width / 2, y - 16, centre + width / 2, y + 26))


def nut(canvas: Canvas, centre: float, top: float, width: float, height: float) -> None:
    """A hexagon from the side: one broad face and two narrow ones."""
    left = centre - width / 2
    edges = (left, left + width * 0.24, left + width * 0.76, left + width)
    shades: tuple[Stops, ...] = (
        ((0.0, (150, 164, 171)), (1.0, (196, 207, 212))),
        ((0.0, (236, 242, 244)), (0.5, (210, 219, 223)), (1.0, (188, 199, 205))),
        ((0.0, (140, 154, 162)), (1.0, (108, 123, 131))),
    )
    for index, stops in enumerate(shades):
        canvas.metal((edges[index], top, edges[index + 1], top + height), stops, radius=4)


def thread(canvas: Canvas, centre: float, top: float, width: float, height: float, stops: Stops = STEEL) -> None:
    canvas.metal((centre - width / 2, top, centre + width / 2, top + height), stops, radius=3)
    y = top + 7
    while y < top + height - 4:
        canvas.line([(centre - width / 2 + 2, y + 5), (centre + width / 2 - 2, y)], (92, 110, 119), 2)
        y += 10


def m12(canvas: Canvas, centre: float, bottom: float, *, width: float = 84) -> float:
    """A plug socket pointing up; answers the y of its top."""
    canvas.metal((centre - width * 0.36, bottom - 64, centre + width * 0.36, bottom), STEEL, radius=4)
    thread(canvas, centre, bottom - 120, width * 0.82, 60)
    canvas.metal((centre - width / 2, bottom - 34, centre + width / 2, bottom - 12), STEEL, radius=6)
    return bottom - 120


def plug(canvas: Canvas, centre: float, bottom: float, *, lit: bool = True) -> float:
    """A cable connector on top of an M12 socket, knurled nut and all; answers the y of the cable."""
    width = 104.0
    canvas.metal((centre - width / 2, bottom - 96, centre + width / 2, bottom), STEEL, radius=8)
    for step in range(1, 9):
        x = centre - width / 2 + step * width / 9
        canvas.line([(x, bottom - 88), (x, bottom - 8)], (126, 142, 150), 2)
    canvas.metal((centre - 42, bottom - 218, centre + 42, bottom - 96), DARK, radius=14)
    canvas.taper((centre, bottom - 268, 34), (centre, bottom - 216, 70), DARK)
    if lit:
        canvas.disc((centre + 14, bottom - 124), 8, GREEN)
    return bottom - 262


def cable(canvas: Canvas, points: Sequence[Point], *, width: float = 24, colour: Colour = (34, 60, 71)) -> None:
    """A smooth cable through the given points."""
    curve = smooth(points)
    canvas.line(curve, colour, width)
    canvas.line([(x - width * 0.2, y - width * 0.12) for x, y in curve], (92, 122, 134), width * 0.16)


def smooth(points: Sequence[Point], steps: int = 16) -> list[Point]:
    """Catmull-Rom through all points, ends doubled."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    return [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def label(canvas: Canvas, centre: Point, width: float, words: str, *, size: float = 26) -> None:
    """A laser-marked type plate."""
    x, y = centre
    height = size * 2.3
    canvas.rect((x - width / 2, y - height / 2, x + width / 2, y + height / 2), WHITE, radius=6, outline=LINE)
    canvas.rect((x - width / 2 + 8, y - height / 2 + 8, x - width / 2 + 16, y + height / 2 - 8), SIGNAL)
    canvas.text((x + 6, y), words, size, INK)


def ring(canvas: Canvas, centre: float, top: float, width: float, height: float = 14) -> None:
    """The orange ring that every Nordlys instrument wears."""
    canvas.metal((centre - width / 2, top, centre + width / 2, top + height), ORANGE, radius=3, outline=False)


def flange(canvas: Canvas, centre: float, top: float, width: float, height: float = 46) -> None:
    canvas.metal((centre - width / 2, top, centre + width / 2, top + height), STEEL, radius=6)
    for side in (-1, 1):
        x = centre + side * width * 0.4
        canvas.metal((x - 22, top - 26, x + 22, top), STEEL, radius=4)
        canvas.metal((x - 22, top + height, x + 22, top + height + 26), STEEL, radius=4)


def side_flange(canvas: Canvas, left: float, centre: float, height: float, width: float = 46) -> None:
    """A pipe flange seen from the side, its pipe running left to right."""
    canvas.metal((left, centre - height / 2, left + width, centre + height / 2), STEEL, radius=6, horizontal=True)
    for side in (-1, 1):
        y = centre + side * height * 0.4
        canvas.metal((left - 24, y - 18, left + width + 24, y + 18), STEEL, radius=4, horizontal=True)
    canvas.metal((left, centre - height * 0.3, left + width, centre + height * 0.3), STEEL, horizontal=True)


def screen(canvas: Canvas, box: tuple[float, float, float, float], value: str, unit: str) -> None:
    """A small display with a number and a bar, as on a transmitter."""
    left, top, right, bottom = box
    canvas.rect(box, (10, 34, 43), radius=10, outline=(70, 104, 117), width=3)
    height = bottom - top
    canvas.text((right - 16, top + height * 0.4), value, height * 0.42, (214, 240, 240), "rm")
    canvas.text((left + 14, bottom - height * 0.17), unit, height * 0.18, (140, 186, 192), "lm")
    canvas.rect((left + (right - left) * 0.45, bottom - height * 0.2, right - 16, bottom - height * 0.13), (44, 78, 90))
    canvas.rect(
        (left + (right - left) * 0.45, bottom - height * 0.2, right - (right - left) * 0.25, bottom - height * 0.13),
        SIGNAL,
    )


def head(canvas: Canvas, centre: float, bottom: float, *, width: float = 300, value: str = "", unit: str = "") -> float:
    """A field housing: body, screwed lid with ribs, gland at the right; answers the y of its top."""
    top = bottom - width * 0.95
    half = width / 2
    gland(canvas, centre + half - 6, bottom - width * 0.30)
    canvas.metal((centre - half * 0.44, bottom - 44, centre + half * 0.44, bottom + 8), PETROL_BODY)
    canvas.metal((centre - half, top + width * 0.16, centre + half, bottom - 30), PETROL_BODY, radius=42)
    canvas.metal((centre - half * 0.94, top, centre + half * 0.94, top + width * 0.24), PETROL_BODY, radius=30)
    for step in range(1, 8):
        x = centre - half * 0.94 + step * width * 0.94 / 8
        canvas.line([(x, top + 16), (x, top + width * 0.2)], (16, 58, 72), 3)
    ring(canvas, centre, top + width * 0.25, width * 0.97)
    if value:
        screen(
            canvas, (centre - half * 0.66, top + width * 0.36, centre + half * 0.66, bottom - width * 0.2), value, unit
        )
    return top


def gland(canvas: Canvas, left: float, centre: float, *, long: float = 1.0) -> None:
    """A cable gland pointing right."""
    canvas.metal((left, centre - 38, left + 34 * long, centre + 38), STEEL, horizontal=True, radius=3)
    canvas.metal((left + 30 * long, centre - 46, left + 74 * long, centre + 46), STEEL, horizontal=True, radius=6)
    canvas.metal((left + 74 * long, centre - 30, left + 108 * long, centre + 30), DARK, horizontal=True, radius=8)


def led(canvas: Canvas, at: Point, colour: Colour, *, radius: float = 9) -> None:
    canvas.disc(at, radius * 1.7, tuple((value + 255 * 2) // 3 for value in colour))  # type: ignore[arg-type]
    canvas.disc(at, radius, colour)


def antenna(canvas: Canvas, centre: float, bottom: float, height: float) -> None:
    canvas.metal((centre - 22, bottom - 44, centre + 22, bottom), STEEL, radius=4)
    canvas.metal((centre - 17, bottom - height, centre + 17, bottom - 40), DARK, radius=17)
    canvas.metal((centre - 17, bottom - height + 34, centre + 17, bottom - height + 44), ORANGE, outline=False)


def waves(
    canvas: Canvas, centre: Point, *, count: int = 3, colour: Colour = SIGNAL, start: float = 200, end: float = 340
) -> None:
    """Radio or radar arcs around a point."""
    x, y = centre
    for index in range(count):
        radius = 46 + index * 34
        canvas.arc((x - radius, y - radius, x + radius, y + radius), start, end, colour, 7 - index)


def pale_body(canvas: Canvas, box: tuple[float, float, float, float], *, radius: float = 24) -> None:
    canvas.metal(box, PALE, radius=radius)
    left, top, right, _ = box
    canvas.line([(left + radius, top + 5), (right - radius, top + 5)], WHITE, 3)
