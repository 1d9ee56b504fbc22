"""A supersampled sheet on which products are drawn.

Coordinates are those of the finished 1200 x 1200 image; the sheet is drawn at twice that size and
reduced at the end. Parts are filled with gradients, so that a few rectangles look like turned metal.
"""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from shop.demo.drawings.palette import FOG, INK, LINE, SIGNAL, Colour, Stops

SIZE = 1200
SCALE = 2
OUTLINE: Colour = (30, 60, 72)

Box: TypeAlias = tuple[float, float, float, float]
Point: TypeAlias = tuple[float, float]


@lru_cache(maxsize=32)
def gradient_strip(stops: Stops) -> Image.Image:
    strip = Image.new("RGB", (256, 1))
    for x in range(256):
        strip.putpixel((x, 0), _colour_at(stops, x / 255))
    return strip


def _colour_at(stops: Stops, position: float) -> Colour:
    for (start, low), (end, high) in pairwise(stops):
        if position <= end:
            share = (position - start) / (end - start)
            return (
                round(low[0] + (high[0] - low[0]) * share),
                round(low[1] + (high[1] - low[1]) * share),
                round(low[2] + (high[2] - low[2]) * share),
            )
    return stops[-1][1]


@lru_cache(maxsize=8)
def _backdrop(width: int, height: int) -> Image.Image:
    """Soft studio light from above, a floor below, and the faint grid of a drawing sheet."""
    small = Image.new("RGB", (96, 96))
    for y in range(96):
        for x in range(96):
            distance = min(1.0, (((x - 40) / 62) ** 2 + ((y - 34) / 70) ** 2) ** 0.5)
            small.putpixel((x, y), _colour_at(((0.0, FOG), (0.55, (235, 241, 245)), (1.0, (212, 223, 230))), distance))
    sheet = small.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(sheet)
    step = 60 * SCALE
    for offset in range(step, max(width, height), step):
        shade = (222, 231, 236)
        draw.line([(offset, 0), (offset, height)], fill=shade, width=2)
        draw.line([(0, offset), (width, offset)], fill=shade, width=2)
    return sheet


@lru_cache(maxsize=24)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


