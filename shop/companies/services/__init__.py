"""Changing a company's standing, and who acts for it; the rest by subject in the modules."""

from typing import Any

from django.db import transaction

from shop.companies.models import Company, Membership


def set_status(*, company: Company, status: Company.Status, reason: str = "") -> None:
    """Approve, reject or block a company; its people keep their login and their basket."""
    company.status = status
    company.status_reason = reason
    company.save(update_fields=["status", "status_reason"])


@transaction.atomic
def act_for(*, user: Any, company: Company) -> None:
    """Make the company the one the user acts for."""
    Membership.objects.filter(user=user).update(is_default=False)
    Membership.objects.filter(user=user, company=company).update(is_default=True)
