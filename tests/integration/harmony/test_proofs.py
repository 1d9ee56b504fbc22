"""The no-worse-off proof: top-ups that make up a deficit, shrink with refunds, and end at exactly zero."""

from itertools import permutations

import pytest
from django.db import IntegrityError, connection, transaction

from channels.audit import append_only
from channels.commissions.models import Accrual, LedgerEntry, RatingRun
from channels.commissions.selectors import verification
from channels.commissions.services import schedule
from channels.contracts import OrderEventKind
from channels.harmony.models import Proof
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony

pytestmark = pytest.mark.django_db


def line(number, net=100_00, **values):
    return make.line(f"{number}/1", net, list_unit_minor=100_00, **values)


def sold(number, partner, share=10_000, *, pool="referral", net=100_00, **values):
    """A direct order of one sensor at EUR 100.00, whose partner is referred 10 % of it."""
    return money.credited(number, (partner, pool, share), lines=(line(number, net),), **values)


@pytest.fixture
def partner():
    money.programme()
    made = make.partner("fjordtek")
    harmony.buys(made)
    return made


def top_ups():
    return list(Accrual.objects.filter(type="TOP_UP").order_by("pk").values_list("amount_minor", flat=True))


def test_the_deficit_is_topped_up_and_both_sides_are_kept(partner):
    """Reselling would have earned 100.00 - 70.00 = 30.00 less 5 % and 1.00 of selling: 24.00. Credited are 10.00."""
    harmony.promise(partner, selling_cost_bp=500, selling_cost_minor=1_00)
    order = sold("ORD-1", partner)

    money.paid(order)

    proof = Proof.objects.get()
    assert (proof.resale_minor, proof.selling_cost_minor, proof.margin_minor) == (100_00, 6_00, 24_00)
    assert (proof.promised_minor, proof.credited_minor, proof.top_up_minor) == (24_00, 10_00, 14_00)
    assert money.earned(partner) == [("REFERRAL", 10_00, "held"), ("TOP_UP", 14_00, "held")]
    assert money.accounts(partner) == {
        "Expense:Commission:REFERRAL": 10_00,
        "Expense:Commission:TOP_UP": 14_00,
        "Liability:Held": -24_00,
    }
    top_up = Accrual.objects.get(type="TOP_UP")
    assert (top_up.rule_id, top_up.rule_label) == ("no-worse-off", "No-worse-off guarantee")
    assert list(verification.findings()) == []


def test_who_is_credited_enough_gets_a_proof_and_nothing_more(partner):
    harmony.promise(partner, guarantee_factor_bp=3_000)
    money.paid(sold("ORD-1", partner))

    proof = Proof.objects.get()
    assert (proof.promised_minor, proof.credited_minor, proof.top_up_minor) == (9_00, 10_00, 0)
    assert top_ups() == []


def test_an_undercut_does_not_shrink_what_reselling_would_have_earned(partner):
    """Sold at 71.00, below 70.00 + 20 %: the partner is measured at its floor of 84.00, and so at 14.00."""
    harmony.promise(partner, min_margin_bp=2_000)
    money.paid(sold("ORD-1", partner, net=71_00))

    proof = Proof.objects.get()
    assert (proof.floor_minor, proof.resale_minor, proof.margin_minor) == (84_00, 84_00, 14_00)
    assert proof.top_up_minor == 14_00 - 7_10


def test_partners_share_the_margin_as_they_share_the_line(partner):
    other = make.partner("polar")
    harmony.buys(other, price_minor=80_00)
    order = money.credited("ORD-1", (partner, "referral", 6_000), (other, "referral", 4_000), lines=(line("ORD-1"),))

    money.paid(order)

    rows = {proof.partner.code: proof for proof in Proof.objects.select_related("partner")}
    assert (rows["fjordtek"].margin_minor, rows["fjordtek"].top_up_minor) == (18_00, 12_00)
    assert (rows["polar"].margin_minor, rows["polar"].top_up_minor) == (8_00, 4_00)


@pytest.mark.parametrize(
    ("pool", "values"),
    [("influence", {}), ("override", {})],
)
def test_who_is_paid_for_anothers_sale_has_no_proof(partner, pool, values):
    money.paid(sold("ORD-1", partner, pool=pool, **values))

    assert Proof.objects.count() == 0


def test_a_house_order_is_credited_for_the_territory_and_has_no_proof(partner):
    from channels.journeys.models import AttributionRun, Credit

    order = make.order("ORD-1", lines=(line("ORD-1"),))
    run = make.pending_run(order)
    AttributionRun.objects.filter(pk=run.pk).update(state="done", finished_at=make.NOON)
    Credit.objects.create(
        run=run,
        line=order.lines.get(),
        pool="referral",
        partner=partner,
        role="house_order",
        share_bp=10_000,
        reason="-",
    )
    money.paid(order)

    assert (Proof.objects.count(), top_ups()) == (0, [])


