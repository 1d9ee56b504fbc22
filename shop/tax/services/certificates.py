"""Exemption certificates: given by a company, looked at by staff, ended by their last day."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from channels import api
from shop.companies import confirmations
from shop.companies.models import Company, Location
from shop.registration.documents import Document
from shop.registration.selectors import administrators
from shop.tax.models import ExemptionCertificate
from shop.tax.services import rates

State = ExemptionCertificate.State
REMIND_BEFORE = timedelta(days=30)


class NotPossible(Exception):
    """Somebody else decided about the certificate meanwhile."""


@transaction.atomic
def upload(
    *,
    company: Company,
    location: Location | None,
    country: str,
    number: str,
    valid_from: date,
    valid_to: date,
    document: Document,
    at: datetime,
    by: Any,
) -> ExemptionCertificate:
    """Keep a certificate for staff to look at; the same file again is the first one, unless it was refused.

    Raises ValidationError for a file that was refused or has expired: it will not do a second time.
    """
    row, is_new = ExemptionCertificate.objects.get_or_create(
        company=company,
        sha256=hashlib.sha256(document.content).hexdigest(),
        defaults={
            "location": location,
            "country": country,
            "number": number,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "content": document.content,
            "media_type": document.media_type,
            "size": len(document.content),
            "uploaded_at": at,
            "uploaded_by": by,
        },
    )
    if not is_new and row.state not in (State.WAITING, State.ACCEPTED):
        raise ValidationError(_("We have this document already. Please send the one that replaces it."))
    return row


def accept(*, certificate_id: int, at: datetime, by: Any) -> ExemptionCertificate:
    """Let the certificate exempt, within its days. Raises NotPossible."""
    return _decide(certificate_id, State.ACCEPTED, at=at, by=by, reason="")


def refuse(*, certificate_id: int, reason: str, at: datetime, by: Any) -> ExemptionCertificate:
    """Refuse the certificate, or take back that it was accepted; the company reads the reason. Raises NotPossible."""
    return _decide(certificate_id, State.REFUSED, at=at, by=by, reason=reason)


@transaction.atomic
def _decide(certificate_id: int, state: str, *, at: datetime, by: Any, reason: str) -> ExemptionCertificate:
    rows = ExemptionCertificate.objects.select_for_update(of=("self",)).select_related("company", "uploaded_by")
    row = rows.get(pk=certificate_id)
    before = (State.WAITING,) if state == State.ACCEPTED else (State.WAITING, State.ACCEPTED)
    if row.state not in before:
        raise NotPossible(_("This certificate has been decided in the meantime. Look again."))
    row.state, row.checked_at, row.checked_by, row.reason = state, at, by, reason
    row.save(update_fields=["state", "checked_at", "checked_by", "reason"])
    api.record_audit(verb=f"exemption.{state}", subject=row, at=at, actor=by, reason=reason)
    rates.forget()
    _mail("exemption_decided", row)
    return row


@transaction.atomic
def end_due(*, now: datetime, today: date) -> dict[str, int]:
    """Mark the certificates whose last day has passed, and write once to companies whose last day comes near."""
    open_rows = ExemptionCertificate.objects.select_for_update().filter(state=State.ACCEPTED)
    ended = open_rows.filter(valid_to__lt=today).update(state=State.EXPIRED)
    if ended:
        rates.forget()
    reminded = 0
    for row in open_rows.filter(valid_to__lte=today + REMIND_BEFORE, reminded_at=None).defer("content"):
        row.reminded_at = now
        row.save(update_fields=["reminded_at"])
        _mail("exemption_ends", row)
        reminded += 1
    return {"certificates expired": ended, "certificates reminded of": reminded}


def _mail(template: str, row: ExemptionCertificate) -> None:
    """Write to whoever gave us the certificate; after they left, to the company's administrators."""
    giver = row.uploaded_by if row.uploaded_by and row.uploaded_by.is_active else None
    people = [giver] if giver else [member.user for member in administrators(row.company)]
    with override(settings.LANGUAGE_CODE):
        path = reverse("customer:company-tax")
        for person in people:
            confirmations.mail(template, to=person.email, certificate=row, path=path)
