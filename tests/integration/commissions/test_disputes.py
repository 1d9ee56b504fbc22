"""Disputes and claims: what they freeze, how they end, and what they never tell."""

from datetime import date, timedelta
from typing import Any

import pytest

from channels.audit.models import AuditEvent
from channels.commissions.models import Accrual, Dispute, LedgerPosting, Statement
from channels.commissions.selectors.freezes import frozen
from channels.commissions.selectors.verification import findings
from channels.commissions.services import disputes, overrides, payouts
from channels.commissions.services.disputes import NotPossible
from channels.commissions.services.schedule import heal, run_due
from channels.journeys.models import OrderRecord
from channels.journeys.services import overrides as proposals
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories.commissions import accounts, credited, earned, paid, programme, refunded

pytestmark = pytest.mark.django_db

NOON, days = make.NOON, make.days
# Paid on 3 March and held 14 days; with no delivery known, 30 days from the payment: until 2 April.
HOLD_ENDS = NOON + days(31)


def world(*shares: tuple[str, str, int], net_minor: int = 1_000_00) -> OrderRecord:
    make.policy()
    programme()
    partners = {code: make.partner(code) for code in ("anna", "berta", "carl")}
    order = credited(
        "ORD-1",
        *((partners[code], pool, share) for code, pool, share in shares),
        lines=(make.line("ORD-1/1", net_minor),),
    )
    paid(order)
    return order


def partner(code: str) -> ChannelPartner:
    return ChannelPartner.objects.get(code=code)


def disputed(code: str = "anna", kind: str = "share", at: Any = None, **values: Any) -> Dispute:
    defaults: dict[str, Any] = {"reason": "We ran the workshop.", "order_number": "ORD-1", "by": make.user()}
    return disputes.dispute_credit(
        partner_id=partner(code).pk, kind=kind, at=at or NOON + days(5), **{**defaults, **values}
    )


def claimed(code: str = "carl", named: str = "ORD-1", at: Any = None, **values: Any) -> Dispute:
    defaults: dict[str, Any] = {
        "ordered_on": date(2026, 3, 2),
        "reason": "Our lead.",
        "evidence": "",
        "by": make.user(),
    }
    return disputes.claim(partner_id=partner(code).pk, named=named, at=at or NOON + days(5), **{**defaults, **values})


def states() -> dict[str, str]:
    return {row.partner.code: row.state for row in Accrual.objects.filter(reverses=None).select_related("partner")}


# --- what is frozen -------------------------------------------------------------------------------------------------


def test_a_disputed_commission_is_not_released_and_goes_on_when_it_is_decided() -> None:
    world(("anna", "referral", 6_000), ("berta", "referral", 4_000))
    dispute = disputed(kind="amount")
    assert [row.partner.code for row in frozen(Accrual.objects.all())] == ["anna"]

    run_due(now=HOLD_ENDS + days(1))
    assert states() == {"anna": "held", "berta": "payable"}

    reviewer = make.user()
    disputes.take_up(dispute_id=dispute.pk, at=HOLD_ENDS + days(2), by=reviewer)
    disputes.reject(dispute_id=dispute.pk, at=HOLD_ENDS + days(3), by=reviewer, answer="10 % is what the rule says.")
    assert states() == {"anna": "held", "berta": "payable"}
    run_due(now=HOLD_ENDS + days(3))
    assert states() == {"anna": "payable", "berta": "payable"}
    release = LedgerPosting.objects.get(kind="release", accrual__partner__code="anna")
    assert release.effective_at == HOLD_ENDS + days(3)
    assert list(findings()) == []


def test_who_wants_more_freezes_what_the_others_could_lose() -> None:
    world(("anna", "referral", 6_000), ("berta", "referral", 4_000))
    dispute = disputed(kind="share")
    assert dispute.freezes_others
    run_due(now=HOLD_ENDS + days(1))
    assert states() == {"anna": "held", "berta": "held"}
    told = Notice.objects.get(partner__code="berta")
    assert (told.kind, told.params) == ("dispute.frozen", {"number": "ORD-1"})

    disputes.withdraw(dispute_id=dispute.pk, at=HOLD_ENDS + days(2), by=None)
    run_due(now=HOLD_ENDS + days(2))
    assert states() == {"anna": "payable", "berta": "payable"}
    kinds = Notice.objects.filter(partner__code="berta").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["dispute.frozen", "dispute.thawed"]


