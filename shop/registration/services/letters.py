"""Mails about applications: in the applicant's language, after the commit."""

from typing import Any

from django.utils import translation

from shop.companies import confirmations
from shop.registration.models import Application


def send(template: str, application: Application, **context: Any) -> None:
    """Mail the applicant; nobody when the account is gone."""
    person: Any = application.applicant
    if person is None:
        return
    with translation.override(application.language):
        confirmations.mail(template, to=person.email, user=person, company=application.company, **context)
