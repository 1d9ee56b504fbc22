"""Product images in the sizes that pages show, written once when the index is."""

import hashlib
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from oscar.apps.catalogue.models import ProductImage
from PIL import Image, UnidentifiedImageError

SMALL, CARD, LARGE = 160, 480, 1200
QUALITY = 82


@dataclass(frozen=True)
class Sized:
    """One picture: three files of the same proportions."""

    small: str
    card: str
    large: str
    width: int
    height: int
    card_width: int
    card_height: int
    alt: str


def sized(image: ProductImage, *, title: str) -> dict[str, Any] | None:
    """Return the addresses and sizes of an image, making missing files; None when the original cannot be read."""
    name, storage = image.original.name, default_storage
    try:
        key = hashlib.sha256(f"{name}:{storage.size(name)}".encode()).hexdigest()[:16]
        with storage.open(name) as file, Image.open(file) as original:
            paths = {width: _write(storage, original, name, key, width) for width in (LARGE, CARD, SMALL)}
            width, height = _fit(original.size, LARGE)
            card_width, card_height = _fit(original.size, CARD)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError):
        return None
    return asdict(
        Sized(
            small=storage.url(paths[SMALL]),
            card=storage.url(paths[CARD]),
            large=storage.url(paths[LARGE]),
            width=width,
            height=height,
            card_width=card_width,
            card_height=card_height,
            alt=image.caption or title,
        )
    )


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _write(storage: Storage, original: Image.Image, name: str, key: str, longest: int) -> str:
    if original.format == "WEBP" and max(original.size) <= longest:
        return name  # in the right format and size already
    path = f"sized/{key}-{longest}.webp"
    if storage.exists(path):
        return path
    picture = original if original.mode in {"RGB", "RGBA"} else original.convert("RGBA")
    picture = picture.resize(_fit(original.size, longest), Image.Resampling.LANCZOS)
    data = BytesIO()
    picture.save(data, "WEBP", quality=QUALITY, method=3)
    return storage.save(path, ContentFile(data.getvalue()))
