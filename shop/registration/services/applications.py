"""Applying for an account, and deciding on it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from oscar.apps.customer.forms import generate_username
from oscar.apps.customer.utils import normalise_email

from channels import api
from channels.contracts import Introducer
from shop import facts
from shop.companies import confirmations
from shop.companies.capabilities import StandardRole
from shop.companies.models import Company, Membership
from shop.credit.services import accounts as credit_accounts
from shop.pricing.models import PriceList
from shop.pricing.services import lists
from shop.registration import selectors
from shop.registration.documents import Document
from shop.registration.models import Application, Certificate, JoinRequest
from shop.registration.services import introductions, joins, letters, steps, turns, vat_checks
from shop.registration.services.steps import Step
from shop.segments.services import groups

State = Application.State
# What an approval writes on the company itself.
AGREED = ("payment_terms_days", "payment_methods", "po_required", "sales_rep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an applicant says of the company and of themselves. `vat_id` is normalised, the rest as typed."""

    company_name: str
    country: str
    first_name: str
    last_name: str
    password: str
    vat_id: str = ""
    introducer: Introducer | None = None
    certificate: Document | None = None
    visitor_key: str = ""
    language: str = settings.LANGUAGE_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an approval settles. Without `credits_introduction` the partner that they name gets no touchpoint."""

    payment_terms_days: int = 30
    payment_methods: tuple[str, ...] = ()  # Company.PaymentMethod; none is all
    po_required: bool = False
    group_id: int | None = None
    price_list_id: int | None = None
    sales_rep_id: int | None = None
    credit_limit: Decimal | None = None
    credit_currency: str = settings.OSCAR_DEFAULT_CURRENCY
    credits_introduction: bool = True

    def as_data(self) -> dict[str, Any]:
        """Return the terms as plain values, for the event that keeps them."""
        return {**asdict(self), "credit_limit": None if self.credit_limit is None else str(self.credit_limit)}


@transaction.atomic
def register(*, email: str, details: Details, at: datetime, next_url: str = "", may_mail: bool = True) -> str:
    """Take an application, or replace the one of this address that nobody confirmed; its links stop working then.

    A mail with a link to confirm the address goes out, and its path is returned. When the address has an account its
    owner is told instead, and '' is returned: nothing is written, with as much work done, so that time tells nothing.
    Without `may_mail` the address has had enough mails for now, and gets none.
    """
    email = normalise_email(email)
    turns.wait_for(email)
    application = unconfirmed(email)
    known = None if application else get_user_model().objects.filter(email__iexact=email).first()
    if known:
        make_password(details.password)
        if may_mail:
            confirmations.mail("registration_known", to=known.email, user=known)
        return ""
    application = application or _new(email=email, at=at)
    _fill_in(application, details, at=at)
    path = confirmations.link(confirmations.REGISTRATION, user=application.applicant, email=email)
    path += "?" + urlencode({"next": next_url}) if next_url else ""
    if may_mail:
        confirmations.mail("registration", to=email, user=application.applicant, path=path)
    return path


def unconfirmed(email: str) -> Application | None:
    """Return the application of this address that nobody has confirmed yet."""
    waiting = Application.objects.filter(
        state=State.UNCONFIRMED, applicant__email__iexact=email, applicant__is_active=False
    )
    return waiting.select_related("applicant", "company").first()


@transaction.atomic
def confirm(*, user: Any, at: datetime) -> Application:
    """Let a registered user in and hand the application on: to the customer it duplicates, to staff, or straight through.

    ACCORD_COMPANY_AUTO_APPROVE approves what duplicates nothing. Raises Application.DoesNotExist.
    """
    waiting = Application.objects.select_related("company").get(applicant=user, state=State.UNCONFIRMED)
    turns.wait_for(waiting.company.vat_id, waiting.company.email_domain)  # of two alike the second is a duplicate
    application = steps.take(application_id=waiting.pk, step=Step.CONFIRM, at=at)
    company = application.company
    user.is_active = True
    user.save(update_fields=["is_active"])
    Membership.objects.filter(user=user, company=company).update(is_confirmed=True)
    api.record_company(facts.company(company))
    vat_checks.request(vat_id=company.vat_id, now=at)
    if customer := selectors.to_join(company):
        joins.ask(application=application, company=customer, at=at)
    elif settings.ACCORD_COMPANY_AUTO_APPROVE and not selectors.duplicates_of(company):
        return approve(application_id=application.pk, terms=Terms(), at=at)
    return application


@transaction.atomic
def approve(*, application_id: int, terms: Terms, at: datetime, by: Any = None, seen: int | None = None) -> Application:
    """Make the company a customer on these terms; raises NotPossible. Without `by` it was automatic and nobody is told."""
    application = steps.take(
        application_id=application_id, step=Step.APPROVE, at=at, by=by, data=terms.as_data(), seen=seen
    )
    company = application.company
    company.payment_terms_days = terms.payment_terms_days
    company.payment_methods = list(terms.payment_methods)
    company.po_required = terms.po_required
    company.sales_rep_id = terms.sales_rep_id
    company.save(update_fields=AGREED)
    if terms.credit_limit is not None:
        credit_accounts.set_limit(
            company=company,
            currency=terms.credit_currency,
            limit=terms.credit_limit,
            key=f"approved:{application.pk}:{at.isoformat()}",
            at=at,
            by=by,
        )
    if terms.group_id:
        groups.add_member(group_id=terms.group_id, company=company, actor=by, now=at)
    if terms.price_list_id:
        lists.assign(price_list=PriceList.objects.get(pk=terms.price_list_id), company=company, at=at, by=by)
    if terms.credits_introduction:
        introductions.record(application)
    _overtake(application, at)
    if by is not None:
        letters.send("application_approved", application)
    return application


@transaction.atomic
def reject(*, application_id: int, reason: str, at: datetime, by: Any, seen: int | None = None) -> Application:
    """Refuse an application; the applicant is told the reason. Raises NotPossible."""
    application = steps.take(application_id=application_id, step=Step.REJECT, at=at, by=by, text=reason, seen=seen)
    _overtake(application, at)
    letters.send("application_rejected", application, reason=reason)
    return application


@transaction.atomic
def ask(*, application_id: int, question: str, at: datetime, by: Any, seen: int | None = None) -> Application:
    """Ask the applicant for more; it comes back to the queue with the answer. Raises NotPossible."""
    application = steps.take(application_id=application_id, step=Step.ASK, at=at, by=by, text=question, seen=seen)
    letters.send("application_question", application, question=question)
    return application


@transaction.atomic
def answer(*, application_id: int, text: str, document: Document | None, at: datetime) -> Application:
    """Take the applicant's answer and bring the application back to the queue. Raises NotPossible."""
    application = steps.take(application_id=application_id, step=Step.ANSWER, at=at, text=text)
    if document:
        _attach(application, document, at=at)
    return application