def test_a_claim_out_of_the_blue_freezes_nobody_until_it_is_taken_up() -> None:
    world(("anna", "referral", 10_000))
    dispute = claimed()
    assert (dispute.order_id is not None, dispute.is_grounded, dispute.freezes_others) == (True, False, False)
    assert not frozen(Accrual.objects.all()).exists()
    disputes.take_up(dispute_id=dispute.pk, at=NOON + days(6), by=make.user())
    assert [row.partner.code for row in frozen(Accrual.objects.all())] == ["anna"]
    run_due(now=HOLD_ENDS + days(1))
    assert states() == {"anna": "held"}


def test_a_claim_that_our_records_bear_out_freezes_at_once() -> None:
    world(("anna", "referral", 10_000))
    make.company()
    from channels.journeys.services.relationships import set_relationship

    set_relationship(
        company_key="fjord", partner_code="carl", role="advisor", valid_from=NOON - days(9), at=NOON, source="desk"
    )
    dispute = claimed()
    assert (dispute.is_grounded, dispute.freezes_others) == (True, True)
    assert [row.partner.code for row in frozen(Accrual.objects.all())] == ["anna"]


def test_what_was_released_and_stated_is_put_back_on_hold_and_not_paid() -> None:
    world(("anna", "referral", 10_000))
    anna = partner("anna")
    run_due(now=NOON + days(61))  # 2 May: April is closed
    statement = Statement.objects.get(partner=anna)
    assert (statement.payable_minor, states()) == (100_00, {"anna": "stated"})

    dispute = disputed(kind="amount", at=NOON + days(62))
    assert states() == {"anna": "held"}
    assert accounts(anna) == {"Expense:Commission:REFERRAL": 100_00, "Liability:Held": -100_00}
    payouts_refused(statement, NOON + days(62))

    run_due(now=NOON + days(92))  # 2 June: May states the freeze, so that nothing is asked for
    may = Statement.objects.filter(partner=anna).order_by("-period_start")[0]
    assert (may.movement_minor, may.closing_minor, may.payable_minor) == (-100_00, 0, 0)
    assert states() == {"anna": "held"}

    reviewer = make.user()
    disputes.take_up(dispute_id=dispute.pk, at=NOON + days(93), by=reviewer)
    disputes.reject(dispute_id=dispute.pk, at=NOON + days(93), by=reviewer, answer="The rule stands.")
    run_due(now=NOON + days(122))  # 2 July
    june = Statement.objects.filter(partner=anna).order_by("-period_start")[0]
    # April asks for it already, and may be paid now.
    assert (june.opening_minor, june.movement_minor, june.closing_minor, june.payable_minor) == (0, 100_00, 100_00, 0)
    assert payouts.create(statement_id=statement.pk, at=NOON + days(123)).amount_minor == 100_00
    assert list(findings()) == []


def payouts_refused(statement: Statement, at: Any) -> None:
    Statement.objects.filter(pk=statement.pk).update(state=Statement.State.APPROVED, approved_at=at)
    with pytest.raises(payouts.NothingOwed):
        payouts.create(statement_id=statement.pk, at=at)


def test_what_is_paid_stays_paid_and_nets() -> None:
    world(("anna", "referral", 10_000))
    anna = partner("anna")
    run_due(now=NOON + days(61))
    statement = Statement.objects.get(partner=anna)
    Statement.objects.filter(pk=statement.pk).update(state=Statement.State.APPROVED, approved_at=NOON + days(61))
    payout = payouts.create(statement_id=statement.pk, at=NOON + days(61))
    payouts.record_payment(payout_id=payout.pk, reference="T-1", at=NOON + days(61))
    claim = claimed(at=NOON + days(62))
    reviewer, other = make.user(), make.user()
    disputes.take_up(dispute_id=claim.pk, at=NOON + days(62), by=reviewer)
    assert states() == {"anna": "paid"}

    remedy(claim, {"referral": {"carl": 10_000}}, reviewer, other, NOON + days(63))
    heal(now=NOON + days(63))
    assert earned(anna) == [("REFERRAL", 100_00, "reversed"), ("REFERRAL", -100_00, "reversed")]
    assert accounts(anna)["Asset:Clawback"] == 100_00
    assert earned(partner("carl")) == [("REFERRAL", 100_00, "held")]
    assert list(findings()) == []


def remedy(dispute: Dispute, pools: dict[str, dict[str, int]], one: Any, other: Any, at: Any) -> None:
    assert dispute.order is not None
    proposal = proposals.propose(
        order_id=dispute.order.pk, lines=(), pools=pools, reason="The workshop decided it.", evidence="Mail of 1 March.",
        at=at, by=one,
    )  # fmt: skip
    disputes.propose_remedy(dispute_id=dispute.pk, override_id=proposal.pk)
    overrides.approve(override_id=proposal.pk, at=at, by=other)


