"""Colours of the house, shared by product illustrations, article images and datasheets."""

from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
Stops: TypeAlias = tuple[tuple[float, Colour], ...]

INK: Colour = (15, 47, 58)
PETROL: Colour = (24, 84, 101)
TEAL: Colour = (62, 132, 148)
MIST: Colour = (226, 234, 239)
FOG: Colour = (243, 247, 249)
LINE: Colour = (160, 182, 192)
SIGNAL: Colour = (240, 122, 40)
SIGNAL_DARK: Colour = (198, 92, 20)
WHITE: Colour = (255, 255, 255)
GREEN: Colour = (64, 176, 116)
AMBER: Colour = (244, 184, 62)
RED: Colour = (214, 72, 62)

# Light falls from the upper left: a cylinder is bright at a third and dark at its right rim.
STEEL: Stops = (
    (0.0, (128, 142, 150)),
    (0.10, (186, 197, 203)),
    (0.30, (248, 251, 252)),
    (0.46, (206, 216, 221)),
    (0.72, (146, 160, 168)),
    (0.92, (106, 121, 130)),
    (1.0, (138, 151, 158)),
)
DARK: Stops = (
    (0.0, (26, 54, 65)),
    (0.28, (74, 110, 123)),
    (0.45, (44, 80, 93)),
    (0.85, (14, 40, 50)),
    (1.0, (26, 56, 67)),
)
PETROL_BODY: Stops = (
    (0.0, (22, 74, 90)),
    (0.28, (92, 152, 168)),
    (0.48, (44, 104, 121)),
    (0.86, (14, 58, 72)),
    (1.0, (28, 78, 92)),
)
ORANGE: Stops = (
    (0.0, (200, 94, 22)),
    (0.28, (255, 178, 110)),
    (0.5, (240, 122, 40)),
    (0.88, (186, 82, 14)),
    (1.0, (206, 98, 28)),
)
PALE: Stops = (
    (0.0, (204, 214, 220)),
    (0.3, (255, 255, 255)),
    (0.6, (236, 242, 245)),
    (1.0, (190, 203, 210)),
)
BRASS: Stops = (
    (0.0, (150, 116, 58)),
    (0.3, (246, 222, 162)),
    (0.5, (214, 178, 104)),
    (0.88, (132, 98, 44)),
    (1.0, (160, 126, 66)),
)
