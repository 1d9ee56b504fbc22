"""Policy versions."""

import pytest
from django.db import IntegrityError, transaction

from channels.audit.models import AuditEvent
from channels.core.terms import TermsError
from channels.journeys.models import Policy
from channels.journeys.services import policies
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


def published(effective_from: object, **terms: object) -> Policy:
    policy = policies.draft(terms=terms, at=NOON)
    return policies.publish(policy_id=policy.pk, at=NOON, effective_from=effective_from)  # type: ignore[arg-type]


def test_the_version_in_force_is_that_of_the_day() -> None:
    first = published(NOON, window_days=90)
    second = published(NOON + days(10), window_days=30)
    policies.draft(terms={"window_days": 7}, at=NOON)

    with pytest.raises(policies.NoPolicy):
        policies.current(at=NOON - days(1))
    found = [policies.current(at=NOON + days(day)) for day in (0, 9.99, 10, 400)]
    assert found == [first, first, second, second]
    assert [policy.version for policy in (first, second)] == [1, 2]


def test_mistaken_terms_are_refused_all_at_once() -> None:
    with pytest.raises(TermsError) as refused:
        policies.draft(terms={"window_days": 0, "modle": "linear"}, at=NOON)
    assert refused.value.problems == ("window_days: must be at least 1, not 0", "modle: is not a known key")
    assert Policy.objects.count() == 0


def test_a_published_version_never_changes() -> None:
    policy = published(NOON, window_days=90)

    with pytest.raises(policies.AlreadyPublished):
        policies.change_draft(policy_id=policy.pk, terms={}, at=NOON)
    with pytest.raises(policies.AlreadyPublished):
        policies.publish(policy_id=policy.pk, at=NOON, effective_from=NOON)
    for change in (lambda: Policy.objects.update(reason="x"), lambda: Policy.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Policy.objects.get().terms["window_days"] == 90


def test_a_draft_changes_until_it_is_published() -> None:
    policy = policies.draft(terms={}, at=NOON, reason="first thoughts")
    policies.change_draft(policy_id=policy.pk, terms={"model": "linear"}, at=NOON, actor=make.user())

    assert Policy.objects.get().terms["model"] == "linear"
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "policy.drafted",
        "policy.changed",
    ]


def test_a_version_does_not_reach_back() -> None:
    policy = policies.draft(terms={}, at=NOON)
    with pytest.raises(policies.EffectiveInThePast):
        policies.publish(policy_id=policy.pk, at=NOON, effective_from=NOON - days(1))
    assert Policy.objects.get().status == "draft"
