"""What commission is computed from, and the amounts it answers with. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from channels.commissions.engine import wording
from channels.core.money import BASIS

# What a refusal's sentence names: texts, numbers, or lists of texts.
Told = Mapping[str, str | int | Sequence[str]]


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


# Posted by their own rooms: rating neither pays them nor takes them back.
POSTED_ELSEWHERE = (CommissionType.TOP_UP, CommissionType.ADJUSTMENT)
# What a programme's rules pay.
RULE_TYPES = (
    CommissionType.RESALE,
    CommissionType.REFERRAL,
    CommissionType.INFLUENCE,
    CommissionType.RENEWAL,
    CommissionType.OVERRIDE,
    CommissionType.EXPANSION,
    CommissionType.BONUS,
)
TYPE_OF_POOL = {
    "resale": CommissionType.RESALE,
    "referral": CommissionType.REFERRAL,
    "influence": CommissionType.INFLUENCE,
    "renewal": CommissionType.RENEWAL,
    "override": CommissionType.OVERRIDE,
}


@dataclass(frozen=True, slots=True)
class RatedLine:
    """An order line as it stands now: `net_minor`, `cost_minor` and `quantity` are what refunds have left.

    `sold_on` is the order's date; `anchor_on` the date from which a rule's duration runs
    (the customer's first order), None for the order itself. `sold_net_minor` and `sold_quantity` are what was sold;
    None says that nothing was refunded. `business` is first, expansion or renewal; "" follows from the cycle.
    `acquired` is direct or partner, by who was credited for the customer's first order.
    `previous_net_minor` is what the term before a renewal cost; None when nobody knows. `lapses` are the days on which
    this contract began again after a pause, with the days of the pause: the programme says which of them count.
    `cost_minor` is the whole net, and `is_cost_known` false, while nobody knows the cost.
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
    sku: str = ""
    customer: str = ""
    sold_net_minor: int | None = None
    sold_quantity: int | None = None
    business: str = ""
    acquired: str = ""
    deal_registered: bool = False
    previous_net_minor: int | None = None
    lapses: tuple[tuple[date, int], ...] = ()
    is_cost_known: bool = True


@dataclass(frozen=True, slots=True)
class CreditFact:
    """A published credit with what the rules ask about its partner.

    `rejected` is one that a person refused: it earns nothing, and nobody else gets its part, unless an override says so.
    `activity_days_ago` is how long before the order the partner last logged an activity at the customer, None for
    never. `renewal_rate_bp` and `baseline_rate_bp` are the renewal rates that an uplift compares.
    """

    pool: str
    partner: str
    share_bp: int
    role: str = ""
    kind: str = ""
    tier: str = ""
    held_for_review: bool = False
    rejected: bool = False
    certifications: tuple[str, ...] = ()
    own_territory: bool = False
    campaigns: tuple[str, ...] = ()
    steward_accepted: bool = False
    activity_days_ago: int | None = None
    renewal_rate_bp: int = 0
    baseline_rate_bp: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """A limit that changed an amount: `reason` is a code, `after_minor` what was left of it."""

    reason: str
    limit_minor: int
    after_minor: int
    limit_bp: int = 0
    before_minor: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What a partner should have earned on a line by now; deltas post towards it.

    `uncapped_minor` is the amount before any limit. `counted_minor` is what the period held before this order, for
    brackets. The sentence is made when it is read: a simulation of a million lines reads none.
    """

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
    pool: str = ""
    label: str = ""
    base_kind: str = "net"
    rate_kind: str = "percent"
    share_bp: int = BASIS
    counted_minor: int = 0
    flat_minor: int = 0
    cuts: tuple[Cut, ...] = ()

    @property
    def explanation(self) -> str:
        return wording.target(self)


@dataclass(frozen=True, slots=True)
class RatingSkip:
    """A rule which did not pay a credit: `reason` is a code, `facts` what its sentence names."""

    line_key: str
    partner: str
    type: str
    rule_id: str
    reason: str
    facts: Told = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return wording.skip(self)


@dataclass(frozen=True, slots=True)
class Rating:
    """`used` is what each counter holds of this order: base for brackets, commission for limits."""

    targets: tuple[Target, ...]
    skipped: tuple[RatingSkip, ...]
    used: Mapping[str, int] = field(default_factory=dict)


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
    pool: str = ""
    explanation: str = ""