def test_a_refund_reaches_what_is_frozen() -> None:
    order = world(("anna", "referral", 10_000))
    run_due(now=HOLD_ENDS + days(1))
    disputed(kind="amount", at=HOLD_ENDS + days(2))
    refunded(order, HOLD_ENDS + days(3), ("ORD-1/1", 0, 400_00))
    assert accounts(partner("anna")) == {"Expense:Commission:REFERRAL": 60_00, "Liability:Held": -60_00}
    refunded(order, HOLD_ENDS + days(4))
    assert accounts(partner("anna")) == {}
    assert list(findings()) == []


# --- how they end ---------------------------------------------------------------------------------------------------


def test_an_approved_override_upholds_the_dispute_behind_it() -> None:
    world(("anna", "referral", 10_000))
    claim, reviewer, other = claimed(), make.user(), make.user()
    disputes.take_up(dispute_id=claim.pk, at=NOON + days(6), by=reviewer)
    remedy(claim, {"referral": {"anna": 5_000, "carl": 5_000}}, reviewer, other, NOON + days(7))
    heal(now=NOON + days(7))

    claim.refresh_from_db()
    assert (claim.state, claim.answer, claim.decided_by) == ("upheld", "The workshop decided it.", other)
    assert earned(partner("carl")) == [("REFERRAL", 50_00, "held")]
    kinds = Notice.objects.filter(partner__code="carl").order_by("pk").values_list("subject", flat=True)
    assert list(kinds) == [
        "We have received %(dispute)s",
        "Somebody is looking into %(dispute)s",
        "%(dispute)s was decided in your favour",
        "The credit for order %(number)s was decided anew",
    ]
    verbs = AuditEvent.objects.filter(subject_type="channels_commissions.dispute").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["dispute.opened", "dispute.take_up", "dispute.uphold"]


def test_an_adjustment_is_an_accrual_that_follows_the_order() -> None:
    order = world(("anna", "referral", 10_000))
    dispute, reviewer, other = disputed(kind="amount"), make.user(), make.user()
    disputes.take_up(dispute_id=dispute.pk, at=NOON + days(6), by=reviewer)
    with pytest.raises(NotPossible, match="Somebody else"):
        adjusted(dispute, 25_00, reviewer)
    adjusted(dispute, 25_00, other)
    heal(now=NOON + days(7))
    anna = partner("anna")
    assert earned(anna) == [("REFERRAL", 100_00, "held"), ("ADJUSTMENT", 25_00, "held")]
    added = LedgerPosting.objects.get(accrual__type="ADJUSTMENT")
    assert added.memo == f"adjustment:{dispute.number}: {dispute.number}: The campaign rate was promised."

    refunded(order, NOON + days(8), ("ORD-1/1", 0, 400_00))
    assert [amount for kind, amount, _ in earned(anna) if kind == "ADJUSTMENT"] == [25_00, -10_00]
    refunded(order, NOON + days(9))
    assert accounts(anna) == {}
    assert list(findings()) == []


def adjusted(dispute: Dispute, amount_minor: int, by: Any) -> None:
    disputes.uphold_with_adjustment(
        dispute_id=dispute.pk, line_key="ORD-1/1", amount_minor=amount_minor,
        answer="The campaign rate was promised.", at=NOON + days(7), by=by,
    )  # fmt: skip


@pytest.mark.parametrize("amount", [0, -1, 1_000_01])
def test_an_adjustment_has_bounds(amount: int) -> None:
    world(("anna", "referral", 10_000))
    dispute = disputed(kind="amount")
    disputes.take_up(dispute_id=dispute.pk, at=NOON + days(6), by=make.user())
    with pytest.raises(NotPossible, match="above zero"):
        adjusted(dispute, amount, make.user())
    dispute.refresh_from_db()
    assert dispute.state == "under_review"


def test_nothing_is_decided_before_somebody_took_it_up_or_twice() -> None:
    world(("anna", "referral", 10_000))
    dispute, by = disputed(), make.user()
    with pytest.raises(NotPossible, match="this step is not open"):
        disputes.reject(dispute_id=dispute.pk, at=NOON + days(6), by=by, answer="No.")
    disputes.take_up(dispute_id=dispute.pk, at=NOON + days(6), by=by)
    with pytest.raises(NotPossible, match="Write the answer"):
        disputes.reject(dispute_id=dispute.pk, at=NOON + days(6), by=by, answer=" ")
    disputes.reject(dispute_id=dispute.pk, at=NOON + days(6), by=by, answer="No.")
    for again in (
        lambda: disputes.reject(dispute_id=dispute.pk, at=NOON + days(7), by=by, answer="No."),
        lambda: disputes.take_up(dispute_id=dispute.pk, at=NOON + days(7), by=by),
        lambda: disputes.withdraw(dispute_id=dispute.pk, at=NOON + days(7), by=None),
    ):
        with pytest.raises(NotPossible, match="is Rejected"):
            again()
    with pytest.raises(NotPossible, match="nothing can be added"):
        disputes.write(dispute_id=dispute.pk, side="partner", text="But!", at=NOON + days(7), by=None)


