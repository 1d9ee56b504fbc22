"""The illustration of one product: same SKU and specification, same bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from shop.demo.drawings import ambient, care, machines, network, probes, spares
from shop.demo.drawings.canvas import Canvas

Spec: TypeAlias = Mapping[str, object]

SHAPES: dict[str, Callable[[Canvas, Spec], None]] = {
    **probes.SHAPES,
    **machines.SHAPES,
    **ambient.SHAPES,
    **network.SHAPES,
    **care.SHAPES,
    **spares.SHAPES,
}


# Cards show the picture cut to a wide format; what matters stays within the part that is left.
SHARE = 0.88
CENTRE = (600.0, 590.0)


class UnknownShape(ValueError):
    pass


@dataclass(frozen=True)
class Illustration:
    webp: bytes  # for the shop
    jpeg: bytes  # smaller, for the datasheet


def draw(*, sku: str, spec: Spec) -> Illustration:
    shape = SHAPES.get(str(spec.get("shape")))
    if shape is None:
        message = f"{sku}: no drawing is called {spec.get('shape')!r}"
        raise UnknownShape(message)
    canvas = Canvas()
    canvas.zoom(SHARE, around=CENTRE)
    shape(canvas, spec)
    canvas.zoom(1)
    canvas.caption(sku)
    return Illustration(webp=canvas.encoded(), jpeg=canvas.thumbnail())
