"""Which products and categories an audience does not see. Sets are integers with one bit for each primary key.

Rules speak on five levels. A narrower level beats a wider one; on the same level hiding beats showing. What no rule
speaks of is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

LEVELS = ("everyone", "country", "channel", "group", "company")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the rules of one audience, or of several on one level, show and hide."""

    shown: int = 0
    hidden: int = 0
    shown_categories: int = 0
    hidden_categories: int = 0

    def __or__(self, other: Spoken) -> Spoken:
        return Spoken(
            self.shown | other.shown,
            self.hidden | other.hidden,
            self.shown_categories | other.shown_categories,
            self.hidden_categories | other.hidden_categories,
        )

    def without(self, products: int) -> Spoken:
        """Return the same with nothing said of these products."""
        return replace(self, shown=self.shown & ~products, hidden=self.hidden & ~products)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What somebody does not see; the same for all about whom the rules say the same."""

    products: int = 0
    categories: int = 0

    def has_product(self, product_id: int) -> bool:
        return bool(self.products >> product_id & 1)

    def has_category(self, category_id: int) -> bool:
        return bool(self.categories >> category_id & 1)


NOTHING = Hidden()


def resolve(spoken: Mapping[str, Spoken]) -> Hidden:
    """Apply the levels from the widest to the narrowest; each takes back what the ones before decided."""
    products = categories = 0
    for level in LEVELS:
        said = spoken.get(level)
        if said:
            products = products & ~said.shown | said.hidden
            categories = categories & ~said.shown_categories | said.hidden_categories
    return Hidden(products, categories)


def pack(ids: Iterable[int]) -> int:
    """Return the set of these primary keys."""
    found = list(ids)
    buffer = bytearray(max(found, default=-1) // 8 + 1)
    for pk in found:
        buffer[pk >> 3] |= 1 << (pk & 7)
    return int.from_bytes(buffer, "little")


def unpack(bits: int) -> set[int]:
    """Return the primary keys in a set."""
    return {place * 8 + bit for place, byte in enumerate(to_bytes(bits)) if byte for bit in range(8) if byte >> bit & 1}


def to_bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def from_bytes(data: bytes | memoryview) -> int:
    return int.from_bytes(data, "little")
