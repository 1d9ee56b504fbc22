"""Which quantities a rule allows, and the nearest allowed one to what was asked for."""

from dataclasses import dataclass
from enum import StrEnum
from math import lcm


class Reason(StrEnum):
    MINIMUM = "minimum"
    MULTIPLE = "multiple"
    PACK = "pack"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Rule:
    """All numbers are pieces; `unit_name` is what a pack is called."""

    minimum: int = 1
    maximum: int | None = None
    multiple: int = 1
    pack_size: int = 1
    unit_name: str = ""

    @property
    def step(self) -> int:
        return lcm(self.multiple, self.pack_size)

    @property
    def lowest(self) -> int:
        return -(-self.minimum // self.step) * self.step

    @property
    def highest(self) -> int | None:
        """The largest allowed quantity; below `lowest` when the rule contradicts itself."""
        return None if self.maximum is None else self.maximum // self.step * self.step


FREE = Rule()


@dataclass(frozen=True, slots=True)
class Snapped:
    """An allowed quantity, and why it is another than the one asked for. 0: nothing more can be had."""

    quantity: int
    reason: Reason | None = None


def snap(quantity: int, rule: Rule, *, taken: int = 0) -> Snapped:
    """Round up to an allowed quantity, and down only where the maximum says so.

    `taken` pieces of the product are bought otherwise already (the same with other options): they count towards the
    maximum alone.
    """
    room = None if rule.maximum is None else (rule.maximum - taken) // rule.step * rule.step
    if room is not None and room < rule.lowest:
        return Snapped(0, Reason.MAXIMUM)
    if quantity < rule.minimum:
        return Snapped(rule.lowest, Reason.MINIMUM)
    wanted = -(-quantity // rule.step) * rule.step
    if room is not None and wanted > room:
        return Snapped(room, Reason.MAXIMUM)
    if wanted == quantity:
        return Snapped(quantity)
    return Snapped(wanted, Reason.PACK if quantity % rule.pack_size else Reason.MULTIPLE)
