"""Who stands for a company, and from when to when."""

import pytest

from channels.audit.models import AuditEvent
from channels.journeys.engine.stewardship import steward_on
from channels.journeys.models import Relationship, RelationshipEnd
from channels.journeys.selectors.facts import relationship_fact
from channels.journeys.services import relationships
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world() -> None:
    make.company()
    for code in ("alfa", "beta", "gamma"):
        make.partner(code)


def steward(code: str, since: float) -> None:
    relationships.set_renewal_steward(
        company_key="fjord", partner_code=code, valid_from=NOON + days(since), at=NOON, source="desk", evidence="letter"
    )


def on(day: float) -> str | None:
    facts = [relationship_fact(row) for row in Relationship.objects.select_related("end", "partner")]
    found = steward_on(facts, "", NOON + days(day))
    return found.partner if found else None


def test_a_new_steward_ends_the_one_before_at_its_own_start() -> None:
    steward("alfa", 0)
    steward("beta", 100)

    assert [on(day) for day in (-1, 0, 99.99, 100, 5000)] == [None, "alfa", "alfa", "beta", "beta"]
    ended = RelationshipEnd.objects.get()
    assert (ended.relationship.partner.code, ended.at, ended.reason) == ("alfa", NOON + days(100), "Beta takes over")
    assert Relationship.objects.filter(valid_to__isnull=False).count() == 0
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "relationship.added", "relationship.ended", "relationship.added",
    ]  # fmt: skip


def test_the_same_steward_again_changes_nothing() -> None:
    steward("alfa", 0)
    steward("alfa", 50)

    assert (Relationship.objects.count(), RelationshipEnd.objects.count(), AuditEvent.objects.count()) == (1, 0, 1)


def test_a_steward_set_in_between_stands_until_the_later_one() -> None:
    steward("alfa", 0)
    steward("beta", 100)
    steward("gamma", 40)

    assert [on(day) for day in (0, 39, 40, 99, 100)] == ["alfa", "alfa", "gamma", "gamma", "beta"]
    assert Relationship.objects.get(partner__code="gamma").valid_to == NOON + days(100)


def test_a_steward_replaced_on_its_first_day_never_was() -> None:
    steward("alfa", 0)
    steward("beta", 0)

    assert [on(day) for day in (0, 1)] == ["beta", "beta"]


def test_unknown_parties_are_refused() -> None:
    with pytest.raises(relationships.UnknownParty, match="nobody"):
        steward("nobody", 0)
    with pytest.raises(relationships.UnknownParty, match="bakken"):
        relationships.set_renewal_steward(
            company_key="bakken", partner_code="alfa", valid_from=NOON, at=NOON, source="desk"
        )
    assert Relationship.objects.count() == 0


def test_other_roles_stand_side_by_side_and_end_once() -> None:
    for code in ("alfa", "beta", "alfa"):
        relationships.set_relationship(
            company_key="fjord", partner_code=code, role="advisor", valid_from=NOON, at=NOON, source="desk"
        )
    assert list(Relationship.objects.order_by("id").values_list("partner__code", flat=True)) == ["alfa", "beta"]
    first = Relationship.objects.order_by("id")[0]

    with pytest.raises(relationships.EndNotAllowed):
        relationships.end(relationship_id=first.pk, ended_at=NOON - days(1), reason="x", at=NOON)
    relationships.end(relationship_id=first.pk, ended_at=NOON + days(1), reason="moved away", at=NOON)
    with pytest.raises(relationships.EndNotAllowed):
        relationships.end(relationship_id=first.pk, ended_at=NOON + days(2), reason="again", at=NOON)

    assert RelationshipEnd.objects.get().at == NOON + days(1)
    with pytest.raises(ValueError, match="set_renewal_steward"):
        relationships.set_relationship(
            company_key="fjord", partner_code="alfa", role="renewal_steward", valid_from=NOON, at=NOON, source="desk"
        )
