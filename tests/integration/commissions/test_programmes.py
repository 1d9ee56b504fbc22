"""Versions of commission programmes."""

from datetime import timedelta

import pytest

from channels.audit.models import AuditEvent
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import ProgrammeVersion
from channels.commissions.selectors.programmes import in_force, name_of
from channels.commissions.services import programmes
from channels.core.terms import TermsError
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


def test_publishing_checks_the_terms_and_leaves_a_trace() -> None:
    """Every mistake is named; a version with mistakes stays a draft."""
    draft = programmes.create_draft(programme="channel", terms={"rules": [{"id": "x"}], "bonus": 1}, at=NOON)
    with pytest.raises(TermsError) as caught:
        programmes.publish(version_id=draft.pk, at=NOON)
    assert "terms: bonus" not in caught.value.problems[0]
    assert len(caught.value.problems) == 3
    draft.refresh_from_db()
    assert (draft.status, draft.published_at) == (ProgrammeVersion.Status.DRAFT, None)

    finance = make.user()
    programmes.edit_draft(version_id=draft.pk, terms={"rules": money.DEFAULT_RULES}, at=NOON, by=finance)
    version = money.published(draft, at=NOON, by=finance, reason="First programme")
    assert version.terms == ProgrammeTerms.from_json({"rules": money.DEFAULT_RULES}).to_json()
    assert (version.effective_from, version.published_at, version.published_by) == (NOON, NOON, finance)
    rows = AuditEvent.objects.order_by("pk").values_list("verb", "actor", "subject_id", "reason")
    assert list(rows) == [
        ("programme.drafted", None, str(draft.pk), ""),
        ("programme.edited", finance.pk, str(draft.pk), ""),
        ("programme.simulated", None, str(draft.pk), ""),
        ("programme.published", finance.pk, str(draft.pk), "First programme"),
    ]


def test_a_version_does_not_reach_back() -> None:
    """Its first day is the day of publishing at the earliest."""
    draft = programmes.create_draft(programme="channel", at=NOON)
    with pytest.raises(programmes.EffectiveInThePast):
        programmes.publish(version_id=draft.pk, at=NOON, effective_from=NOON - timedelta(seconds=1))
    assert in_force(at=NOON) is None


def test_the_latest_version_that_has_begun_is_in_force() -> None:
    """Half-open: a version counts from its first instant on; drafts never do."""
    money.programme(at=NOON)
    later = NOON + timedelta(days=10)
    draft = programmes.create_draft(programme="channel", at=NOON)
    money.published(draft, at=NOON, effective_from=later)
    programmes.create_draft(programme="channel", at=NOON)
    names = {}
    for at in (NOON - timedelta(seconds=1), NOON, later - timedelta(seconds=1), later, later + timedelta(days=900)):
        version = in_force(at=at)
        names[at] = name_of(version) if version else None
    assert list(names.values()) == [None, "channel.v1", "channel.v1", "channel.v2", "channel.v2"]


def test_a_new_programme_replaces_the_old_one() -> None:
    """One programme is in force at any moment, so nothing is paid twice."""
    nord = make.partner("nord")
    money.programme(at=NOON)
    money.programme(at=NOON + timedelta(days=10), code="growth", rules=[{**money.DEFAULT_RULES[0], "rate_bp": 2_000}])
    for number, days in (("ORD-A", 9), ("ORD-B", 10)):
        order = money.credited(number, (nord, "resale", 10_000), placed_at=NOON + timedelta(days=days))
        money.paid(order)
    assert money.earned(nord) == [("RESALE", 15_00, "held"), ("RESALE", 20_00, "held")]
