"""Facts of several products beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: its name, and its value for each product, '' where a product has none."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def rows(products: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return one row for each fact that some product has, in the order in which they first appear."""
    names = dict.fromkeys(name for facts in products for name in facts)
    return [Row(name, tuple(facts.get(name, "") for facts in products)) for name in names]
