"""Two records of one company become one, from now on; and apart again. Rows are only ever added."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.journeys.models import CompanyMerge, CompanyMergeEnd, CompanyProfile
from channels.journeys.selectors.companies import merges_at


class MergeNotAllowed(Exception):
    """A company is merged once, into one that stands for itself, and never into itself."""


@transaction.atomic
def merge(
    *, company_id: int, survivor_id: int, reason: str, at: datetime, actor: AbstractBaseUser | None = None
) -> CompanyMerge:
    """Let what is known of a company count for another, for the orders placed from `at` on. Raises MergeNotAllowed.

    Both rows are locked, so that two merges in opposite directions do not both happen.
    """
    if company_id == survivor_id:
        raise MergeNotAllowed(_("A company cannot be merged with itself."))
    rows = {row.pk: row for row in _locked(company_id, survivor_id)}
    company, survivor = rows[company_id], rows[survivor_id]
    for row in (company, survivor):
        taken = merges_at(at).filter(company=row).select_related("survivor").first()
        if taken is not None:
            raise MergeNotAllowed(
                _("%(company)s was merged into %(survivor)s already. Choose that one.")
                % {"company": row.name, "survivor": taken.survivor.name}
            )
    made = CompanyMerge.objects.create(
        company=company, survivor=survivor, at=at, reason=reason[:255], recorded_by_id=actor.pk if actor else None
    )
    record(
        verb="company.merged", subject=company, at=at, actor=actor, reason=reason,
        data={"company": company.key, "survivor": survivor.key},
    )  # fmt: skip
    return made


@transaction.atomic
def undo(*, merge_id: int, reason: str, at: datetime, actor: AbstractBaseUser | None = None) -> CompanyMergeEnd:
    """Take a merge back: orders placed from `at` on see two companies again. Raises MergeNotAllowed."""
    found = CompanyMerge.objects.select_related("company", "survivor").get(pk=merge_id)
    _locked(found.company_id, found.survivor_id)
    if CompanyMergeEnd.objects.filter(merge=found).exists():
        raise MergeNotAllowed(_("This merge was undone already."))
    ended = CompanyMergeEnd.objects.create(
        merge=found, at=at, reason=reason[:255], recorded_by_id=actor.pk if actor else None
    )
    record(
        verb="company.merge_undone", subject=found.company, at=at, actor=actor, reason=reason,
        data={"company": found.company.key, "survivor": found.survivor.key},
    )  # fmt: skip
    return ended


def _locked(*company_ids: int) -> list[CompanyProfile]:
    return list(CompanyProfile.objects.select_for_update().filter(pk__in=company_ids).order_by("pk"))
