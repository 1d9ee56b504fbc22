"""Reads of tax: the rules in force, who is exempt, certificates for pages, and what an order was taxed."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.cache import cache
from django.db.models import Q, QuerySet

from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Location, Membership
from shop.registration.models import VatCheck
from shop.tax.engine.rounding import RateTotal, by_rate
from shop.tax.engine.sales import (
    STANDARD,
    UNION,
    BuyerFacts,
    Exemption,
    Rate,
    Registered,
    SellerFacts,
    VatAnswer,
)
from shop.tax.models import ExemptionCertificate, ProductRate, Seller, TaxRate

CACHE_KEY = "tax:rules"
# Processes that share no cache with the writer see a change this late, as with the version of the prices.
SECONDS = 10
Accepted = ExemptionCertificate.State.ACCEPTED


@dataclass(frozen=True, slots=True)
class Rules:
    """All that staff set about taxes, read at once. `certified` are the companies with an accepted certificate."""

    seller: SellerFacts
    rates: tuple[Rate, ...]
    codes: dict[int, str]  # by product class
    certified: frozenset[int]

    def code_of(self, product_class_id: int | None) -> str:
        return self.codes.get(product_class_id or 0, STANDARD)


def rules_in_force() -> Rules:
    """Return the rules as they were at most SECONDS ago; whoever changes one calls `services.rates.forget`."""
    return cast("Rules", cache.get_or_set(CACHE_KEY, _read, SECONDS))


def _read() -> Rules:
    row = Seller.objects.prefetch_related("registrations").get(is_current=True)
    fields = ("country", "valid_from", "valid_to")
    return Rules(
        seller=SellerFacts(
            code=row.code,
            country=row.country,
            rounding=row.rounding,
            without_vat_id=row.without_vat_id,
            registrations=tuple(
                Registered(*(getattr(found, name) for name in fields)) for found in row.registrations.all()
            ),
        ),
        rates=tuple(
            Rate(*found) for found in TaxRate.objects.values_list("country", "code", "rate", "valid_from", "valid_to")
        ),
        codes=dict(ProductRate.objects.values_list("product_class_id", "code")),
        certified=frozenset(ExemptionCertificate.objects.filter(state=Accepted).values_list("company_id", flat=True)),
    )


def buyer_facts(company: Company, location: Location | None, *, on: date) -> BuyerFacts:
    """Return what the rules ask of a buyer. A query each only for a certified company, and for a VAT id in the Union."""
    profile = location.tax_profile if location else Location.TaxProfile.COMPANY
    exemptions: tuple[Exemption, ...] = ()
    if profile == Location.TaxProfile.EXEMPT:
        exemptions = (Exemption(),)
    elif profile == Location.TaxProfile.COMPANY:
        exemptions = _certified(company, location, on=on)
    return BuyerFacts(
        country=company.country,
        vat=vat_answer((location.vat_id if location else "") or company.vat_id),
        exemptions=exemptions,
        is_taxed=profile == Location.TaxProfile.STANDARD,
    )


def _certified(company: Company, location: Location | None, *, on: date) -> tuple[Exemption, ...]:
    if company.pk not in rules_in_force().certified:
        return ()
    here = Q(location=None) | Q(location=location) if location else Q(location=None)
    found = ExemptionCertificate.objects.filter(
        here, company=company, state=Accepted, valid_from__lte=on, valid_to__gte=on
    )
    rows = found.order_by("pk").values_list("pk", "country", "number", "valid_to")
    return tuple(
        Exemption(country=country, number=number, certificate_id=pk, last_day=last.isoformat())
        for pk, country, number, last in rows
    )


def vat_answer(vat_id: str) -> VatAnswer:
    """Return what is known of a VAT id; a register's answer counts, and is looked for, in the Union only."""
    if not vat_id or rules_in_force().seller.country not in UNION:
        return VatAnswer(vat_id=vat_id)
    row = VatCheck.objects.filter(vat_id=vat_id).first()
    if row is None:
        return VatAnswer(vat_id=vat_id)
    return VatAnswer(
        vat_id=vat_id,
        result=row.result,
        source=row.source,
        checked_at=row.checked_at.isoformat() if row.checked_at else "",
        registered_name=row.registered_name,
    )


def certificates_of(membership: Membership | None) -> QuerySet[ExemptionCertificate]:
    """Return the company's certificates, without their files, for those who manage its places."""
    mine = within(
        membership, Capability.MANAGE_LOCATIONS, company="company_id", location="location_id", user="uploaded_by_id"
    )
    return ExemptionCertificate.objects.filter(mine).select_related("location").defer("content")


def certificate_queue(*, state: str = "", query: str = "") -> QuerySet[ExemptionCertificate]:
    """Return certificates for staff, without their files; the oldest that wait come first."""
    rows = ExemptionCertificate.objects.select_related("company", "location", "uploaded_by", "checked_by")
    if state:
        rows = rows.filter(state=state)
    if query:
        rows = rows.filter(Q(company__name__icontains=query) | Q(number__icontains=query))
    return rows.defer("content").order_by("uploaded_at", "pk")


def summary_of(order: Any) -> tuple[RateTotal, ...]:
    """Return what an order bears per rate, the highest first; nothing for orders of before there was a record."""
    record = getattr(order, "tax", None)
    return by_rate(record.lines.values_list("rate", "base", "tax")) if record else ()
