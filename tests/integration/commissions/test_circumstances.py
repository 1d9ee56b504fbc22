"""What a first rating freezes for the conditions of rules, and that later ones do not look again."""

from datetime import date, timedelta
from typing import Any

import pytest

from channels.commissions.engine.renewals import is_held_out
from channels.commissions.models import Accrual, StewardAcceptance
from channels.commissions.selectors import verification
from channels.commissions.services import rating
from channels.contracts import OrderEventKind, TouchKind
from channels.journeys.models import AttributionRun, Relationship
from channels.journeys.services import merges
from channels.partners.models import ChannelPartner
from channels.partners.services import certifications
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


def day(number: float) -> Any:
    return NOON + timedelta(days=number)


def pays(partner: ChannelPartner, **conditions: Any) -> None:
    """A programme with one rule per commission type, 10 % under these conditions."""
    money.programme(
        rules=[
            {"id": kind.lower(), "type": kind, "rate_bp": 1_000, "conditions": conditions}
            for kind in ("RESALE", "REFERRAL", "RENEWAL", "EXPANSION")
        ],
        win_back_days=90,
    )


def reasons(order: Any) -> list[str]:
    return [skip["reason"] for skip in order.rating_runs.latest("pk").explanation["skips"]]


def test_a_certification_counts_on_the_day_of_the_order() -> None:
    """Half-open, and an early end is one; withdrawn after the rating it changes nothing."""
    nord, sor, ost = (make.partner(code) for code in ("nord", "sor", "ost"))
    pays(nord, certifications=["pumps"])
    row = certifications.certify(partner_id=nord.pk, code="pumps", valid_from=NOON.date(), at=NOON)
    certifications.certify(
        partner_id=sor.pk, code="pumps", valid_from=date(2024, 1, 1), valid_until=NOON.date(), at=NOON
    )
    ended = certifications.certify(partner_id=ost.pk, code="pumps", valid_from=date(2024, 1, 1), at=NOON)
    certifications.withdraw(certification_id=ended.pk, on=NOON.date(), reason="failed the audit", at=NOON)
    orders = [money.credited(p.code, (p, "resale", 10_000)) for p in (nord, sor, ost)]
    for order in orders:
        money.paid(order)
    assert money.earned(nord) == [("RESALE", 10_00, "held")]
    assert [reasons(order) for order in orders] == [[], ["not_certified"], ["not_certified"]]
    certifications.withdraw(certification_id=row.pk, on=NOON.date(), reason="by mistake", at=day(5))
    money.refunded(orders[0], day(6), ("nord/1", 0, 50_00))
    assert [amount for _, amount, _ in money.earned(nord)] == [10_00, -5_00]
    assert list(verification.findings()) == []


def test_a_certification_is_withdrawn_once() -> None:
    nord = make.partner("nord")
    row = certifications.certify(partner_id=nord.pk, code=" Pumps ", valid_from=date(2026, 1, 1), at=NOON)
    assert row.code == "pumps"
    for on in (date(2025, 12, 31),):
        with pytest.raises(certifications.CertificationRefused):
            certifications.withdraw(certification_id=row.pk, on=on, reason="too early", at=NOON)
    certifications.withdraw(certification_id=row.pk, on=date(2026, 2, 1), reason="left", at=NOON)
    with pytest.raises(certifications.CertificationRefused):
        certifications.withdraw(certification_id=row.pk, on=date(2026, 2, 2), reason="again", at=NOON)
    with pytest.raises(certifications.CertificationRefused):
        certifications.certify(
            partner_id=nord.pk, code="x", valid_from=date(2026, 1, 1), valid_until=date(2026, 1, 1), at=NOON
        )


@pytest.mark.parametrize(("first_credited", "acquired"), [(True, "partner"), (False, "direct")])
def test_who_acquired_the_customer_is_who_helped_with_its_first_order(first_credited: bool, acquired: str) -> None:
    nord, sor = make.partner("nord"), make.partner("sor")
    pays(nord, acquired="partner", cycle="expansion")
    shares = [(sor, "referral", 10_000)] if first_credited else []
    money.credited("FIRST", *shares, placed_at=day(-100))
    order = money.credited("NEXT", (nord, "resale", 10_000))
    run = money.paid(order)
    assert run.frozen["order"] == {"business": "expansion", "acquired": acquired}
    assert reasons(order) == ([] if first_credited else ["other_acquisition"])


