"""What attribution answers: who is credited for a line, who is not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The precedence step which decided, in the order in which they are tried."""

    OVERRIDE = "override"
    RENEWAL_STEWARD = "renewal_steward"
    DEAL = "deal"
    RESELLER_PICK = "reseller_pick"
    MODEL = "model"
    INCUMBENT = "incumbent"
    HOUSE_ORDER = "house_order"
    NONE = "none"


class Pool(StrEnum):
    RESALE = "resale"
    REFERRAL = "referral"
    INFLUENCE = "influence"
    RENEWAL = "renewal"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class CreditShare:
    """`held_reason` is the code of the self-referral match, or "" when there is none."""

    line_key: str
    pool: str
    partner: str
    role: str
    share_bp: int
    reason: str
    touch_ids: tuple[str, ...] = ()
    held_reason: str = ""

    @property
    def held_for_review(self) -> bool:
        return bool(self.held_reason)


@dataclass(frozen=True, slots=True)
class Skip:
    """A partner that could have been credited and was not. `reason` is a code, `text` English."""

    partner: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """`code` and `params` are for translation, `text` is the English sentence."""

    code: str
    params: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    line_key: str
    step: str
    credits: tuple[CreditShare, ...]
    skipped: tuple[Skip, ...]
    why: Why

    def pool(self, name: str) -> tuple[CreditShare, ...]:
        return tuple(credit for credit in self.credits if credit.pool == name)
