"""Orders that will be placed: what a story or the generator decides, before anything is written."""

from dataclasses import dataclass, field
from typing import Any

Lines = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchPlan:
    """One influence, `before` days ahead of its order; without a partner it is ours."""

    before: float
    kind: str
    partner: str = ""
    link: str = ""
    campaign: str = ""
    note: str = ""

    @classmethod
    def read(cls, row: dict[str, Any]) -> "TouchPlan":
        return cls(**row)

    @property
    def is_online(self) -> bool:
        """Observed in a browser, so known first by its visitor and only later by its company."""
        return self.kind in {"link", "campaign"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackPlan:
    after: float
    reason: str
    lines: Lines = ()  # empty: everything


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    code: str
    company: str
    buyer: str
    days_ago: float
    lines: Lines
    partner: str = ""
    touches: tuple[TouchPlan, ...] = ()
    pay_after: float | None = None  # None: not paid yet
    deliver_after: float | None = None  # None: nobody noted the delivery
    take_back: TakeBackPlan | None = None
    expect: str = ""
    is_quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StewardPlan:
    company: str
    partner: str
    days_ago: float
    evidence: str


@dataclass(slots=True)
class History:
    """All that is planned."""

    orders: list[OrderPlan] = field(default_factory=list)
    stewards: list[StewardPlan] = field(default_factory=list)