def merged(at: Any) -> Any:
    """Two records of one company, from a day on; the second was a customer first."""
    fjord, bakken = make.company("fjord"), make.company("bakken")
    return merges.merge(company_id=bakken.pk, survivor_id=fjord.pk, reason="One company", at=at)


@pytest.mark.parametrize(
    ("merged_on", "undone_on", "anchor", "business", "refused"),
    [
        (-1, None, -100, "expansion", ["outside_duration"]),
        (1, None, 0, "first", []),
        (-2, -1, 0, "first", []),
    ],
    ids=["merged before", "merged after", "merged and apart again"],
)
def test_a_merged_customer_began_with_the_first_order_of_both(
    merged_on: int, undone_on: int | None, anchor: int, business: str, refused: list[str]
) -> None:
    """What counts is which records were one when the order was placed, also for the terms that keep their rate."""
    nord = make.partner("nord")
    money.programme(rules=[{"id": "r", "type": "RESALE", "rate_bp": 1_000, "duration_months": 3}])
    money.credited("OLD", (nord, "resale", 10_000), placed_at=day(-100), company=make.company_facts("bakken"))
    order = money.credited("NEW", (nord, "resale", 10_000))
    row = merged(day(merged_on))
    if undone_on is not None:
        merges.undo(merge_id=row.pk, reason="Two after all", at=day(undone_on))
    run = money.paid(order)
    assert run.frozen["anchor_on"] == day(anchor).date().isoformat()
    assert run.frozen["order"]["business"] == business
    assert reasons(order) == refused
    assert money.earned(nord) == ([] if refused else [("RESALE", 10_00, "held")])


def test_a_later_merge_leaves_what_was_rated() -> None:
    nord = make.partner("nord")
    money.programme(rules=[{"id": "r", "type": "RESALE", "rate_bp": 1_000, "first_sale_only": True}])
    money.credited("OLD", (nord, "resale", 10_000), placed_at=day(-100), company=make.company_facts("bakken"))
    order = money.credited("NEW", (nord, "resale", 10_000))
    money.paid(order)
    merged(day(-1))
    money.refunded(order, day(3), ("NEW/1", 0, 50_00))
    assert [amount for _, amount, _ in money.earned(nord)] == [10_00, -5_00]
    assert list(verification.findings()) == []


def test_a_steward_s_word_and_the_term_before_are_those_of_both_records() -> None:
    """Accepted, visited and sold to the record that was merged; renewed by the one that stands for both."""
    nord = make.partner("nord")
    pays(nord, steward_accepted=True, activity_days=60)
    bakken = make.company("bakken")
    row = Relationship.objects.create(
        company=bakken, partner=nord, role="renewal_steward", valid_from=day(-500), source="desk",
        recorded_at=day(-500),
    )  # fmt: skip
    StewardAcceptance.objects.create(relationship=row, at=day(-300))
    make.touch(nord, day(-10), kind=TouchKind.VISIT, company_key="bakken")
    line = make.line("A/1", 100_00, sku="NL-SW", term_months=12, subscription_key="S-1")
    money.credited(
        "A", (nord, "resale", 10_000), lines=(line,), placed_at=day(-365), company=make.company_facts("bakken")
    )
    merged(day(-5))
    order = renewal(nord, "B", day(0), 150_00)
    run = money.paid(order)
    assert reasons(order) == []
    assert run.frozen["lines"] == {"B/1": {"previous_net_minor": 100_00}}
    assert run.frozen["credits"][str(nord.pk)]["activity_days_ago"] == 10


def test_a_first_purchase_is_new_and_not_an_expansion() -> None:
    nord = make.partner("nord")
    pays(nord, cycle="expansion")
    order = money.credited("FIRST", (nord, "resale", 10_000))
    money.paid(order)
    assert reasons(order) == ["other_cycle"]