class Canvas:
    def __init__(
        self, width: int = SIZE, height: int = SIZE, *, scale: int = SCALE, backdrop: Image.Image | None = None
    ) -> None:
        self.width, self.height, self.supersampling = width, height, scale
        self.scale, self.shift = float(scale), (0.0, 0.0)
        self.image = backdrop or _backdrop(width * scale, height * scale).copy()
        self.draw = ImageDraw.Draw(self.image)

    def zoom(self, share: float, *, around: Point = (0, 0)) -> None:
        """Draw what follows smaller, towards a point; 1 is life size again."""
        self.scale = self.supersampling * share
        x, y = around
        self.shift = (x * self.supersampling * (1 - share), y * self.supersampling * (1 - share))

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return round(x * self.scale + self.shift[0]), round(y * self.scale + self.shift[1])

    def _box(self, box: Box) -> tuple[int, int, int, int]:
        return (*self._at(box[0], box[1]), *self._at(box[2], box[3]))

    def _points(self, points: Sequence[Point]) -> list[tuple[int, int]]:
        return [self._at(x, y) for x, y in points]

    def shadow(self, box: Box, *, strength: int = 96, blur: float = 22) -> None:
        """A contact shadow, blurred at an eighth of the size because it has no detail to lose."""
        shrink = 8
        left, top, right, bottom = box
        margin = blur * 3
        width, height = right - left + 2 * margin, bottom - top + 2 * margin
        mask = Image.new("L", (round(width / shrink * self.scale), round(height / shrink * self.scale)), 0)
        inner = [value / shrink * self.scale for value in (margin, margin, width - margin, height - margin)]
        ImageDraw.Draw(mask).ellipse(inner, fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(blur / shrink * self.scale))
        mask = mask.resize((round(width * self.scale), round(height * self.scale)), Image.Resampling.BILINEAR)
        self.image.paste(INK, self._at(left - margin, top - margin), mask)

    def metal(
        self,
        box: Box,
        stops: Stops,
        *,
        radius: float = 0,
        horizontal: bool = False,
        outline: bool = True,
        corners: tuple[bool, bool, bool, bool] = (True, True, True, True),
    ) -> None:
        """A cylinder seen from the side; `horizontal` lays its axis across the sheet."""
        left, top, right, bottom = self._box(box)
        size = (max(1, right - left), max(1, bottom - top))
        radius = min(radius, (min(size) - 4 * self.scale) / (2 * self.scale)) if radius else 0
        strip = gradient_strip(stops)
        if horizontal:
            strip = strip.transpose(Image.Transpose.ROTATE_270)
        fill = strip.resize(size, Image.Resampling.BILINEAR)
        mask = None
        if radius:
            mask = Image.new("L", size, 0)
            ImageDraw.Draw(mask).rounded_rectangle(
                (0, 0, size[0] - 1, size[1] - 1), radius * self.scale, fill=255, corners=corners
            )
        self.image.paste(fill, (left, top), mask)
        if outline:
            self.draw.rounded_rectangle(
                (left, top, right - 1, bottom - 1),
                radius * self.scale,
                outline=OUTLINE,
                width=round(2 * self.scale),
                corners=corners,
            )

    def taper(self, top: tuple[float, float, float], bottom: tuple[float, float, float], stops: Stops) -> None:
        """A cone between two widths: (centre x, y, width) above and below."""
        centre, y0, w0 = top
        _, y1, w1 = bottom
        widest = max(w0, w1)
        box = self._box((centre - widest / 2, y0, centre + widest / 2, y1))
        size = (box[2] - box[0], max(1, box[3] - box[1]))
        shape = [
            ((widest - w0) / 2, 0.0),
            ((widest + w0) / 2, 0.0),
            ((widest + w1) / 2, y1 - y0),
            ((widest - w1) / 2, y1 - y0),
        ]
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon([(x * self.scale, y * self.scale) for x, y in shape], fill=255)
        self.image.paste(gradient_strip(stops).resize(size, Image.Resampling.BILINEAR), box[:2], mask)
        corners = [(centre - widest / 2 + x, y0 + y) for x, y in shape]
        self.line([*corners, corners[0]], OUTLINE, 2)

    def ball(self, centre: Point, radius: float, stops: Stops) -> None:
        """A disc lit from the upper left: a flange seen from the front, a dial, a lens."""
        x, y = centre
        box = self._box((x - radius, y - radius, x + radius, y + radius))
        size = (box[2] - box[0], box[3] - box[1])
        fill = gradient_strip(stops).resize(size, Image.Resampling.BILINEAR).rotate(-40, Image.Resampling.BILINEAR)
        fill = fill.resize((round(size[0] * 1.42), round(size[1] * 1.42)))
        inset = (fill.width - size[0]) // 2, (fill.height - size[1]) // 2
        fill = fill.crop((inset[0], inset[1], inset[0] + size[0], inset[1] + size[1]))
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
        self.image.paste(fill, box[:2], mask)
        self.draw.ellipse(box, outline=OUTLINE, width=round(2 * self.scale))

    def rect(
        self, box: Box, fill: Colour | None, *, radius: float = 0, outline: Colour | None = None, width: float = 2
    ) -> None:
        self.draw.rounded_rectangle(
            self._box(box), radius * self.scale, fill=fill, outline=outline, width=round(width * self.scale)
        )

    def disc(
        self, centre: Point, radius: float, fill: Colour | None, *, outline: Colour | None = None, width: float = 2
    ) -> None:
        x, y = centre
        self.draw.ellipse(
            self._box((x - radius, y - radius, x + radius, y + radius)),
            fill=fill,
            outline=outline,
            width=round(width * self.scale),
        )

    def polygon(
        self, points: Sequence[Point], fill: Colour, *, outline: Colour | None = None, width: float = 2
    ) -> None:
        scaled = self._points(points)
        self.draw.polygon(scaled, fill=fill)
        if outline:
            self.draw.line([*scaled, scaled[0]], fill=outline, width=round(width * self.scale), joint="curve")

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        self.draw.line(self._points(points), fill=fill, width=round(width * self.scale), joint="curve")

    def arc(self, box: Box, start: float, end: float, fill: Colour, width: float) -> None:
        self.draw.arc(self._box(box), start, end, fill=fill, width=round(width * self.scale))

    def text(self, at: Point, words: str, size: float, fill: Colour = INK, anchor: str = "mm") -> None:
        self.draw.text(self._at(*at), words, fill=fill, font=font(round(size * self.scale)), anchor=anchor)

    def dimension(self, start: Point, end: Point, label: str = "") -> None:
        """A measure line with end ticks, as on a drawing."""
        horizontal = start[1] == end[1]
        self.line([start, end], LINE, 2)
        for x, y in (start, end):
            tick = [(x, y - 12), (x, y + 12)] if horizontal else [(x - 12, y), (x + 12, y)]
            self.line(tick, LINE, 2)
        if label:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            offset = (0, -22) if horizontal else (30, 0)
            anchor = "mm" if horizontal else "lm"
            self.text((middle[0] + offset[0], middle[1] + offset[1]), label, 24, (96, 128, 142), anchor)

    def caption(self, words: str) -> None:
        """The order code in the corner, with the orange mark of the house."""
        base = self.height - 62
        self.rect((64, base - 15, 72, base + 15), SIGNAL)
        self.text((90, base), words, 30, INK, "lm")
        self.text((self.width - 64, base), "NORDLYS INSTRUMENTS", 20, (112, 142, 154), "rm")

    def encoded(self, *, quality: int = 84) -> bytes:
        out = BytesIO()
        self.image.reduce(self.supersampling).save(out, "WEBP", quality=quality, method=2)
        return out.getvalue()

    def thumbnail(self) -> bytes:
        out = BytesIO()
        self.image.reduce(self.supersampling * 2).save(out, "JPEG", quality=86)
        return out.getvalue()
