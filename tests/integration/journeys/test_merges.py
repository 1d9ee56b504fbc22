"""Two records of one company: merged for the orders that follow, and apart again."""

from typing import Any

import pytest

from channels.audit.models import AuditEvent
from channels.journeys.models import (
    CompanyMerge,
    CompanyMergeEnd,
    CompanyProfile,
    Credit,
    OrderRecord,
    Relationship,
    Touchpoint,
    VisitorLogin,
)
from channels.journeys.selectors import companies
from channels.journeys.selectors.choices import partner_of_record
from channels.journeys.services import attribution, identity, merges, relationships
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world() -> None:
    make.policy()
    make.company("fjord")
    make.company("bakken")


def company(key: str) -> CompanyProfile:
    return CompanyProfile.objects.get(key=key)


def merge(one: str, into: str, at: Any = NOON, **values: Any) -> CompanyMerge:
    return merges.merge(
        company_id=company(one).pk, survivor_id=company(into).pk, reason="One company, two accounts", at=at, **values
    )


def undo(merge_row: CompanyMerge, at: Any) -> CompanyMergeEnd:
    return merges.undo(merge_id=merge_row.pk, reason="They are two after all", at=at)


def credited(order: OrderRecord) -> list[tuple[str, int]]:
    attribution.attribute(run_id=make.pending_run(order).pk, now=NOON + days(60))
    found = Credit.objects.filter(line__order=order).order_by("partner__code")
    return list(found.values_list("partner__code", "share_bp"))


def ordered(key: str, on: float, **values: Any) -> OrderRecord:
    return make.order(company=make.company_facts(key), placed_at=NOON + days(on), **values)


def test_touches_of_the_merged_company_count_for_new_orders_of_the_survivor_and_no_others() -> None:
    make.touch(make.partner("alfa"), NOON - days(5), company_key="bakken")
    before = ordered("fjord", -1)
    merge("bakken", into="fjord")
    after = ordered("fjord", 1)

    assert credited(before) == []
    assert credited(after) == [("alfa", 10_000)]
    assert Touchpoint.objects.get().company == company("bakken")  # nothing was re-written


def test_a_merge_reaches_both_ways_and_through_chains() -> None:
    make.company("center")
    make.touch(make.partner("alfa"), NOON - days(5), company_key="fjord")
    merge("bakken", into="fjord")
    merge("fjord", into="center")
    assert credited(ordered("bakken", 1)) == [("alfa", 10_000)]
    assert credited(ordered("center", 1)) == [("alfa", 10_000)]
    everybody = frozenset(company(key).pk for key in ("fjord", "bakken", "center"))
    assert companies.companies_as_one([company("bakken").pk], at=NOON) == everybody
    assert companies.companies_as_one([company("bakken").pk], at=NOON - days(1)) == {company("bakken").pk}
    assert companies.survivor_of(company("bakken"), at=NOON) == company("center")


def test_a_browser_of_the_merged_company_counts_too() -> None:
    buyer = make.user()
    make.touch(make.partner("alfa"), NOON - days(5), company_key="", visitor_key="a" * 32)
    identity.link_visitor(visitor_key="a" * 32, user_id=buyer.pk, company_key="bakken", at=NOON - days(4))
    merge("bakken", into="fjord")
    assert credited(ordered("fjord", 1)) == [("alfa", 10_000)]
    assert identity.link_visitor(visitor_key="a" * 32, user_id=buyer.pk, company_key="fjord", at=NOON + days(1))


def test_an_undone_merge_counts_for_the_orders_in_between_only() -> None:
    make.touch(make.partner("alfa"), NOON - days(5), company_key="bakken")
    row = merge("bakken", into="fjord")
    during, after = ordered("fjord", 1), ordered("fjord", 3)
    ended = undo(row, at=NOON + days(2))

    assert credited(during) == [("alfa", 10_000)]
    assert credited(after) == []
    assert (CompanyMerge.objects.count(), ended.merge) == (1, row)
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", "subject_name", "data"))
    parties = {"company": "bakken", "survivor": "fjord"}
    assert verbs == [("company.merged", "Bakken", parties), ("company.merge_undone", "Bakken", parties)]