def test_no_proof_through_a_reseller_without_an_agreed_price_or_before_payment(partner):
    stranger = make.partner("stranger")
    money.paid(sold("ORD-1", partner, pool="resale", through=partner))
    money.paid(sold("ORD-2", stranger))
    money.rated(money.happened(sold("ORD-3", partner), OrderEventKind.DELIVERED, make.NOON + make.days(1)))

    assert Proof.objects.count() == 0
    assert top_ups() == []


@pytest.mark.parametrize("parts", sorted(set(permutations((33_33, 1, 66_66)))))
def test_refunds_in_any_parts_and_order_end_at_exactly_zero(partner, parts):
    order = sold("ORD-1", partner)
    money.paid(order)
    assert top_ups() == [20_00]

    for day, part in enumerate(parts, start=2):
        money.refunded(order, make.NOON + make.days(day), ("ORD-1/1", 0, part))

    assert sum(top_ups()) == 0
    assert money.accounts(partner) == {}
    assert Proof.objects.order_by("-pk").first().top_up_minor == 0
    assert Proof.objects.count() == 4
    assert list(verification.findings()) == []


def test_a_refund_after_the_release_takes_the_top_up_from_what_is_payable(partner):
    order = sold("ORD-1", partner)
    money.paid(order)
    schedule.run_due(now=make.NOON + make.days(80))
    assert money.accounts(partner)["Liability:Payable"] == -30_00

    money.refunded(order, make.NOON + make.days(81), ("ORD-1/1", 0, 50_00))

    assert money.accounts(partner)["Liability:Payable"] == -15_00
    assert sum(top_ups()) == 10_00


def test_rating_twice_posts_the_top_up_once(partner):
    run = money.paid(sold("ORD-1", partner))
    RatingRun.objects.filter(pk=run.pk).update(state=RatingRun.State.DONE)

    money.rated(run)
    schedule.run_due(now=make.NOON + make.days(2))

    assert top_ups() == [20_00]
    assert Proof.objects.count() == 1


def test_later_terms_and_agreements_do_not_change_a_proof(partner):
    order = sold("ORD-1", partner)
    money.paid(order)
    harmony.buys(partner, price_minor=10_00)
    harmony.promise(partner, guarantee_factor_bp=20_000)

    money.rated(money.happened(order, OrderEventKind.DELIVERED, make.NOON + make.days(3)))

    assert top_ups() == [20_00]
    assert list(Proof.objects.values_list("buy_minor", "guarantee_bp", "top_up_minor")) == [(70_00, 10_000, 20_00)] * 2


def test_credit_that_moves_to_another_partner_takes_the_top_up_along(partner):
    other = make.partner("polar")
    harmony.buys(other)
    order = sold("ORD-1", partner)
    money.paid(order)

    money.attributed_anew(order, (other, "referral", 10_000))
    schedule.run_due(now=make.NOON + make.days(5))

    assert money.accounts(partner) == {}
    assert money.accounts(other)["Expense:Commission:TOP_UP"] == 20_00
    assert list(verification.findings()) == []


def test_top_ups_of_many_orders_cost_as_many_queries_as_of_one(partner, django_assert_num_queries):
    from channels.harmony.services import proofs

    seen = []

    def counted(done):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            rows = proofs.prove(done)
        seen.append((len(done), len(queries)))
        return rows

    from channels.commissions.services import rating

    before = rating.AFTER_RATING[:]
    rating.AFTER_RATING[:] = [counted]
    try:
        money.happened(sold("ORD-0", partner), OrderEventKind.PAID, make.NOON)
        schedule.heal(now=make.NOON + make.days(1))
        for number in range(1, 4):
            money.happened(sold(f"ORD-{number}", partner), OrderEventKind.PAID, make.NOON)
        schedule.heal(now=make.NOON + make.days(1))
    finally:
        rating.AFTER_RATING[:] = before

    assert seen == [(1, 5), (3, 5)]
    assert top_ups() == [20_00] * 4
    assert LedgerEntry.objects.filter(account="Expense:Commission:TOP_UP").count() == 4


def test_verify_ledger_names_a_top_up_that_no_proof_explains(partner):
    money.paid(sold("ORD-1", partner))
    append_only.remove(connection)
    try:
        Proof.objects.update(top_up_minor=19_99)
    finally:
        append_only.install(connection)

    proof = Proof.objects.get()
    assert list(verification.findings()) == [
        f"proof {proof.pk} of ORD-1/1: 2000 is posted as top-up, not 1999",
        f"proof {proof.pk} of ORD-1/1: its deficit does not follow from its own numbers",
    ]


def test_a_proof_is_never_changed(partner):
    money.paid(sold("ORD-1", partner))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Proof.objects.update(top_up_minor=0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Proof.objects.all().delete()