def _new(*, email: str, at: datetime) -> Application:
    user = get_user_model()(username=generate_username(), email=email, is_active=False, date_joined=at)
    user.set_unusable_password()
    user.save()
    company = Company.objects.create(email_domain=selectors.domain_of(email), created_at=at)
    Membership.objects.create(user=user, company=company, role_id=StandardRole.ADMIN, is_confirmed=False)
    return Application(company=company, applicant=user)


def _fill_in(application: Application, details: Details, *, at: datetime) -> None:
    user: Any = application.applicant
    user.first_name, user.last_name = details.first_name, details.last_name
    user.set_password(details.password)
    user.save()
    company = application.company
    company.name, company.country, company.vat_id = details.company_name, details.country, details.vat_id
    company.save(update_fields=["name", "country", "vat_id"])
    named = details.introducer or Introducer(partner_code="", partner_name="")
    application.introducer_code, application.introducer_name = named.partner_code, named.partner_name
    application.link_code, application.visitor_key = named.link_code, details.visitor_key
    application.language, application.submitted_at = details.language, at
    application.save()
    application.certificates.all().delete()
    if details.certificate:
        _attach(application, details.certificate, at=at)


def _attach(application: Application, document: Document, *, at: datetime) -> None:
    Certificate.objects.create(
        application=application,
        content=document.content,
        media_type=document.media_type,
        size=len(document.content),
        sha256=sha256(document.content).hexdigest(),
        uploaded_at=at,
    )


def _overtake(application: Application, at: datetime) -> None:
    """Staff decided: the customer's administrators have nothing to decide any more."""
    JoinRequest.objects.filter(application=application, state=JoinRequest.State.OPEN).update(
        state=JoinRequest.State.OVERTAKEN, decided_at=at
    )
