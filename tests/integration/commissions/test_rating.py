"""What a rating posts, and that nothing posts it twice."""

from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db import transaction

from channels.commissions.models import Accrual, LedgerEntry, LedgerPosting, RatingRun
from channels.commissions.selectors import verification
from channels.commissions.services import holds, ledger, programmes, rating, schedule
from channels.contracts import OrderEventKind
from channels.journeys.models import AttributionRun, Credit
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


def day(number: float) -> datetime:
    return NOON + timedelta(days=number)


def test_nothing_is_earned_before_payment() -> None:
    """A delivery is rated, and its explanation says why it pays nothing."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    run = money.rated(money.happened(order, OrderEventKind.DELIVERED, day(1)))
    assert run.explanation["note"] == "The order is not paid yet, and commission is earned on payment."
    assert run.explanation["targets"] == []
    assert (Accrual.objects.count(), LedgerPosting.objects.count()) == (0, 0)


def test_each_credit_earns_by_its_own_rule() -> None:
    """Resale on the whole line, influence shared to the cent by largest remainder, override on top."""
    money.programme()
    nord, sor, ost, dist = (make.partner(code) for code in ("nord", "sor", "ost", "dist"))
    order = money.credited(
        "ORD-A", (nord, "resale", 10_000), (sor, "influence", 3_333), (ost, "influence", 6_667),
        (dist, "override", 10_000), lines=(make.line("ORD-A/1", 1_000_01),),
    )  # fmt: skip
    run = money.paid(order)
    rows = Accrual.objects.order_by("partner_id").values_list(
        "partner__code", "type", "base_minor", "rate_bp", "amount_minor", "currency", "state"
    )
    assert list(rows) == [
        ("nord", "RESALE", 1_000_01, 1_500, 150_00, "EUR", "held"),
        ("sor", "INFLUENCE", 333_30, 500, 16_67, "EUR", "held"),
        ("ost", "INFLUENCE", 666_71, 500, 33_34, "EUR", "held"),
        ("dist", "OVERRIDE", 1_000_01, 200, 20_00, "EUR", "held"),
    ]
    assert Accrual.objects.filter(credit__isnull=True).count() == 0
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert run.explanation["posted"] == list(Accrual.objects.order_by("pk").values_list("key", flat=True))
    key = f"{run.cause.replace(':', '%3A')}:ORD-A/1:{nord.pk}:RESALE:channel.v1:1"
    assert Accrual.objects.get(partner=nord).key == key
    assert LedgerPosting.objects.get(accrual__partner=nord).key == key


def test_a_rule_that_does_not_match_is_explained_at_zero() -> None:
    """No posting, no accrual, and the reason in words."""
    money.programme(rules=[{**money.DEFAULT_RULES[0], "conditions": {"tiers": ["gold"]}}])
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    run = money.paid(order)
    assert run.explanation["skips"] == [
        {
            "line": "ORD-A/1",
            "partner": "nord",
            "type": "RESALE",
            "rule": "resale",
            "label": "Resale",
            "reason": "other_tier",
            "facts": {"wanted": ["gold"], "actual": ["registered"]},
            "text": "Rule resale asks for tier gold; this is registered.",
        }
    ]
    assert (Accrual.objects.count(), LedgerPosting.objects.count()) == (0, 0)


def test_rating_twice_changes_nothing() -> None:
    """Also after the run was lost: its keys are there already."""
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    money.programme()
    run = money.paid(order)
    before = list(LedgerPosting.objects.values())
    assert rating.rate(run_id=run.pk, now=day(3)) == RatingRun.State.DONE
    RatingRun.objects.filter(pk=run.pk).update(state=RatingRun.State.PENDING)
    assert rating.rate(run_id=run.pk, now=day(4)) == RatingRun.State.DONE
    assert list(LedgerPosting.objects.values()) == before
    assert Accrual.objects.count() == 1


@pytest.mark.parametrize(
    "step",
    [
        "channels.commissions.services.accruals.drafts_for",
        "channels.commissions.services.ledger._append",
        "channels.commissions.services.accruals.move_hold",
        "channels.commissions.services.run_explanation.explain",
    ],
)
def test_dying_half_way_changes_nothing(step: str) -> None:
    """Whatever fails, the run keeps the error, no row stays behind, and the next try does it all."""
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    money.programme()
    run = money.happened(order, OrderEventKind.PAID, day(1))
    with mock.patch(step, side_effect=RuntimeError("the disk is full")):
        assert rating.rate(run_id=run.pk, now=day(1)) == RatingRun.State.FAILED
    run.refresh_from_db()
    assert (run.state, run.attempts, run.last_error) == ("failed", 1, "RuntimeError: the disk is full")
    assert (Accrual.objects.count(), LedgerPosting.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)
    assert schedule.heal(now=day(1) + timedelta(seconds=30))["rated"] == 0
    assert schedule.heal(now=day(2))["rated"] == 1
    assert Accrual.objects.get().amount_minor == 15_00
    assert list(verification.findings()) == []


def test_an_order_that_cannot_be_attributed_stays_retriable() -> None:
    """Without a policy attribution fails, so rating fails; with one, a sweep does both."""
    nord = make.partner("nord")
    money.programme()
    order = make.order("ORD-A", through=nord)
    run = money.happened(order, OrderEventKind.PAID, day(1))
    assert rating.rate(run_id=run.pk, now=day(1)) == RatingRun.State.FAILED
    run.refresh_from_db()
    assert run.last_error.startswith("NotAttributed: NoPolicy:")
    assert order.attribution_runs.get().state == AttributionRun.State.FAILED
    make.policy()
    schedule.heal(now=day(2))
    assert order.attribution_runs.get().state == AttributionRun.State.DONE
    assert money.earned(nord)[0] == ("RESALE", 15_00, "held")


def test_a_failure_does_not_hold_up_the_others() -> None:
    """One order that cannot be rated leaves the next alone."""
    nord = make.partner("nord")
    money.programme()
    make.order("ORD-A", through=nord)
    bad = money.happened(make.OrderRecord.objects.get(number="ORD-A"), OrderEventKind.PAID, day(1))
    good = money.happened(money.credited("ORD-B", (nord, "resale", 10_000)), OrderEventKind.PAID, day(1))
    counts = schedule.heal(now=day(2))
    assert (counts["rated"], counts["rating_failed"]) == (1, 1)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("failed", "done")


def test_self_referral_waits_for_a_person() -> None:
    """It is on the books as held, never released by time, and goes on once somebody cleared it."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", placed_at=NOON)
    money.credit(order.attribution_runs.get(), (nord, "resale", 10_000), held=True)
    money.paid(order)
    assert money.earned(nord) == [("RESALE", 15_00, "review")]
    assert money.accounts(nord)["Liability:Held"] == -15_00
    schedule.run_due(now=day(400))
    assert money.earned(nord) == [("RESALE", 15_00, "review")]
    assert "Liability:Payable" not in money.accounts(nord)
    accrual = Accrual.objects.get()
    assert holds.clear_review(accrual_ids=[accrual.pk], at=day(401), by=make.user(), reason="a real customer") == 1
    assert holds.clear_review(accrual_ids=[accrual.pk], at=day(402)) == 0
    schedule.run_due(now=day(403))
    assert money.earned(nord) == [("RESALE", 15_00, "payable")]
    assert LedgerPosting.objects.get(kind="release").booked_at == day(401)