def test_territory_campaign_and_product_are_frozen() -> None:
    nord = make.partner("nord", territories=["SE"])
    pays(nord, own_territory="yes", campaigns=["spring"], skus=["NL-P100"])
    make.company()
    touch = make.touch(nord, day(-3), campaign="spring")
    orders = []
    for name, keys, country in (("A", [touch.key], "SE"), ("B", [], "SE"), ("C", [touch.key], "NO")):
        order = make.order(name, country=country)
        run = make.pending_run(order)
        AttributionRun.objects.filter(pk=run.pk).update(state="done", step="model", finished_at=NOON)
        run.credits.create(
            line=order.lines.get(), pool="referral", partner=nord, role="sourcer", share_bp=10_000, reason="x",
            touch_keys=keys,
        )  # fmt: skip
        money.paid(order)
        orders.append(order)
    assert [reasons(order) for order in orders] == [[], ["other_campaign"], ["outside_territory"]]
    run = orders[0].rating_runs.get()
    assert run.frozen["credits"] == {str(nord.pk): {"campaigns": ["spring"], "own_territory": True}}


def renewal(nord: ChannelPartner, name: str, at: Any, net: int = 100_00, cycle: int = 1) -> Any:
    line = make.line(f"{name}/1", net, sku="NL-SW", product_class="software", term_months=12, subscription_key="S-1")
    pool = "renewal" if cycle else "resale"
    return money.credited(name, (nord, pool, 10_000), lines=(line,), placed_at=at, cycle=cycle)


def test_a_steward_is_asked_for_its_word_and_for_an_activity() -> None:
    nord = make.partner("nord")
    pays(nord, steward_accepted=True, activity_days=60)
    make.company()
    row = Relationship.objects.create(
        company=make.company(), partner=nord, role="renewal_steward", valid_from=day(-500), source="desk",
        recorded_at=day(-500),
    )  # fmt: skip
    first = renewal(nord, "A", day(-400))
    money.paid(first)
    StewardAcceptance.objects.create(relationship=row, at=day(-300))
    make.touch(nord, day(-61), kind=TouchKind.VISIT)
    make.touch(nord, day(-1), kind=TouchKind.LINK)
    second = renewal(nord, "B", day(0))
    money.paid(second)
    make.touch(nord, day(1), kind=TouchKind.CALL)
    third = renewal(nord, "C", day(50))
    money.paid(third)
    assert [reasons(order) for order in (first, second, third)] == [["not_accepted"], ["no_activity"], []]
    assert third.rating_runs.get().frozen["credits"][str(nord.pk)]["activity_days_ago"] == 49


def test_the_term_before_was_placed_before_however_late_it_is_rated() -> None:
    """The plan is changed again on the same day, before the first change is paid: that one still follows the old plan."""
    nord = make.partner("nord")
    pays(nord)
    renewal(nord, "A", day(-365), 100_00, cycle=0)
    changed = renewal(nord, "B", day(0), 150_00)
    again = renewal(nord, "C", day(0) + timedelta(hours=1), 30_00)
    assert money.paid(again).frozen["lines"] == {"C/1": {"previous_net_minor": 150_00}}
    assert money.paid(changed).frozen["lines"] == {"B/1": {"previous_net_minor": 100_00}}
    assert money.earned(nord) == [("RENEWAL", 3_00, "held"), ("EXPANSION", 5_00, "held"), ("RENEWAL", 10_00, "held")]


def test_an_upgraded_renewal_pays_renewal_and_expansion() -> None:
    """And a refund of half of it takes half of each; of all, all."""
    nord = make.partner("nord")
    pays(nord)
    renewal(nord, "A", day(-365), 100_00, cycle=0)
    order = renewal(nord, "B", day(0), 150_00)
    money.paid(order)
    assert sorted(Accrual.objects.values_list("type", "base_minor", "amount_minor", "credit__pool")) == [
        ("EXPANSION", 50_00, 5_00, "renewal"),
        ("RENEWAL", 100_00, 10_00, "renewal"),
    ]
    assert order.rating_runs.get().frozen["lines"] == {"B/1": {"previous_net_minor": 100_00}}
    money.refunded(order, day(3), ("B/1", 0, 75_00))
    assert {kind: amount for kind, amount, _ in money.earned(nord)[2:]} == {"EXPANSION": -2_50, "RENEWAL": -5_00}
    money.refunded(order, day(4))
    assert money.accounts() == {}
    assert list(verification.findings()) == []


