"""What attribution is computed from: frozen facts about one order, nothing looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from channels.core.roles import Role


class Channel(StrEnum):
    DIRECT = "DIRECT"
    RESELLER = "RESELLER"


@dataclass(frozen=True, slots=True)
class Touch:
    """One observed influence; `partner` None means own staff or a direct visit."""

    id: str
    partner: str | None
    at: datetime
    kind: str = "visit"
    medium: str = ""
    campaign: str = ""
    role: str = Role.INFLUENCER


@dataclass(frozen=True, slots=True)
class RelationshipFact:
    """Valid in the half-open period [valid_from, valid_to); segment "" means every segment."""

    partner: str
    role: str
    segment: str
    valid_from: datetime
    valid_to: datetime | None = None

    def covers(self, segment: str, at: datetime) -> bool:
        open_ended = self.valid_to is None or at < self.valid_to
        return self.segment in ("", segment) and self.valid_from <= at and open_ended


@dataclass(frozen=True, slots=True)
class DealFact:
    """An approved registration for this company, protected in [protected_from, protected_until)."""

    partner: str
    segment: str
    protected_from: datetime
    protected_until: datetime
    reference: str = ""

    def covers(self, segment: str, at: datetime) -> bool:
        return self.segment in ("", segment) and self.protected_from <= at < self.protected_until


@dataclass(frozen=True, slots=True)
class OverrideFact:
    """Shares decided by two people; they sum to 10,000 bp, or are empty for "nobody".

    `pool` "" means the order's main pool; `line_key` "" means every line.
    """

    shares: tuple[tuple[str, int], ...]
    reason: str
    pool: str = ""
    line_key: str = ""

    def __post_init__(self) -> None:
        partners = [partner for partner, _ in self.shares]
        if len(set(partners)) != len(partners):
            raise ValueError("override names a partner twice")
        if any(share < 0 for _, share in self.shares):
            raise ValueError("override shares must not be negative")
        total = sum(share for _, share in self.shares)
        if total not in (0, 10_000):
            raise ValueError(f"override shares sum to {total} bp, not to 10000 or 0")


@dataclass(frozen=True, slots=True)
class LineFact:
    key: str
    sku: str = ""
    product_class: str = ""
    segment: str = ""
    net_minor: int = 0
    term_months: int = 0
    subscription: bool = False
    categories: tuple[str, ...] = ()
    quantity: int = 1

    @property
    def renews(self) -> bool:
        return self.subscription or self.term_months > 0


@dataclass(frozen=True, slots=True)
class IdentityFact:
    """Who somebody is, as far as self-referral is concerned. Empty values never match."""

    user_ids: frozenset[str] = frozenset()
    company: str = ""
    vat_id: str = ""
    email_domain: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """`cycle` is 0 for the first purchase and n for the nth renewal.

    `end_customer` is set when the buyer buys for somebody else: then that one is
    compared with the partner, and a reseller buying for its customer refers nobody to itself.
    """

    number: str
    placed_at: datetime
    channel: str = Channel.DIRECT
    chosen_partner: str | None = None
    country: str = ""
    cycle: int = 0
    buyer: IdentityFact = IdentityFact()
    end_customer: IdentityFact | None = None

    @property
    def customer(self) -> IdentityFact:
        return self.end_customer or self.buyer


@dataclass(frozen=True, slots=True)
class PartnerFact:
    """A ChannelPartner as of the order. Empty `product_classes` means all of them.

    `shares_account` says that the order's company pays from a bank account that this partner was ever paid on.
    """

    code: str
    status: str = "active"
    kind: str = "reseller"
    parent: str | None = None
    territories: frozenset[str] = frozenset()
    product_classes: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    vat_id: str = ""
    tail_until: datetime | None = None
    member_user_ids: frozenset[str] = frozenset()
    company: str = ""
    shares_account: bool = False


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything attribution may look at for one order and this one company."""

    order: OrderFacts
    lines: tuple[LineFact, ...]
    touches: tuple[Touch, ...] = ()
    relationships: tuple[RelationshipFact, ...] = ()
    deals: tuple[DealFact, ...] = ()
    overrides: tuple[OverrideFact, ...] = ()
    partners: tuple[PartnerFact, ...] = ()

    def partner(self, code: str) -> PartnerFact | None:
        return next((partner for partner in self.partners if partner.code == code), None)
