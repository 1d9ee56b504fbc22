"""The desk's queues of disputes and overrides: what is seen, and that two people it takes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channels.commissions.models import Accrual, Adjustment, Dispute
from channels.commissions.services import disputes
from channels.commissions.services.schedule import heal
from channels.journeys.models import OrderRecord, Override
from shop.operations import roles
from tests.factories import channels as make
from tests.factories import shop
from tests.factories.commissions import credit, credited, paid, programme

pytestmark = pytest.mark.django_db

NOON, days = make.NOON, make.days


def staff(role: str = "channel_manager") -> Client:
    user = shop.user(is_staff=True)
    user.groups.add(roles.sync()[role])
    client = Client()
    client.force_login(user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def order() -> OrderRecord:
    make.policy()
    programme()
    made = credited("ORD-1", (make.partner("anna"), "referral", 10_000), lines=(make.line("ORD-1/1", 1_000_00),))
    make.partner("berta", name="Berta Networks")
    paid(made)
    return made


def disputed(**values: Any) -> Dispute:
    anna = make.ChannelPartner.objects.get(code="anna")
    defaults: dict[str, Any] = {"kind": "amount", "reason": "Gold earns 15 %.", "at": NOON + days(5), "by": None}
    return disputes.dispute_credit(partner_id=anna.pk, order_number="ORD-1", **{**defaults, **values})


def text(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def act(client: Client, name: str, *args: Any, **data: str) -> str:
    answer = client.post(reverse(name, args=args), data, follow=True)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_the_queue_shows_what_is_due_and_home_counts_it(order: OrderRecord) -> None:
    dispute = disputed()
    manager = staff()
    listed = text(manager, "desk_disputes")
    assert dispute.number in listed
    assert "overdue" in listed  # the clock of the tests runs years after March 2026
    assert dispute.number not in text(manager, "desk_disputes", state="rejected")
    assert dispute.number in text(manager, "desk_disputes", state="overdue")
    assert "Disputes and claims to decide" in text(manager, "desk")
    assert dispute.number in text(manager, "desk_order", "ORD-1")


def test_a_dispute_is_taken_up_and_rejected_with_an_answer(order: OrderRecord) -> None:
    dispute, manager = disputed(), staff()
    told = text(manager, "desk_dispute", dispute.number)
    for words in ("Gold earns 15 %.", "Take it up", "anna", "Frozen until it is decided"):
        assert words in told, words
    assert "under review" in act(manager, "desk_dispute_step", dispute.number, "take-up")
    assert "Write the answer" in act(manager, "desk_dispute_step", dispute.number, "reject", text=" ")
    assert "is rejected" in act(manager, "desk_dispute_step", dispute.number, "reject", text="10 % it is.")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.answer) == ("rejected", "10 % it is.")
    assert "this step is not open" in act(manager, "desk_dispute_step", dispute.number, "reject", text="Again.")


def test_an_amount_takes_a_second_person(order: OrderRecord) -> None:
    dispute, one, other = disputed(), staff(), staff("finance")
    act(one, "desk_dispute_step", dispute.number, "take-up")
    assert "Somebody else decides on an amount" in text(one, "desk_dispute", dispute.number)
    data = {"line": "ORD-1/1", "amount": "25,00", "text": "Promised."}
    assert "Somebody else than the person" in act(one, "desk_dispute_step", dispute.number, "adjust", **data)
    assert Adjustment.objects.count() == 0
    for wrong in ("", "x", "NaN", "-1", "1e99", "9999999999999"):
        act(other, "desk_dispute_step", dispute.number, "adjust", **{**data, "amount": wrong})
    assert Adjustment.objects.count() == 0
    assert "is upheld" in act(other, "desk_dispute_step", dispute.number, "adjust", **data)
    heal(now=timezone.now() + days(1))
    assert Accrual.objects.get(type="ADJUSTMENT").amount_minor == 25_00


def test_an_override_is_previewed_proposed_and_approved_by_another(order: OrderRecord) -> None:
    one, other = staff(), staff("finance")
    shown = text(one, "desk_credit_override_propose", "ORD-1")
    assert 'value="anna" selected' in shown
    data = {
        "pool_0": "referral", "partner_0": "anna", "share_0": "60", "pool_1": "referral", "partner_1": "berta",
        "share_1": "40", "reason": "Berta ran the workshop.", "evidence": "Minutes.",
    }  # fmt: skip
    seen = act(one, "desk_credit_override_propose", "ORD-1", preview="1", **data)
    assert "Who gains and who loses" in seen
    assert ("-40.00 EUR" in seen, "40.00 EUR" in seen, Override.objects.count()) == (True, True, 0)

    assert "Somebody else decides on it" in act(one, "desk_credit_override_propose", "ORD-1", **data)
    proposal = Override.objects.get()
    mine = text(one, "desk_credit_override", proposal.pk)
    assert ("You proposed this" in mine, "/approve/" in mine) == (True, False)
    assert "Somebody else than the person who proposed" in act(
        one, "desk_credit_override_decide", proposal.pk, "approve"
    )
    assert "has new credits" in act(other, "desk_credit_override_decide", proposal.pk, "approve")
    heal(now=timezone.now() + days(1))
    assert sorted(Accrual.objects.values_list("partner__code", "amount_minor")) == [
        ("anna", -40_00), ("anna", 100_00), ("berta", 40_00),
    ]  # fmt: skip
    assert "Two people decided the shares of this line: Berta ran the workshop." in text(one, "desk_order", "ORD-1")
    assert proposal.reason in text(one, "desk_credit_overrides")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"share_0": "50"}, "do not sum to 100"),
        ({"partner_0": ""}, "Row 1 needs a pool, a partner and a share"),
        ({"pool_0": "", "partner_0": "", "share_0": ""}, "Fill in a row"),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_the_form_says_what_is_wrong(order: OrderRecord, data: dict[str, str], message: str) -> None:
    whole = {"pool_0": "referral", "partner_0": "berta", "share_0": "100", "reason": "x", "evidence": "y"}
    assert message in act(staff(), "desk_credit_override_propose", "ORD-1", **{**whole, **data})
    assert Override.objects.count() == 0


def test_an_override_from_a_dispute_upholds_it(order: OrderRecord) -> None:
    dispute, one, other = disputed(kind="share"), staff(), staff()
    act(one, "desk_dispute_step", dispute.number, "take-up")
    assert f"?dispute={dispute.number}" in text(one, "desk_dispute", dispute.number)
    data = {"nobody": "on", "reason": "Our own lead.", "evidence": "CRM.", "dispute": dispute.number}
    assert dispute.number in act(one, "desk_credit_override_propose", "ORD-1", **data)
    assert "Approving it upholds the dispute" in text(one, "desk_dispute", dispute.number)
    assert "decide on that first" in act(one, "desk_dispute_step", dispute.number, "reject", text="No.")
    act(other, "desk_credit_override_decide", Override.objects.get().pk, "approve")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.answer) == ("upheld", "Our own lead.")


def test_a_proposal_is_withdrawn_by_its_proposer_alone(order: OrderRecord) -> None:
    one, other = staff(), staff()
    act(one, "desk_credit_override_propose", "ORD-1", nobody="on", reason="Our own lead.", evidence="CRM.")
    proposal = Override.objects.get()
    assert "Only the person who proposed" in act(other, "desk_credit_override_withdraw", proposal.pk)
    assert "is withdrawn" in act(one, "desk_credit_override_withdraw", proposal.pk)
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_a_claim_of_no_order_warns_not_to_tell(order: OrderRecord) -> None:
    anna = make.ChannelPartner.objects.get(code="anna")
    claim = disputes.claim(
        partner_id=anna.pk, named="ORD-404", ordered_on=NOON.date(), reason="Ours.", evidence="", at=NOON, by=None
    )
    assert "Do not tell the partner so" in text(staff(), "desk_dispute", claim.number)


def test_a_held_credit_is_rejected_with_a_reason(order: OrderRecord) -> None:
    held = credited("ORD-2", lines=(make.line("ORD-2/1", 500_00),))
    credit(held.attribution_runs.get(), (make.ChannelPartner.objects.get(code="berta"), "referral", 10_000), held=True)
    paid(held)
    accrual, finance = Accrual.objects.get(state="review"), staff("finance")
    assert "Reject the credit" in text(finance, "desk_reviews")
    assert "Say why" in act(finance, "desk_review_reject", accrual.pk, reason=" ")
    assert "is rejected" in act(finance, "desk_review_reject", accrual.pk, reason="Own company.")
    heal(now=timezone.now() + days(1))
    accrual.refresh_from_db()
    assert (accrual.state, accrual.reversals.get().amount_minor) == ("reversed", -50_00)
    assert "decided on this credit already" in act(finance, "desk_review_clear", accrual.pk, reason="Fine.")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queues_cost_the_same_whatever_their_length(rows: int) -> None:
    make.policy()
    programme()
    anna, by = make.partner("anna"), make.user()
    for number in range(rows):
        order = credited(f"ORD-{number}", (anna, "referral", 10_000))
        disputed_order = {"partner_id": anna.pk, "order_number": order.number, "kind": "amount", "reason": "x"}
        disputes.dispute_credit(**disputed_order, at=NOON, by=None)
        Override.objects.create(order=order, reason="x", evidence="y", proposed_by=by, proposed_at=NOON)
    client = staff()
    for name, queries in (("desk_disputes", 3), ("desk_credit_overrides", 2)):
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        own = [row["sql"] for row in captured if '"channels_' in row["sql"]]
        assert len(own) == queries, (name, own)