@pytest.mark.parametrize(("pause", "expected"), [(89, ["other_cycle"]), (90, [])])
def test_a_customer_won_back_after_a_long_pause_is_new(pause: int, expected: list[str]) -> None:
    """The first term ran from the day 0 for 12 months; then nothing for so many days."""
    nord = make.partner("nord")
    pays(nord, cycle="first")
    renewal(nord, "A", day(0), cycle=0)
    order = money.credited(
        "B", (nord, "resale", 10_000), placed_at=day(365 + pause),
        lines=(make.line("B/1", sku="NL-SW", term_months=12, subscription_key="S-2"),),
    )  # fmt: skip
    money.paid(order)
    assert reasons(order) == expected
    assert order.rating_runs.get().frozen["lines"]["B/1"]["lapses"] == [
        [(NOON + timedelta(days=365 + pause)).date().isoformat(), pause]
    ]


def test_an_uplift_pays_what_the_steward_adds_to_the_baseline() -> None:
    """Four of five of its terms were renewed, one of two held out: three eighths of the base are the uplift."""
    nord = make.partner("nord")
    held = [f"c{n}" for n in range(60) if is_held_out(f"c{n}", 2_000)][:2]
    own = [f"c{n}" for n in range(60) if not is_held_out(f"c{n}", 2_000)][:5]
    money.programme(rules=[{"id": "up", "type": "RENEWAL", "rate_bp": 1_000, "base": "uplift"}], holdout_bp=2_000)

    def term(company: str, at: Any, cycle: int) -> Any:
        name = f"{company}-{cycle}"
        line = make.line(f"{name}/1", 300_00, term_months=12, subscription_key=f"S-{company}")
        return money.credited(
            name, (nord, "renewal" if cycle else "resale", 10_000), lines=(line,), placed_at=at, cycle=cycle,
            company=make.company_facts(company),
        )  # fmt: skip

    for place, company in enumerate([*held, *own]):
        term(company, day(-500 + place), 0)
    for company in own:
        Relationship.objects.create(
            company=make.company(company), partner=nord, role="renewal_steward", valid_from=day(-490), source="desk",
            recorded_at=day(-490),
        )  # fmt: skip
    for company in (held[0], own[0], own[1], own[2]):
        term(company, day(-134), 1)
    late = term(own[4], day(0), 1)
    money.paid(late)
    told = late.rating_runs.get().frozen["credits"][str(nord.pk)]
    assert (told["renewal_rate_bp"], told["baseline_rate_bp"]) == (8_000, 5_000)
    assert money.earned(nord) == [("RENEWAL", 11_25, "held")]
    out = term(held[1], day(1), 1)
    money.paid(out)
    assert reasons(out) == ["held_out"]
    assert list(verification.findings()) == []


def test_a_partner_who_comes_later_is_looked_at_then() -> None:
    """The first one stays as it was seen."""
    nord, sor = make.partner("nord"), make.partner("sor")
    pays(nord, certifications=["pumps"])
    order = money.credited("A", (nord, "resale", 10_000))
    money.paid(order)
    for partner in (nord, sor):
        certifications.certify(partner_id=partner.pk, code="pumps", valid_from=date(2026, 1, 1), at=day(2))
    money.attributed_anew(order, (nord, "resale", 4_000), (sor, "resale", 6_000))
    run = order.rating_runs.create(cause="re-attribution:2", created_at=day(3))
    money.rated(run)
    assert money.earned(nord) == []
    assert money.earned(sor) == [("RESALE", 6_00, "held")]
    assert reasons(order) == ["not_certified"]


@pytest.mark.parametrize("orders", [1, 3])
def test_looking_costs_the_same_for_many_orders(orders: int, django_assert_num_queries: Any) -> None:
    nord = make.partner("nord")
    pays(nord)
    runs = [
        money.happened(renewal(nord, f"R{number}", day(number)), OrderEventKind.PAID, day(9))
        for number in range(orders)
    ]
    from channels.commissions.selectors.circumstances import circumstances_of
    from channels.commissions.selectors.targets import orders_with_facts

    found = list(orders_with_facts().filter(rating_runs__in=runs))
    with django_assert_num_queries(8):
        assert len(circumstances_of(found)) == orders
    assert rating.rate_together(run_ids=[run.pk for run in runs], now=day(9)) == orders