def test_what_is_learnt_after_a_merge_is_noted_on_the_survivor() -> None:
    old, new = make.partner("alfa"), make.partner("beta")
    set_steward("bakken", old, -10)
    merge("bakken", into="fjord")
    set_steward("bakken", new, 1)

    added = Relationship.objects.get(partner=new)
    assert added.company == company("fjord")
    assert Relationship.objects.get(partner=old).end.at == NOON + days(1)
    for key in ("fjord", "bakken"):
        record = partner_of_record(company_key=key, at=NOON + days(2))
        assert record is not None
        assert record.code == "beta"
    # Seen from a day before the merge each record speaks for itself.
    assert partner_of_record(company_key="fjord", at=NOON - days(1)) is None


def set_steward(key: str, partner: Any, on: float) -> None:
    relationships.set_renewal_steward(
        company_key=key, partner_code=partner.code, valid_from=NOON + days(on), at=NOON + days(on), source="desk"
    )


def test_the_preview_shows_both_sides_and_what_to_look_at() -> None:
    alfa, beta = make.partner("alfa"), make.partner("beta")
    ordered("bakken", -1)
    make.company("bakken", vat_id="NO2", country="SE")
    make.company("fjord", vat_id="NO1")
    set_steward("fjord", alfa, -20)
    set_steward("bakken", beta, -10)
    make.touch(alfa, NOON - days(5), company_key="bakken")

    found = companies.preview(company("bakken"), company("fjord"), at=NOON)

    assert (found.company.touches, found.company.orders, found.company.record) == (1, 1, "Beta")
    assert (found.survivor.touches, found.survivor.orders, found.survivor.record) == (0, 0, "Alfa")
    assert found.record == "Beta"  # the later start
    assert found.warnings == ("countries_differ", "vat_ids_differ", "domains_differ", "two_stewards")
    assert CompanyMerge.objects.count() == 0


def test_what_makes_no_sense_is_refused() -> None:
    row = merge("bakken", into="fjord")
    make.company("center")
    for one, into in (("fjord", "fjord"), ("bakken", "center"), ("center", "bakken"), ("fjord", "bakken")):
        with pytest.raises(merges.MergeNotAllowed):
            merge(one, into=into, at=NOON + days(1))
    undo(row, at=NOON + days(1))
    with pytest.raises(merges.MergeNotAllowed, match="undone already"):
        undo(row, at=NOON + days(2))
    merge("fjord", into="bakken", at=NOON + days(3))
    assert CompanyMerge.objects.count() == 2


def test_possible_duplicates_share_a_vat_id_or_a_domain_that_is_their_own() -> None:
    make.company("fjord-2", email_domain="fjord.example.com")
    make.company("one", email_domain="gmail.com")
    make.company("two", email_domain="gmail.com")
    found = companies.possible_duplicates(at=NOON)
    assert [[row.key for row in group] for group in found] == [["fjord", "fjord-2"]]
    merge("fjord-2", into="fjord")
    assert companies.possible_duplicates(at=NOON) == []


def test_a_shared_computer_keeps_who_was_seen_on_it() -> None:
    first, second = make.user(), make.user()
    for user, day in ((first, 1), (second, 2), (first, 3), (second, 4)):
        identity.link_visitor(visitor_key="a" * 32, user_id=user.pk, company_key="fjord", at=NOON + days(day))
    seen = list(VisitorLogin.objects.values_list("user", "at", "stands"))
    assert seen == [(first.pk, NOON + days(1), True), (second.pk, NOON + days(2), False)]


def test_a_partner_whose_people_bought_for_the_company_before_waits_for_review() -> None:
    alfa = make.partner("alfa")
    member = make.member(alfa)
    ordered("bakken", -20, user_id=member.user.pk)
    make.touch(alfa, NOON - days(5), company_key="fjord")
    apart = ordered("fjord", -1, user_id=make.user().pk)
    merge("bakken", into="fjord")
    together = ordered("fjord", 1, user_id=make.user().pk)
    assert credited(apart) == credited(together) == [("alfa", 10_000)]
    held = dict(Credit.objects.values_list("line__order", "is_held_for_review"))
    assert held == {apart.pk: False, together.pk: True}
