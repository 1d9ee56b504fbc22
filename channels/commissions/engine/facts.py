"""What commission is computed from, and the amounts it answers with. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CommissionType(StrEnum):
    RESALE = "RESALE"
    REFERRAL = "REFERRAL"
    INFLUENCE = "INFLUENCE"
    RENEWAL = "RENEWAL"
    OVERRIDE = "OVERRIDE"
    EXPANSION = "EXPANSION"
    BONUS = "BONUS"
    TOP_UP = "TOP_UP"
    ADJUSTMENT = "ADJUSTMENT"


TYPE_OF_POOL = {
    "resale": CommissionType.RESALE,
    "referral": CommissionType.REFERRAL,
    "influence": CommissionType.INFLUENCE,
    "renewal": CommissionType.RENEWAL,
    "override": CommissionType.OVERRIDE,
}


@dataclass(frozen=True, slots=True)
class RatedLine:
    """An order line as it stands now: `net_minor` and `cost_minor` are what refunds have left.

    `sold_on` is the order's date; `anchor_on` the date from which a rule's duration runs
    (the customer's first order), None for the order itself.
    """

    key: str
    net_minor: int
    currency: str
    sold_on: date
    cost_minor: int = 0
    channel: str = "DIRECT"
    country: str = ""
    cycle: int = 0
    product_class: str = ""
    categories: tuple[str, ...] = ()
    segment: str = ""
    term_months: int = 0
    quantity: int = 1
    anchor_on: date | None = None


@dataclass(frozen=True, slots=True)
class CreditFact:
    """A published credit with what the rules ask about its partner."""

    pool: str
    partner: str
    share_bp: int
    role: str = ""
    kind: str = ""
    tier: str = ""
    held_for_review: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a partner should have earned on a line by now; deltas post towards it."""

    line_key: str
    partner: str
    type: str
    rule_id: str
    base_minor: int
    rate_bp: int
    amount_minor: int
    currency: str
    held_for_review: bool = False
    uncapped_minor: int = 0
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class RatingSkip:
    """A rule which did not pay a credit: `reason` is a code, `text` English."""

    line_key: str
    partner: str
    type: str
    rule_id: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    targets: tuple[Target, ...]
    skipped: tuple[RatingSkip, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference to post. Without a target (`rule_id` "") everything posted is taken back."""

    line_key: str
    partner: str
    type: str
    base_minor: int
    amount_minor: int
    rule_id: str = ""
    rate_bp: int = 0
    held_for_review: bool = False
    explanation: str = ""
