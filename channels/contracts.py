"""The facts that cross the door: frozen, plain, and independent of Oscar, Stripe and Django.

Money is in integer minor units of `currency`; datetimes are aware; `key` fields are stable strings chosen by the shop.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum

from channels.core.free_mail import FREE_MAIL as FREE_MAIL  # noqa: PLC0414  one list for both
from channels.core.money import from_minor as from_minor  # noqa: PLC0414  part of the door: how the shop converts
from channels.core.money import to_minor as to_minor  # noqa: PLC0414


class Channel(StrEnum):
    """How an order was bought."""

    DIRECT = "direct"
    RESELLER = "reseller"


class Medium(StrEnum):
    """Where a touch or an order came through."""

    WEB = "web"
    PARTNER_LINK = "partner_link"
    CAMPAIGN = "campaign"
    CALL_CENTRE = "call_centre"
    FIELD_SALES = "field_sales"
    EVENT = "event"
    RENEWAL = "renewal"
    API = "api"
    PUNCH_OUT = "punch_out"
    PARTNER_PORTAL = "partner_portal"


class TouchKind(StrEnum):
    """What was observed. The creation of a lead and of a deal are the milestones of the W-shaped model."""

    LINK = "link"
    REFERRAL_CODE = "referral_code"
    CAMPAIGN = "campaign"
    FORM = "form"
    QUOTE = "quote"
    CALL = "call"
    VISIT = "visit"
    DEMO = "demo"
    EVENT = "event"
    TRAINING = "training"
    INTRODUCTION = "introduction"
    LEAD = "lead_created"
    DEAL_REGISTRATION = "deal_created"


class CodeStatus(StrEnum):
    """What became of a partner code that someone used."""

    OK = "ok"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUSPENDED = "suspended"


class OrderEventKind(StrEnum):
    """What happens to an order after it was placed."""

    PAID = "paid"
    UNPAID = "unpaid"  # the payer's bank took the money back
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """A business customer as channels needs to know it."""

    key: str
    name: str
    country: str  # ISO 3166-1 alpha-2
    vat_id: str = ""
    email_domain: str = ""
    segment: str = ""
    bank_account: str = ""  # IBAN it pays from; compared with the partners' when an order is recorded, and never kept


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFacts:
    """An approved deal registration: the partner is the sourcer of what the company orders in the protected time.

    A second record with the same `key` changes nothing. An extension is a deal of its own, with its own key.
    """

    key: str
    partner_code: str
    company: CompanyFacts
    protected_from: datetime
    protected_until: datetime  # exclusive
    segment: str = ""  # empty: all segments


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointFacts:
    """One observed influence. A second record with the same `key` changes nothing."""

    key: str
    kind: TouchKind
    medium: Medium
    at: datetime
    partner_code: str = ""  # ChannelPartner.code; empty for own staff and campaigns
    link_code: str = ""
    campaign: str = ""
    visitor_key: str = ""
    user_id: int | None = None
    company_key: str = ""
    recorded_by_id: int | None = None
    note: str = ""
    evidence: dict[str, str] = field(default_factory=dict)
    cost_minor: int | None = None  # what it cost the supplier; None: unknown, the table of costs estimates it
    cost_currency: str = ""  # given with `cost_minor`, and only then


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeResolution:
    """A partner code looked up at a moment; `partner_code` is set only when status is OK."""

    status: CodeStatus
    partner_code: str = ""
    partner_name: str = ""
    landing_path: str = "/"
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """One order line as it was sold. `net_minor` is after discounts, without tax and shipping, for all units."""

    key: str  # unique across all orders, e.g. "ORD-1/1"
    sku: str
    title: str
    product_class: str  # slug: hardware, software, support, service, spare-part
    categories: tuple[str, ...]  # category slugs, root first
    quantity: int
    net_minor: int
    cost_minor: int | None = None
    term_months: int | None = None  # contract term of a subscription line; 0 = monthly without obligation
    subscription_key: str = ""
    list_unit_minor: int | None = None  # list price of one unit at that moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order at the moment it was placed. `cycle` is 0 for a first purchase, n for the n-th renewal."""

    number: str
    public_ref: str
    placed_at: datetime
    currency: str
    country: str
    company: CompanyFacts
    channel: Channel
    medium: Medium
    lines: tuple[PlacedLine, ...]
    user_id: int | None = None
    visitor_key: str = ""
    chosen_partner: str = ""  # ChannelPartner.code, when channel is RESELLER
    cycle: int = 0
    purchase_order_number: str = ""
    site_mode: str = ""  # what the shop did for this customer: inform, influence, facilitate, sell; empty: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversedLine:
    """Part of a line taken back; `net_minor` is positive and the net amount of what is taken back."""

    line_key: str
    quantity: int
    net_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEventFacts:
    """Something that happened to a placed order. A second event with the same `key` changes nothing."""

    key: str
    order_number: str
    kind: OrderEventKind
    at: datetime
    lines: tuple[ReversedLine, ...] = ()  # for REFUNDED and CANCELLED
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    key: str  # that of the order event which told of the payment
    order_number: str
    currency: str
    at: datetime
    commission_minor: int  # of the whole order, as it stands now; worked out already when `is_rated`
    is_rated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFacts:
    """A subscription as channels shows it to partners and forecasts its renewal."""

    key: str
    company: CompanyFacts
    title: str
    sku: str
    currency: str
    value_minor: int  # net value of the next renewal
    term_months: int
    started_on: date
    renews_on: date | None
    status: str  # active, past_due, suspended, cancelled, ended
    first_order_number: str = ""
    answer_by: date | None = None  # set while the customer is asked how, or whether, to renew


