"""What the fake answers, and what the store asks for, in the words of Stripe's own client library."""

from typing import Any

import pytest
import stripe
from stripe import params

from channels.commissions.rails import stripe_connect
from channels.commissions.rails.protocol import Transfer
from shop.payments.fake_stripe import accounts, bank, instruments, payer, transport
from shop.payments.models import FakeObject
from shop.payments.services import disputes, methods, payments, refunds
from tests.factories import shop
from tests.factories.payments import NOW, paid, saved, sent
from tests.harness.stripe_shapes import faults, missing

pytestmark = pytest.mark.django_db
ANSWERED: dict[str, type] = {
    "account": stripe.Account,
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "transfer": stripe.Transfer,
}
ASKED: dict[str, type] = {
    "/v1/account_links": params.AccountLinkCreateParams,
    "/v1/accounts": params.AccountCreateParams,
    "/v1/customers": params.CustomerCreateParams,
    "/v1/payment_intents": params.PaymentIntentCreateParams,
    "/v1/refunds": params.RefundCreateParams,
    "/v1/setup_intents": params.SetupIntentCreateParams,
    "/v1/transfers": params.TransferCreateParams,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every request that the client made."""
    seen: list[Any] = []
    answer = transport.FakeStripe._answer
    monkeypatch.setattr(
        transport.FakeStripe,
        "_answer",
        lambda self, request, *more: seen.append(request) or answer(self, request, *more),
    )
    return seen


def everything_that_happens() -> None:
    """Cards and debits paid, declined, confirmed, given up, returned, refunded and disputed; methods saved and let go."""
    company = shop.company()
    payment = paid(company)
    refund = refunds.request_refund(payment_id=payment.pk, amount=payment.amount / 4, key="r", reason="broken", at=NOW)
    refunds.send_refund(refund_id=refund.pk, at=NOW)
    disputes.apply_dispute(dispute=bank.dispute(payment.intent_id), at=NOW)
    for number in (instruments.INSUFFICIENT, instruments.THREE_D_SECURE):
        payer.pay(sent(company).client_secret, number)
    payments.cancel(payment_id=sent(company).pk, at=NOW)
    for number in (instruments.DEBIT_OK, instruments.DEBIT_COMES_BACK):
        payer.pay(sent(company, kind="bank_debit").client_secret, number)
    bank.settle_all()
    card = saved(company)
    sent(company, saved_method=card)
    saved(company, number=instruments.DEBIT_OK, kind="bank_debit")
    methods.remove(method=card)
    methods.detach(method_id=card.pk, at=NOW)
    partner_is_paid()


def partner_is_paid() -> None:
    """An account is connected, told about, sent money, and asked for it back."""
    account = stripe_connect.create_account(key="a", country="NO", email="nord@example.com", partner_code="nord")
    stripe_connect.onboarding_url(
        account_id=account.account_id, return_url="https://shop.example.com/", refresh_url="https://shop.example.com/"
    )
    accounts.tell(account.account_id, "complete")
    rail = stripe_connect.StripeConnect()
    transfer = Transfer(
        key="t",
        group="g",
        reference="ST-1",
        holder="Nord",
        amount_minor=10_00,
        currency="EUR",
        destination=account.account_id,
    )
    sent_as = rail.send(transfer)
    assert sent_as is not None
    rail.take_back(transfer, provider_id=sent_as.provider_id, key="b")


def typed(sent_as: Any) -> Any:
    """Return what a form's texts stand for: lists by their places, whole numbers, yes and no."""
    if isinstance(sent_as, dict):
        inner = {name: typed(one) for name, one in sent_as.items()}
        return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner
    if sent_as in ("true", "false"):
        return sent_as == "true"
    return int(sent_as) if isinstance(sent_as, str) and sent_as.isdigit() else sent_as


def test_every_object_of_the_fake_is_one_of_stripes() -> None:
    everything_that_happens()
    wrong = [
        fault
        for row in FakeObject.objects.filter(kind__in=ANSWERED).order_by("sequence")
        for fault in faults(row.data, ANSWERED[row.kind], row.kind)
    ]
    assert sorted(set(wrong)) == []
    assert set(FakeObject.objects.values_list("kind", flat=True)) >= set(ANSWERED)


def test_nothing_is_left_out_that_stripe_always_sends() -> None:
    everything_that_happens()
    rows = FakeObject.objects.filter(kind__in=ANSWERED)
    assert {row.kind: gone for row in rows if (gone := missing(row.data, ANSWERED[row.kind]))} == {}


def test_every_request_is_in_stripes_words(asked: list[Any]) -> None:
    everything_that_happens()
    made = [request for request in asked if request.method == "POST" and request.path in ASKED]
    assert {request.path for request in made} == set(ASKED)
    wrong = [fault for request in made for fault in faults(typed(request.params), ASKED[request.path], request.path)]
    assert sorted(set(wrong)) == []


def test_twin_a_wrong_word_is_named() -> None:
    assert list(faults({"status": "paid"}, stripe.PaymentIntent, "it")) == ["it.status: 'paid' is none of 7 choices"]
    assert list(faults({"colour": 1}, stripe.Refund, "it")) == ["it.colour: Refund has no such name"]
    assert list(faults({"amount": "1"}, stripe.Charge, "it")) == ["it.amount: '1' is no int"]
    assert list(faults({"evidence_details": {"due": 1}}, stripe.Dispute, "it")) == [
        "it.evidence_details.due: EvidenceDetails has no such name"
    ]
    assert "amount" in missing({}, stripe.Charge)
