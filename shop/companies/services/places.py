"""Where a company works, what it books on, and the rules of its orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from channels import api
from shop.companies.models import Company, CostCentre, Location, LocationAddress

Kind = LocationAddress.Kind
# What we agree with a company, on the company itself.
TERMS = (
    "payment_terms_days", "payment_methods", "po_required", "po_pattern", "sales_rep",
)  # fmt: skip


@transaction.atomic
def save_location(
    *, location: Location, delivery: LocationAddress, invoice: LocationAddress | None, at: datetime, actor: Any
) -> Location:
    """Keep a location with its addresses; without an invoice address the delivery address is that too."""
    location.save()
    for kind, address in ((Kind.DELIVERY, delivery), (Kind.INVOICE, invoice)):
        if address is None:
            location.addresses.filter(kind=kind).delete()
        else:
            address.location, address.kind = location, kind
            address.save()
    _audit("company.location_saved", location.company, at, actor, location=location.pk, name=location.name)
    return location


@transaction.atomic
def save_cost_centre(*, cost_centre: CostCentre, at: datetime, actor: Any) -> CostCentre:
    cost_centre.save()
    _audit(
        "company.cost_centre_saved", cost_centre.company, at, actor, code=cost_centre.code, in_use=cost_centre.is_active
    )
    return cost_centre


@transaction.atomic
def save_rules(*, company: Company, po_required: bool, cost_centre_required: bool, at: datetime, actor: Any) -> None:
    """Set what each order of the company must carry."""
    company.po_required, company.cost_centre_required = po_required, cost_centre_required
    company.save(update_fields=["po_required", "cost_centre_required"])
    _audit("company.rules_saved", company, at, actor, po=po_required, cost_centre=cost_centre_required)


@transaction.atomic
def save_terms(*, company: Company, locations: Iterable[Location], at: datetime, actor: Any) -> None:
    """Keep what we agreed with a company: how it pays, and what differs at its locations."""
    company.save(update_fields=TERMS)
    for location in locations:
        location.save(update_fields=["payment_terms_days", "tax_profile"])
        _audit(
            "company.location_terms", company, at, actor,
            location=location.pk, days=location.payment_terms_days, tax=location.tax_profile,
        )  # fmt: skip
    _audit(
        "company.terms", company, at, actor, days=company.payment_terms_days, methods=company.payment_methods,
        po_required=company.po_required, sales_rep=company.sales_rep_id,
    )  # fmt: skip


def _audit(verb: str, company: Company, at: datetime, actor: Any, **data: Any) -> None:
    api.record_audit(verb=verb, subject=company, at=at, actor=actor, data=data)
