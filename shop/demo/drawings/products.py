"""The illustration of one product: same SKU and specification, same bytes."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from shop.demo.drawings import ambient, care, machines, network, probes
from shop.demo.drawings.canvas import Canvas

Spec: TypeAlias = Mapping[str, object]

SHAPES: dict[str, Callable[[Canvas, Spec], None]] = {
    **probes.SHAPES,
    **machines.SHAPES,
    **ambient.SHAPES,
    **network.SHAPES,
    **care.SHAPES,
}


class UnknownShape(ValueError):
    pass


def draw(*, sku: str, spec: Spec) -> bytes:
    shape = SHAPES.get(str(spec.get("shape")))
    if shape is None:
        message = f"{sku}: no drawing is called {spec.get('shape')!r}"
        raise UnknownShape(message)
    canvas = Canvas()
    shape(canvas, spec)
    canvas.caption(sku)
    return canvas.encoded()
