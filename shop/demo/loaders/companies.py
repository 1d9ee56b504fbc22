"""The twelve business customers, their people and their addresses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from oscar.apps.address.models import Country, UserAddress

from channels import api
from shop import facts
from shop.companies.models import Company, Membership
from shop.demo.catalogue_file import read
from shop.demo.loaders import people
from shop.demo.loaders.clock import Clock
from shop.registration.models import Application
from shop.registration.services import steps


@dataclass(frozen=True)
class Customer:
    """A company as the history uses it."""

    slug: str
    company: Company
    introduced: str
    buyers: list[Any] = field(default_factory=list)
    address: UserAddress | None = None

    @property
    def may_order(self) -> bool:
        return self.company.may_order


def rows() -> list[dict[str, Any]]:
    return list(read("companies.toml")["company"])


def load(*, clock: Clock) -> dict[str, Customer]:
    countries = {country.pk: country for country in Country.objects.all()}
    return {row["slug"]: _load_one(row, countries, clock=clock) for row in rows()}


def _load_one(row: dict[str, Any], countries: dict[str, Country], *, clock: Clock) -> Customer:
    is_new = row.get("status") == Company.Status.PENDING
    joined = clock.ago(2) if is_new else clock.ago(clock.days + 10)
    company = Company.objects.create(
        key=uuid5(NAMESPACE_DNS, f"{row['slug']}.example.com"),
        name=row["name"],
        vat_id=row["vat_id"],
        country=row["country"],
        status=row.get("status", Company.Status.APPROVED),
        segment=row["segment"],
        email_domain=f"{row['slug']}.example.com",
        payment_terms_days=row["terms_days"],
        po_required=row.get("po_required", False),
        created_at=joined,
    )
    users = people.make(row["people"], joined=joined)
    for user, person in zip(users, row["people"], strict=True):
        Membership.objects.create(user=user, company=company, role_id=person["role"])
    addresses = [_address(row, kind, users[0], countries) for kind in ("delivery", "address") if kind in row]
    api.record_company(facts.company(company))
    if is_new:
        _apply(company, users[0], at=joined)
    buyers = [user for user, person in zip(users, row["people"], strict=True) if person["role"] != "viewer"]
    return Customer(
        slug=row["slug"], company=company, introduced=row["introduced"], buyers=buyers, address=addresses[0]
    )


def _apply(company: Company, applicant: Any, *, at: datetime) -> None:
    """Put a company that waits into the staff's queue, its address confirmed."""
    application = Application.objects.create(company=company, applicant=applicant, submitted_at=at, language="en")
    steps.take(application_id=application.pk, step=steps.Step.CONFIRM, at=at)


def _address(row: dict[str, Any], kind: str, user: Any, countries: dict[str, Country]) -> UserAddress:
    """A separate delivery address is where goods go; else the only address serves both."""
    given = row[kind]
    is_delivery = kind == "delivery" or "delivery" not in row
    address = UserAddress(
        user=user,
        first_name=user.first_name,
        last_name=user.last_name,
        line1=row["name"],
        line2=given["line1"],
        line4=given["city"],
        state=given.get("state", ""),
        postcode=given["postcode"],
        phone_number=given["phone"],
        country=countries[row["country"]],
        is_default_for_shipping=is_delivery,
        is_default_for_billing=kind == "address",
    )
    address.save()
    return address
