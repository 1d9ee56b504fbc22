"""Customer groups: who is in by rule and by hand, and that rebuilding again changes nothing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.cache import cache

from channels.contracts import Channel
from channels.journeys.services.relationships import set_renewal_steward
from shop.companies.models import Company
from shop.segments import audiences
from shop.segments.engine.conditions import Conditions
from shop.segments.members import matching
from shop.segments.models import CustomerGroup, GroupMember
from shop.segments.services import groups
from shop.segments.services.groups import GroupRefused, Moved
from shop.segments.wording import rule_sentences
from tests.factories import channels as channel
from tests.factories import shop as make

pytestmark = pytest.mark.django_db
NOW = make.NOW
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def group(rule: Conditions | None = None, **values: Any) -> CustomerGroup:
    number = CustomerGroup.objects.count()
    defaults: dict[str, Any] = {"name": f"Group {number}", "code": f"group-{number}", "description": "", "priority": 0}
    return groups.save(**{**defaults, **values}, rule=rule or Conditions())


def members(of: CustomerGroup) -> dict[str, bool]:
    return dict(GroupMember.objects.filter(group=of).values_list("company__name", "is_by_hand"))


def three() -> list[Company]:
    return [
        make.company(name="Fjord", country="NO", segment="food"),
        make.company(name="Elbe", country="DE", segment="food", status=Company.Status.PENDING),
        make.company(name="Alster", country="DE", segment="energy", created_at=datetime(2024, 1, 1, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"countries": ("DE",)}, {"Elbe", "Alster"}),
        ({"countries": ("DE", "NO"), "segments": ("food",)}, {"Fjord", "Elbe"}),
        ({"statuses": ("approved",)}, {"Fjord", "Alster"}),
        ({"registered_from": date(2026, 3, 2)}, {"Fjord", "Elbe"}),
        ({"channel": "direct"}, {"Fjord", "Elbe", "Alster"}),
        ({"channel": "reseller"}, set()),
        ({"acquired": "direct"}, set()),
        ({"spent_minor": 1}, set()),
    ],
)
def test_a_rule_finds_its_companies(asked: dict[str, Any], found: set[str]) -> None:
    three()
    ids = matching(Conditions(**asked), at=NOW)
    assert set(Company.objects.filter(pk__in=ids).values_list("name", flat=True)) == found


def test_spending_counts_goods_in_the_window_and_acquisition_the_first_order() -> None:
    buyer = make.buyer(make.company(name="Fjord"))
    make.place(buyer, (make.product(price="100.00"), 3))
    later = datetime(2027, 3, 2, 12, tzinfo=UTC)
    for minor, at, expected in ((30_000, NOW, 1), (30_001, NOW, 0), (30_000, later, 1), (1, later.replace(day=3), 0)):
        assert len(matching(Conditions(spent_minor=minor), at=at)) == expected, (minor, at)
    assert matching(Conditions(acquired="direct"), at=NOW) == {buyer.company.pk}
    assert matching(Conditions(acquired="reseller"), at=NOW) == set()


def test_a_partner_of_record_is_asked_for_in_bulk(django_assert_num_queries: Any) -> None:
    channel.partner("north")
    companies = [make.company() for _ in range(3)]
    for company in companies[:2]:
        set_renewal_steward(
            company_key=channel.company(str(company.key)).key, partner_code="north", valid_from=SINCE, at=SINCE,
            source="desk",
        )  # fmt: skip
    for wanted, ids in (
        (Conditions(partner="north"), {companies[0].pk, companies[1].pk}),
        (Conditions(channel="direct"), {companies[2].pk}),
        (Conditions(channel="reseller"), {companies[0].pk, companies[1].pk}),
    ):
        with django_assert_num_queries(4):  # the companies, their profiles, merges, relationships
            assert matching(wanted, at=NOW) == ids


def test_rebuilding_adds_and_removes_by_rule_and_leaves_what_is_by_hand() -> None:
    fjord, elbe, alster = three()
    made = group(Conditions(countries=("DE",)))
    groups.add_member(group_id=made.pk, company=fjord, actor=None, now=NOW)
    assert groups.rebuild(group_id=made.pk, now=NOW) == Moved(joined=2)
    assert members(made) == {"Fjord": True, "Elbe": False, "Alster": False}
    assert groups.rebuild(group_id=made.pk, now=NOW) == Moved()

    elbe.country = "NO"
    elbe.save()
    assert groups.rebuild_all(now=NOW, company_id=elbe.pk) == Moved(left=1)
    assert members(made) == {"Fjord": True, "Alster": False}
    assert groups.rebuild_all(now=NOW, company_id=alster.pk) == Moved()


def test_a_member_by_rule_cannot_be_taken_out_by_hand() -> None:
    fjord, *_ = three()
    made = group(Conditions(countries=("NO",)))
    groups.rebuild(group_id=made.pk, now=NOW)
    with pytest.raises(GroupRefused, match="by its rule"):
        groups.remove_member(group_id=made.pk, company=fjord, now=NOW)
    groups.add_member(group_id=made.pk, company=fjord, actor=None, now=NOW)
    groups.remove_member(group_id=made.pk, company=fjord, now=NOW)
    assert members(made) == {"Fjord": False}  # the rule still holds


def test_a_rule_that_cannot_be_read_moves_nobody(caplog: pytest.LogCaptureFixture) -> None:
    three()
    made = group(Conditions(countries=("DE",)))
    groups.rebuild(group_id=made.pk, now=NOW)
    CustomerGroup.objects.update(rule={"countries": "DE", "moon": 1})
    assert groups.rebuild(group_id=made.pk, now=NOW) == Moved()
    assert len(members(made)) == 2
    assert "cannot be read" in caplog.text


def test_a_saved_company_moves_by_task(django_capture_on_commit_callbacks: Any) -> None:
    fjord, *_ = three()
    made = group(Conditions(segments=("food",)))
    groups.rebuild(group_id=made.pk, now=NOW)
    assert audiences.of(str(fjord.key)).group_ids == (made.pk,)
    with django_capture_on_commit_callbacks(execute=True):
        fjord.segment = "energy"
        fjord.save()
    assert members(made) == {"Elbe": False}
    assert audiences.of(str(fjord.key)).group_ids == ()


def test_an_audience_costs_no_query_while_it_is_remembered(django_assert_num_queries: Any) -> None:
    fjord, *_ = three()
    made = group()
    groups.add_member(group_id=made.pk, company=fjord, actor=None, now=NOW)
    found = audiences.of(str(fjord.key))
    assert found.names() == (
        ("everyone", ""),
        ("country", "NO"),
        ("channel", Channel.DIRECT.value),
        ("group", str(made.pk)),
        ("company", str(fjord.pk)),
    )
    with django_assert_num_queries(0):
        assert audiences.of(str(fjord.key)) == found
        assert audiences.of("").names() == (("everyone", ""),)


def test_a_rule_is_read_aloud() -> None:
    make.country("NO", "Norway")
    rule = Conditions(
        countries=("NO",), statuses=("approved",), acquired="reseller", spent_minor=1_000_00, spent_months=6
    )
    assert rule_sentences([rule, Conditions()]) == [
        (
            "Companies that are in Norway, and have the status “Approved”, and placed their first order through a "
            "reseller, and ordered for at least €1,000.00 in the last 6 months."
        ),
        "Companies are put in by hand.",
    ]
