"""Reads of the registration room: the staff's queue, duplicates, and requests to join."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from channels import api
from channels.contracts import FREE_MAIL, PartnerClaim
from shop import facts
from shop.companies.access import level_of
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Company, Membership
from shop.registration.models import Application, ApplicationEvent, Certificate, JoinRequest, VatCheck

State, Result = Application.State, VatCheck.Result
CUSTOMERS = (Company.Status.APPROVED, Company.Status.BLOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An application with what staff want to know before they decide."""

    application: Application
    days: int
    vat_check: VatCheck | None
    duplicates: list[Company]
    claims: tuple[PartnerClaim, ...]

    @property
    def company(self) -> Company:
        return self.application.company

    @property
    def is_contested(self) -> bool:
        """Another partner than the one they name has a say at the company."""
        named = self.application.introducer_code
        return bool(named) and any(claim.partner_code != named for claim in self.claims)


def domain_of(email: str) -> str:
    """Return the domain of an address that is its company's own, else ''."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in FREE_MAIL else domain


def queue(
    *, state: str = "", country: str = "", result: str = "", only_duplicates: bool = False, query: str = ""
) -> QuerySet[Application]:
    """Return the applications that pass every filter given, the oldest first; unconfirmed ones are nobody's yet."""
    rows = Application.objects.exclude(state=State.UNCONFIRMED).select_related("company", "join_request__company")
    if state:
        rows = rows.filter(state=state)
    if country:
        rows = rows.filter(company__country=country)
    if result:
        answered = VatCheck.objects.filter(vat_id=OuterRef("company__vat_id")).exclude(result=Result.UNCHECKED)
        rows = rows.filter(~Exists(answered) if result == Result.UNCHECKED else Exists(answered.filter(result=result)))
    if only_duplicates:
        rows = rows.filter(Exists(_alike(OuterRef("company__vat_id"), OuterRef("company__email_domain"))
                                  .exclude(pk=OuterRef("company_id"))))  # fmt: skip
    if query:
        rows = rows.filter(Q(company__name__icontains=query) | Q(company__vat_id__icontains=query))
    return rows.order_by("submitted_at", "pk")


def rows_of(applications: Iterable[Application], *, at: datetime) -> list[Row]:
    """Return what staff want to know of each, in as many queries for one as for a page of them."""
    found = list(applications)
    companies = [application.company for application in found]
    checks = {check.vat_id: check for check in VatCheck.objects.filter(vat_id__in={c.vat_id for c in companies} - {""})}
    alike = list(
        _known().filter(
            Q(vat_id__in={c.vat_id for c in companies} - {""})
            | Q(email_domain__in={c.email_domain for c in companies} - {""})
        )
    )
    claims = api.partner_claims(companies=[facts.company(company) for company in companies], at=at)
    return [
        Row(
            application=application,
            days=(at - application.submitted_at).days,
            vat_check=checks.get(application.company.vat_id),
            duplicates=[other for other in alike if _is_alike(application.company, other)],
            claims=claims.get(str(application.company.key), ()),
        )
        for application in found
    ]


def duplicates_of(company: Company) -> list[Company]:
    """Return the other companies with this one's VAT id or e-mail domain, those with the VAT id first."""
    found = _alike(company.vat_id, company.email_domain).exclude(pk=company.pk)
    return sorted(found, key=lambda other: (not company.vat_id or other.vat_id != company.vat_id, other.pk))


def to_join(company: Company) -> Company | None:
    """Return the customer whose administrators are to be asked whether this registration is one of theirs."""
    candidates = (other for other in duplicates_of(company) if other.status in CUSTOMERS)
    return next((other for other in candidates if administrators(other)), None)


def administrators(company: Company) -> list[Membership]:
    """Return the people who may let others into the company."""
    members = company.memberships.filter(is_confirmed=True, user__is_active=True)
    return [member for member in members.select_related("user", "role", "company") if lets_in(member)]


def lets_in(member: Membership | None) -> bool:
    """Tell whether a person may let others into the whole company."""
    return level_of(member, Capability.MANAGE_PEOPLE) == Level.COMPANY


def join_requests_for(member: Membership | None) -> QuerySet[JoinRequest]:
    """Return the open requests that a person may decide."""
    rows = JoinRequest.objects.filter(state=JoinRequest.State.OPEN).select_related("company", "application__applicant")
    return rows.filter(company=member.company_id) if member and lets_in(member) else rows.none()


def application_of(user: Any) -> Application | None:
    """Return the latest application of a user, with its company."""
    if not user.is_authenticated:
        return None
    return user.applications.select_related("company").order_by("-pk").first()


def certificates_of(application: Application) -> QuerySet[Certificate]:
    """Return an application's documents without their content."""
    return application.certificates.defer("content")


def story_of(application: Application) -> QuerySet[ApplicationEvent]:
    """Return what the applicant reads of an application's way: what we asked, answered and decided."""
    return application.events.filter(step__in=("ask", "answer", "reject", "approve")).order_by("-pk")


def _known() -> QuerySet[Company]:
    """The companies that a new one may be a duplicate of: neither unconfirmed nor joined to another."""
    return Company.objects.exclude(application__state__in=(State.UNCONFIRMED, State.JOINED))


def _alike(vat_id: Any, domain: Any) -> QuerySet[Company]:
    return _known().filter(Q(vat_id=vat_id) & ~Q(vat_id="") | Q(email_domain=domain) & ~Q(email_domain=""))


def _is_alike(company: Company, other: Company) -> bool:
    same = (company.vat_id and company.vat_id == other.vat_id) or (
        company.email_domain and company.email_domain == other.email_domain
    )
    return bool(same) and company.pk != other.pk