def test_the_due_date_moves_with_a_reason_that_the_partner_reads() -> None:
    world(("anna", "referral", 10_000))
    dispute, by = disputed(), make.user()
    assert dispute.due_at == NOON + days(19)
    disputes.move_due(
        dispute_id=dispute.pk, due_on=date(2026, 4, 1), reason="Waiting for Berta.", at=NOON + days(6), by=by
    )
    dispute.refresh_from_db()
    assert dispute.due_at == NOON + timedelta(days=30)
    assert Notice.objects.latest("pk").params["text"] == "2026-04-01: Waiting for Berta."
    for due_on, reason in ((date(2026, 3, 1), "x"), (date(2026, 5, 1), " ")):
        with pytest.raises(NotPossible):
            disputes.move_due(dispute_id=dispute.pk, due_on=due_on, reason=reason, at=NOON + days(6), by=by)


# --- who may, and what it tells -------------------------------------------------------------------------------------


def test_the_period_ends_after_ninety_days() -> None:
    world(("anna", "referral", 10_000))
    commission_at = NOON + days(1)
    with pytest.raises(NotPossible, match="for 90 days; these are over"):
        disputed(at=commission_at + days(90))
    assert disputed(at=commission_at + days(90) - timedelta(seconds=1)).state == "open"
    with pytest.raises(NotPossible, match="for 90 days; these are over"):
        claimed(at=NOON + days(90))
    assert claimed(at=NOON + days(89)).state == "open"


def test_a_claim_tells_nothing_of_the_order() -> None:
    """One that is there and one that is not are answered alike, mails included."""
    world(("anna", "referral", 10_000))
    there, missing = claimed(named="ord-1"), claimed(named="ORD-404")
    assert (there.order_id is None, missing.order_id is None) == (False, True)

    def told(dispute: Dispute) -> list[Any]:
        rows = Notice.objects.filter(partner__code="carl", params__dispute=dispute.number)
        texts = [(row.kind, row.subject, row.body, {**row.params, "dispute": "", "number": ""}) for row in rows]
        steps = list(dispute.entries.values_list("step", "text", "is_internal"))
        return [texts, steps, dispute.state, dispute.due_at]

    assert told(there) == told(missing)
    reviewer = make.user()
    for dispute in (there, missing):
        disputes.take_up(dispute_id=dispute.pk, at=NOON + days(6), by=reviewer)
        disputes.reject(dispute_id=dispute.pk, at=NOON + days(7), by=reviewer, answer="Not yours.")
        dispute.refresh_from_db()
    assert told(there) == told(missing)


def test_the_public_reference_claims_as_the_number_does() -> None:
    world(("anna", "referral", 10_000))
    assert claimed(named=" #REF-ord-1 ").order == OrderRecord.objects.get()


def test_a_partner_disputes_its_own_credits_only() -> None:
    world(("anna", "referral", 10_000))
    with pytest.raises(NotPossible, match="does not credit you"):
        disputed("berta")
    with pytest.raises(NotPossible, match="does not credit you"):
        disputed(order_number="ORD-404")
    disputed()
    with pytest.raises(NotPossible, match="open request about this order already"):
        disputed()


def test_nobody_tries_out_order_numbers() -> None:
    world(("anna", "referral", 10_000))
    for number in range(disputes.MOST_CLAIMS):
        claimed(named=f"X-{number}")
    with pytest.raises(NotPossible, match="many open claims"):
        claimed(named="X-99")


def test_an_internal_note_stays_inside() -> None:
    world(("anna", "referral", 10_000))
    dispute, by = disputed(), make.user()
    before = Notice.objects.count()
    disputes.write(dispute_id=dispute.pk, side="desk", text="Ask Berta first.", at=NOON, by=by, is_internal=True)
    assert Notice.objects.count() == before
    disputes.write(dispute_id=dispute.pk, side="desk", text="Which workshop?", at=NOON, by=by)
    assert Notice.objects.latest("pk").params["text"] == "Which workshop?"
