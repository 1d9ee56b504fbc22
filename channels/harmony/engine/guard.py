"""The undercut guard: which partners a direct price would hurt, for how many units, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.harmony.engine.terms import Advertised, PartnerTerms, Product, advertised_price, buy_price, floor_of

BUY_PRICE = "buy_price"
ADVERTISED = "advertised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A direct price: `direct_minor` for all `quantity` units, so that a discount on several units stays exact."""

    key: str
    sku: str
    title: str
    product_class: str
    quantity: int
    direct_minor: int
    list_minor: int  # of one unit
    currency: str
    company_key: str = ""  # empty: every company


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A proposal below a floor. Amounts are for all units; `partner` is None for the minimum advertised price."""

    proposal: Proposal
    kind: str
    floor_minor: int
    gap_minor: int
    partner: int | None = None
    partner_code: str = ""
    partner_name: str = ""
    margin_bp: int = 0
    buy_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """An approved override: undercut this floor, but not below `direct_minor` for `quantity` units."""

    sku: str
    company_key: str
    kind: str
    partner: int | None
    quantity: int
    direct_minor: int
    currency: str

    def covers(self, finding: Finding) -> bool:
        proposal = finding.proposal
        return (
            self.sku == proposal.sku
            and self.company_key in ("", proposal.company_key)
            and (self.kind, self.partner, self.currency) == (finding.kind, finding.partner, proposal.currency)
            and proposal.direct_minor * self.quantity >= self.direct_minor * proposal.quantity
        )


def check(
    proposals: Iterable[Proposal], partners: Sequence[PartnerTerms], advertised: Sequence[Advertised], *, at: datetime
) -> list[Finding]:
    """Return one finding per proposal and partner whose floor it is below, and one per broken advertised minimum."""
    found: list[Finding] = []
    for proposal in proposals:
        product = Product(
            sku=proposal.sku,
            product_class=proposal.product_class,
            list_minor=proposal.list_minor,
            currency=proposal.currency,
        )
        found += _below_partners(proposal, product, partners, at)
        minimum = advertised_price(advertised, product, at=at)
        if minimum is not None and proposal.direct_minor < minimum * proposal.quantity:
            floor = minimum * proposal.quantity
            gap = floor - proposal.direct_minor
            found.append(Finding(proposal=proposal, kind=ADVERTISED, floor_minor=floor, gap_minor=gap))
    return found


def _below_partners(
    proposal: Proposal, product: Product, partners: Sequence[PartnerTerms], at: datetime
) -> list[Finding]:
    found = []
    for partner in partners:
        buy = buy_price(partner.terms, product, at=at)
        if buy is None:
            continue
        floor = floor_of(buy.minor, partner.margin_bp) * proposal.quantity
        if proposal.direct_minor < floor:
            found.append(
                Finding(
                    proposal=proposal,
                    kind=BUY_PRICE,
                    floor_minor=floor,
                    gap_minor=floor - proposal.direct_minor,
                    partner=partner.partner,
                    partner_code=partner.code,
                    partner_name=partner.name,
                    margin_bp=partner.margin_bp,
                    buy_minor=buy.minor * proposal.quantity,
                )
            )
    return found


def open_findings(findings: Iterable[Finding], leaves: Sequence[Leave]) -> list[Finding]:
    """Return the findings that nobody gave leave for."""
    return [finding for finding in findings if not any(leave.covers(finding) for leave in leaves)]
