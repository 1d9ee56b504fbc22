"""Requests to join: a customer's administrators say whether a registration is one of theirs.

The applicant is told nothing of it until somebody lets them in, so that nobody learns here who is a customer.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from shop.companies import confirmations
from shop.companies.models import Company, Membership, Role
from shop.registration import selectors
from shop.registration.models import Application, JoinRequest
from shop.registration.services import letters, steps
from shop.registration.services.steps import NotPossible, Step

# Whoever registers a company again and again does not fill its administrators' mailboxes: the rest stands on the page.
MAILS_A_DAY = 3
DAY = timedelta(days=1)

State = JoinRequest.State


@transaction.atomic
def ask(*, application: Application, company: Company, at: datetime) -> JoinRequest:
    """Ask a customer's administrators, by a mail to each while there were few that day."""
    Company.objects.select_for_update().get(pk=company.pk)  # two at once are counted one after the other
    told = company.join_requests.filter(told_at__gt=at - DAY).count()
    request = JoinRequest.objects.create(
        application=application, company=company, asked_at=at, told_at=at if told < MAILS_A_DAY else None
    )
    if request.told_at:
        for member in selectors.administrators(company):
            confirmations.mail("join_request", to=member.user.email, user=member.user, company=company,
                               person=application.applicant)  # fmt: skip
    return request


@transaction.atomic
def accept(*, request_id: int, role: Role, at: datetime, by: Any) -> JoinRequest:
    """Take the applicant into the company, in this role; their own registration ends. Raises NotPossible."""
    request = JoinRequest.objects.select_related("company").get(pk=request_id)
    if role.company_id not in (None, request.company_id):
        raise ValueError("a role of another company")
    joined = {"company": request.company_id, "name": request.company.name, "role": role.pk}
    application = steps.take(application_id=request.application_id, step=Step.JOIN, at=at, data=joined)
    decided = _decide(request_id, State.ACCEPTED, at=at, by=by)
    for member in Membership.objects.filter(company=application.company):
        member.company, member.role = request.company, role
        member.save(update_fields=["company", "role"])
    letters.send("join_accepted", application, customer=request.company)
    return decided


@transaction.atomic
def decline(*, request_id: int, at: datetime, by: Any) -> JoinRequest:
    """Say that the applicant is none of the company's; staff decide on the registration. Raises NotPossible."""
    request = JoinRequest.objects.get(pk=request_id)
    steps.take(application_id=request.application_id, step=Step.DECLINE, at=at)
    return _decide(request_id, State.DECLINED, at=at, by=by)


def _decide(request_id: int, state: State, *, at: datetime, by: Any) -> JoinRequest:
    """Decide a request under the lock of its application."""
    request = JoinRequest.objects.select_related("company").get(pk=request_id)
    if request.state != State.OPEN:
        raise NotPossible
    request.state, request.decided_at, request.decided_by = state, at, by
    request.save(update_fields=["state", "decided_at", "decided_by"])
    return request