def test_another_attribution_posts_the_difference_with_its_reason() -> None:
    """The first partner's commission is taken back whole, the second one's accrues; the old rows stay."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    money.paid(order)
    money.attributed_anew(order, (nord, "resale", 4_000), (sor, "resale", 6_000))
    counts = schedule.heal(now=day(5))
    assert counts["rated"] == 1
    assert schedule.heal(now=day(6))["rated"] == 0
    assert money.earned(nord) == [("RESALE", 15_00, "held"), ("RESALE", -9_00, "reversed")]
    assert money.earned(sor) == [("RESALE", 9_00, "held")]
    assert RatingRun.objects.filter(cause="re-attribution:2", state="done").count() == 1
    assert list(verification.findings()) == []


def test_a_new_version_never_changes_a_sold_order() -> None:
    """Neither the rates published after it, nor the partner's new tier, change what a refund takes back."""
    nord = make.partner("nord", tier=ChannelPartner.Tier.SILVER)
    rules = [{**money.DEFAULT_RULES[0], "conditions": {"tiers": ["silver"]}}]
    money.programme(rules=rules)
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    money.paid(order)
    ChannelPartner.objects.filter(pk=nord.pk).update(tier=ChannelPartner.Tier.GOLD)
    money.programme(at=day(5), rules=[{**money.DEFAULT_RULES[0], "rate_bp": 9_000}])
    refund = money.refunded(order, day(10), ("ORD-A/1", 0, 50_00))
    assert money.earned(nord) == [("RESALE", 15_00, "held"), ("RESALE", -7_50, "reversed")]
    assert refund.programme_version is not None
    assert refund.programme_version.version == 1
    money.refunded(order, day(11))
    assert money.accounts() == {}
    later = money.credited("ORD-B", (nord, "resale", 10_000), placed_at=day(6))
    money.paid(later)
    assert money.earned(nord)[-1] == ("RESALE", 90_00, "held")