@dataclass(frozen=True, slots=True, kw_only=True)
class Introducer:
    """A partner that somebody came through, with the code of the link when there was one."""

    partner_code: str
    partner_name: str
    link_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerClaim:
    """A say that a partner has at a company on a day: a protected deal, or a role."""

    company_name: str
    partner_code: str
    partner_name: str
    label: str  # translated
    until: datetime | None  # exclusive; None: for good


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCard:
    """A channel partner as the public directory, the checkout and content pages show it."""

    code: str
    name: str
    kind: str
    kind_label: str
    tier: str
    tier_label: str
    country: str
    city: str
    territories: tuple[str, ...]
    specialities: tuple[str, ...]
    summary: str
    about: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerChoice:
    """A reseller that a buyer may pick at checkout, and why it is offered."""

    card: PartnerCard
    is_partner_of_record: bool
    reason: str  # translated, one sentence


class SharingLevel(IntEnum):
    """How much of itself a company lets a partner see; the partner's agreement may show less."""

    QUOTAS = 0
    TRANSACTIONS = 1
    FULL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingFacts:
    """What a company lets one partner know and do."""

    partner_code: str
    partner_name: str
    level: SharingLevel
    is_told: bool  # of orders that are bought through it
    may_order: bool  # in the place of the company's buyers


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderingCustomers:
    """The companies that a partner's person may order for, by key."""

    partner_code: str
    is_seller: bool  # False: the person, or the partner, sells nothing
    company_keys: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerChangeFacts:
    """A company's wish for another partner of record, which waits for that partner."""

    partner: PartnerCard
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChannel:
    """How an order was bought, for the buyer's own pages."""

    number: str
    channel: Channel
    partner: PartnerCard | None
    cycle: int


class PriceSource(StrEnum):
    """Where a direct price comes from."""

    PRICE = "price"
    OFFER = "offer"
    BASKET = "basket"


class GuardOutcome(StrEnum):
    """What becomes of a direct price: it hurts nobody, or it does and ..."""

    CLEAR = "clear"
    BLOCKED = "blocked"
    EXTENDED = "extended"
    TOPPED_UP = "topped_up"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceProposal:
    """A direct price to hold against what partners pay. `direct_minor` is for all units, the lowest it can get."""

    sku: str
    title: str
    product_class: str
    direct_minor: int
    list_unit_minor: int  # of one unit, before the change that is checked
    currency: str
    quantity: int = 1
    company_key: str = ""  # empty: every company
    is_list_price: bool = False  # the direct price takes the place of the list price that discounts are counted from


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCheck:
    """Prices that belong together: a product's, an offer's, a basket's."""

    source: PriceSource
    reference: str  # e.g. "offer:12"; the order's number for a basket
    label: str
    at: datetime
    proposals: tuple[PriceProposal, ...]
    starts_at: datetime | None = None  # of an offer; None: now
    until: datetime | None = None  # of an offer; None: for good
    must_pass: bool = False  # an order that has no discount left to refuse: its partners are topped up instead


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFinding:
    """One partner that a proposal would hurt; without a partner, a minimum advertised price that it breaks."""

    sku: str
    title: str
    company_key: str
    quantity: int
    partner_code: str
    partner_name: str
    kind: str  # buy_price, advertised
    direct_minor: int
    floor_minor: int
    gap_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVerdict:
    """What to do about a PriceCheck. `findings` are those that nobody gave leave for, unless the outcome is APPROVED."""

    outcome: GuardOutcome
    findings: tuple[PriceFinding, ...] = ()

    @property
    def is_blocked(self) -> bool:
        return self.outcome == GuardOutcome.BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What rules may name, as (code, name) pairs in the reader's language: the codes are those of the order facts."""

    product_classes: tuple[tuple[str, str], ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    currencies: tuple[str, ...] = ()
