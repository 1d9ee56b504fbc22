"""Another partner of record: the company wishes it, the partner accepts, and what was earned before stays."""

from datetime import UTC, date, datetime, time

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_noop, override

from channels.audit.services import record
from channels.core.ids import key
from channels.journeys.models import PartnerChange
from channels.journeys.selectors.choices import partner_of_record
from channels.journeys.services.relationships import UnknownParty, lock_company, set_renewal_steward
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

State = PartnerChange.State
ASKED = gettext_noop("%(company)s would like you as its partner of record")
ASKED_BODY = gettext_noop(
    "%(company)s asks you to look after it from %(day)s. Accept or decline on your customers' page."
)
PASSED_ON = gettext_noop("%(company)s changes its partner of record on %(day)s")
PASSED_ON_BODY = gettext_noop(
    "From that day another partner looks after %(company)s. What you were credited for until then stays yours."
)


class NotAsked(Exception):
    """There is no such wish, or it was answered."""


@transaction.atomic
def request_partner_change(
    *, company_key: str, partner_code: str, effective_on: date, at: datetime, actor: AbstractBaseUser | None
) -> None:
    """Ask a partner to stand for the company from a day on; a wish that still waits is replaced. Raises UnknownParty."""
    company = lock_company(company_key)
    partner = ChannelPartner.objects.filter(code=partner_code, status=ChannelPartner.Status.ACTIVE).first()
    if partner is None:
        raise UnknownParty(partner_code)
    withdraw_partner_change(company_key=company_key, at=at, actor=actor)
    change = PartnerChange.objects.create(
        company=company, partner=partner, effective_on=effective_on, asked_at=at,
        asked_by_id=actor.pk if actor else None,
    )  # fmt: skip
    record(
        verb="partner_change.asked", subject=change, at=at, actor=actor,
        data={"company": company.key, "partner": partner.code, "from": effective_on.isoformat()},
    )  # fmt: skip
    _tell(partner.pk, change, ASKED, ASKED_BODY, "asked", at, path=reverse("portal:partner-changes"))


@transaction.atomic
def withdraw_partner_change(*, company_key: str, at: datetime, actor: AbstractBaseUser | None) -> None:
    """Take back the wish that waits; nothing without one."""
    lock_company(company_key)
    for change in PartnerChange.objects.filter(company__key=company_key, state=State.ASKED):
        _answer(change, State.WITHDRAWN, at=at, actor=actor)


@transaction.atomic
def answer(
    *, change_id: int, partner_id: int, is_accepted: bool, at: datetime, actor: AbstractBaseUser | None
) -> PartnerChange:
    """Take the partner's answer. Raises NotAsked.

    Accepted, the partner is renewal steward from the day that was asked for, or from now when that has passed. Nothing
    of the time before changes: relationships are only ever added, and orders keep their credits.
    """
    change = PartnerChange.objects.select_related("company").filter(pk=change_id).first()
    if change is None:
        raise NotAsked(change_id)
    lock_company(change.company.key)
    change = PartnerChange.objects.select_related("company", "partner", "asked_by").get(pk=change_id)
    if change.partner_id != partner_id or change.state != State.ASKED:
        raise NotAsked(change_id)
    _answer(change, State.ACCEPTED if is_accepted else State.DECLINED, at=at, actor=actor)
    if is_accepted:
        _take_effect(change, at=at, actor=actor)
    _mail(change)
    return change


def _take_effect(change: PartnerChange, *, at: datetime, actor: AbstractBaseUser | None) -> None:
    company = change.company
    before = partner_of_record(company_key=company.key, at=at)
    set_renewal_steward(
        company_key=company.key,
        partner_code=change.partner.code,
        valid_from=max(datetime.combine(change.effective_on, time.min, UTC), at),
        at=at,
        source="buyer",
        evidence="The company's wish, accepted by the partner",
        actor=actor,
    )
    if before is not None and before.code != change.partner.code:
        old = ChannelPartner.objects.get(code=before.code)
        _tell(old.pk, change, PASSED_ON, PASSED_ON_BODY, "passed-on", at, path=reverse("portal:customers"))


def _answer(change: PartnerChange, state: str, *, at: datetime, actor: AbstractBaseUser | None) -> None:
    change.state, change.answered_at = state, at
    change.save(update_fields=["state", "answered_at"])
    record(verb=f"partner_change.{state}", subject=change, at=at, actor=actor)


def _tell(
    partner_id: int, change: PartnerChange, subject: str, body: str, step: str, at: datetime, *, path: str
) -> None:
    tell(
        partner_id=partner_id, kind=f"partner_change.{step}", subject=subject, body=body,
        key=key("partner-change", change.pk, step), at=at, path=path,
        params={"company": change.company.name, "day": change.effective_on.isoformat()},
    )  # fmt: skip


def _mail(change: PartnerChange) -> None:
    """Write the answer to whoever asked, after the commit."""
    asker = change.asked_by
    if asker is None:
        return
    context = {"change": change, "is_accepted": change.state == State.ACCEPTED, "shop_name": settings.OSCAR_SHOP_NAME}
    with override(settings.LANGUAGE_CODE):
        subject, _, body = render_to_string("emails/partner_change.txt", context).strip().partition("\n")
    to = [getattr(asker, "email", "")]
    transaction.on_commit(lambda: send_mail(subject, body.strip(), settings.DEFAULT_FROM_EMAIL, to), robust=True)