def test_no_programme_in_force_earns_nothing() -> None:
    """An order older than every programme is rated, and says so."""
    nord = make.partner("nord")
    money.programme(at=day(1))
    run = money.paid(money.credited("ORD-A", (nord, "resale", 10_000), placed_at=day(0)), day(2))
    assert run.explanation["note"] == "No commission programme was in force when the order was placed."
    assert Accrual.objects.count() == 0


def test_the_margin_of_an_unknown_cost_is_nothing() -> None:
    """A margin rule pays on net less the cost of the units that are left."""
    nord = make.partner("nord")
    money.programme(rules=[{**money.DEFAULT_RULES[0], "base": "margin"}])
    lines = (make.line("ORD-A/1", 100_00, quantity=4, cost_minor=60_00), make.line("ORD-A/2", 100_00))
    order = money.credited("ORD-A", (nord, "resale", 10_000), lines=lines)
    money.paid(order)
    assert money.earned(nord) == [("RESALE", 6_00, "held")]
    money.refunded(order, day(3), ("ORD-A/1", 1, 25_00))
    assert money.earned(nord)[1:] == [("RESALE", -1_50, "reversed")]
    assert list(verification.findings()) == []


def test_the_task_follows_the_commit(django_capture_on_commit_callbacks: object) -> None:
    """Not before: a rolled-back event leaves nothing behind."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run = money.happened(order, OrderEventKind.PAID, day(1))
        assert run.state == RatingRun.State.PENDING
        assert Accrual.objects.count() == 0
    run.refresh_from_db()
    assert run.state == RatingRun.State.DONE
    assert Accrual.objects.count() == 1


def test_a_lost_transaction_owes_nothing() -> None:
    """The event and its run commit with the caller, or not at all."""
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    with transaction.atomic():
        money.happened(order, OrderEventKind.PAID, day(1))
        transaction.set_rollback(True)
    assert (RatingRun.objects.count(), order.events.count()) == (0, 0)


def test_an_unbalanced_posting_is_refused() -> None:
    """The service checks before it writes."""
    entries = (ledger.engine.Entry("Liability:Held", "", 5, "EUR"), ledger.engine.Entry("Asset:Bank", "", -5, "NOK"))
    draft = ledger.Draft(key="x", kind=LedgerPosting.Kind.PAY, booked_at=NOON, entries=entries)
    with pytest.raises(ledger.Unbalanced):
        ledger.post(draft)
    assert LedgerPosting.objects.count() == 0


def test_credits_stay_as_they_are() -> None:
    """Rating reads credits and writes none."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    before = list(Credit.objects.values())
    money.paid(order)
    assert list(Credit.objects.values()) == before


def test_a_published_version_cannot_be_edited() -> None:
    """Neither by the service nor around it; a draft can."""
    version = money.programme()
    with pytest.raises(programmes.AlreadyPublished):
        programmes.edit_draft(version_id=version.pk, terms={}, at=NOON)
    draft = programmes.create_draft(programme="channel", at=NOON)
    assert (draft.version, draft.terms) == (2, version.terms)
    programmes.edit_draft(version_id=draft.pk, terms={"hold_days": 3}, at=NOON)
    draft.refresh_from_db()
    assert draft.terms == {"hold_days": 3}
