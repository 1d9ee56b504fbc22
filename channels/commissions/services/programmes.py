"""Versions of commission programmes: drafted, edited, published, and then never changed."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import Programme, ProgrammeVersion
from channels.commissions.selectors import simulations


class AlreadyPublished(Exception):
    """A published version does not change; draft the next one."""


class EffectiveInThePast(Exception):
    """A version cannot reach back behind the moment at which it is published."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the draft since it was looked at; their work is not overwritten."""


class NotSimulated(Exception):
    """Nobody has seen yet what the final text of the draft would have paid."""


@transaction.atomic
def create_draft(
    *,
    programme: str,
    terms: dict[str, Any] | None = None,
    at: datetime,
    by: AbstractBaseUser | None = None,
    name: str = "",
    reason: str = "",
) -> ProgrammeVersion:
    """Draft the next version of the programme with this code; without terms, a copy of its latest version.

    A draft may be incomplete: its terms are checked when it is published. Two drafts at once: the version's uniqueness
    refuses the second.
    """
    owner, _created = Programme.objects.get_or_create(code=programme, defaults={"name": name or programme})
    latest = owner.versions.order_by("-version").first()
    if terms is None:
        terms = latest.terms if latest else ProgrammeTerms().to_json()
    number = (owner.versions.aggregate(latest=Max("version"))["latest"] or 0) + 1
    version = owner.versions.create(version=number, terms=terms, reason=reason)
    record(verb="programme.drafted", subject=version, at=at, actor=by, reason=reason)
    return version


@transaction.atomic
def edit_draft(
    *,
    version_id: int,
    terms: dict[str, Any],
    at: datetime,
    by: AbstractBaseUser | None = None,
    reason: str = "",
    seen: dict[str, Any] | None = None,
) -> ProgrammeVersion:
    """Replace a draft's terms. Raises AlreadyPublished, or ChangedMeanwhile when `seen` are not its terms any more."""
    version = _locked_draft(version_id)
    if seen is not None and seen != version.terms:
        raise ChangedMeanwhile(_("somebody else changed the draft meanwhile: look at it again, and repeat your change"))
    version.terms, version.reason = terms, reason or version.reason
    version.save(update_fields=["terms", "reason"])
    record(verb="programme.edited", subject=version, at=at, actor=by, reason=reason)
    return version


@transaction.atomic
def publish(
    *,
    version_id: int,
    at: datetime,
    effective_from: datetime | None = None,
    by: AbstractBaseUser | None = None,
    reason: str = "",
) -> ProgrammeVersion:
    """Put a draft in force for orders placed from `effective_from` on, `at` unless said.

    Raises TermsError naming every mistake, EffectiveInThePast, AlreadyPublished, or NotSimulated when no finished
    simulation has this very text. One over no orders counts while there are none that it could have replayed.
    """
    version = _locked_draft(version_id)
    effective_from = effective_from or at
    if effective_from < at:
        raise EffectiveInThePast(
            _("%(from)s is before %(now)s")
            % {"from": f"{effective_from:%Y-%m-%d %H:%M}", "now": f"{at:%Y-%m-%d %H:%M}"}
        )
    if simulations.final_run(version) is None:
        raise NotSimulated(_("simulate the draft first: its text has changed since the last run, or it never had one"))
    version.terms = ProgrammeTerms.from_json(version.terms).to_json()
    version.status = ProgrammeVersion.Status.PUBLISHED
    version.effective_from, version.published_at, version.published_by_id = effective_from, at, by.pk if by else None
    version.reason = reason or version.reason
    version.save()
    record(
        verb="programme.published",
        subject=version,
        at=at,
        actor=by,
        reason=reason,
        data={"version": version.version, "effective_from": effective_from.isoformat()},
    )
    return version


def _locked_draft(version_id: int) -> ProgrammeVersion:
    version = ProgrammeVersion.objects.select_for_update(of=("self",)).select_related("programme").get(pk=version_id)
    if version.status == ProgrammeVersion.Status.PUBLISHED:
        raise AlreadyPublished(str(version))
    return version
