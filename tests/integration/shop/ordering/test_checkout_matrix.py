"""Everything that can happen between the button and the order: placed exactly once, or never charged, or refunded.

Buyers use the browser's words, payers the fake's page, and Stripe's webhooks come, come twice, or never.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord
from oscar.apps.voucher.models import Voucher

from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from shop.billing.models import InvoicePayment
from shop.buying.models import CheckoutAttempt
from shop.buying.services import settlement, sweeping
from shop.credit.models import CreditAccount, CreditEntry
from shop.forks.basket.models import Basket
from shop.payments.fake_stripe import deliveries, payer
from shop.payments.fake_stripe.instruments import DECLINE, INSUFFICIENT, OK, THREE_D_SECURE
from shop.payments.models import FakeObject, Payment, Refund
from shop.payments.services import reconciler
from tests.factories import channels, shop

pytestmark = pytest.mark.django_db

PLACED, NOT_CHARGED, REFUNDED = "placed once", "never charged", "refunded"


@dataclass
class Story:
    """One buyer at the review page; each verb is what somebody does, with what follows its commit."""

    commit: Callable[..., Any]
    buyer: Any = field(default_factory=shop.buyer)
    seller: str = "direct"
    code: str = ""
    pages: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.probe = shop.product("Probe", stock=2)
        self.basket = shop.basket(self.buyer, (self.probe, 2))
        if self.code:
            self.basket.vouchers.add(shop.voucher(self.code))
        self.browser = Client()
        self.browser.force_login(self.buyer, backend="shop.forks.customer.auth_backends.EmailBackend")
        self.browser.post(reverse("checkout:how-to-buy"), {"seller": self.seller})
        address = shop.address(self.buyer).pk
        self.browser.post(reverse("checkout:delivery"), {"address": address, "shipping_code": "standard"})
        self.reviewed = self.browser.get(reverse("checkout:preview")).context["reviewed"]

    def press(self, pay_with: str = "card") -> Any:
        with self.commit(execute=True):
            answer = self.browser.post(reverse("checkout:preview"), {"reviewed": self.reviewed, "pay_with": pay_with})
        self.pages.append(answer)
        return answer

    @property
    def attempt(self) -> CheckoutAttempt:
        return CheckoutAttempt.objects.select_related("payment").get(payment__isnull=False)

    def enter(self, number: str) -> None:
        payer.pay(self.attempt.payment.client_secret, number)

    def confirm(self, *, says: bool = True) -> None:
        payer.answer_bank(self.attempt.payment.client_secret, confirms=says)

    def come_back(self) -> Any:
        with self.commit(execute=True):
            page = self.browser.post(reverse("checkout:paying", kwargs={"key": self.attempt.key}), follow=True)
        self.pages.append(page)
        return page

    def stop(self) -> None:
        with self.commit(execute=True):
            self.browser.post(reverse("checkout:stop-paying", kwargs={"key": self.attempt.key}))

    def webhooks(self) -> None:
        with self.commit(execute=True):
            deliveries.deliver_waiting(at=timezone.now())

    def webhook_again(self) -> None:
        with self.commit(execute=True):
            deliveries.deliver(deliveries.events("payment_intent.succeeded")[-1], at=timezone.now())

    def minutes_pass(self, minutes: int) -> None:
        """What beat runs, so much later, without any webhook."""
        now = timezone.now() + timedelta(minutes=minutes)
        with self.commit(execute=True):
            reconciler.reconcile(now=now)
            sweeping.expire(now=now)

    def take_the_last(self) -> None:
        """The hold ran out unheard of, and somebody else bought the last units."""
        StockRecord.objects.filter(product=self.probe).update(num_in_stock=0)


def card_ok(story):
    story.press()
    story.enter(OK)
    story.come_back()


def three_d_secure(story):
    story.press()
    story.enter(THREE_D_SECURE)
    story.come_back()
    story.confirm()
    story.come_back()


def three_d_secure_refused(story):
    story.press()
    story.enter(THREE_D_SECURE)
    story.confirm(says=False)
    story.come_back()
    story.stop()


def decline(story):
    story.press()
    story.enter(DECLINE)
    page = story.come_back()
    assert "Your bank declined the payment" in page.content.decode()
    story.stop()


def decline_then_another_card(story):
    story.press()
    story.enter(INSUFFICIENT)
    story.come_back()
    story.enter(OK)
    story.come_back()


def webhook_first(story):
    story.press()
    story.enter(OK)
    story.webhooks()
    story.come_back()


def webhook_twice(story):
    webhook_first(story)
    story.webhook_again()
    story.webhook_again()


def tab_closed_and_webhook(story):
    story.press()
    story.enter(OK)
    story.webhooks()


def tab_closed_and_no_webhook(story):
    story.press()
    story.enter(OK)
    story.minutes_pass(3)


def tab_closed_before_paying(story):
    story.press()
    story.minutes_pass(31)


def paid_in_the_last_moment(story):
    """The hold is over when beat looks; the payment turns out to be paid."""
    story.press()
    story.enter(OK)
    story.minutes_pass(45)


def double_click(story):
    first, second = story.press(), story.press()
    assert first.url == second.url
    story.enter(OK)
    story.come_back()
    assert story.press().url.startswith("/checkout/thank-you/")


def stock_gone_before(story):
    story.take_the_last()
    story.press()


def stock_gone_while_held(story):
    """Somebody else wants the last two: they are not to be had."""
    story.press()
    with pytest.raises(Exception, match="sold out"):
        shop.place(shop.buyer(), (story.probe, 1))
    story.enter(OK)
    story.come_back()


def stock_gone_after_the_hold(story):
    story.press()
    with story.commit(execute=True), pytest.MonkeyPatch.context() as away:
        away.setattr("shop.payments.services.payments.cancel", lambda **how: None)  # nobody reaches Stripe
        sweeping.expire(now=timezone.now() + settlement.HOLD)
    story.take_the_last()
    story.enter(OK)
    story.webhooks()


def voucher_gone_before(story):
    Voucher.objects.update(end_datetime=timezone.now() - timedelta(days=1))
    story.press()


def voucher_gone_after(story):
    story.press()
    Voucher.objects.update(end_datetime=timezone.now() - timedelta(days=1))
    story.enter(OK)
    story.come_back()


def price_changed_before(story):
    StockRecord.objects.update(price=Decimal("130.00"))
    story.press()


def price_changed_after(story):
    story.press()
    StockRecord.objects.update(price=Decimal("130.00"))
    story.enter(OK)
    story.come_back()


def credit_gone(story):
    CreditAccount.objects.create(company=story.buyer.company, currency="EUR", limit=Decimal("10.00"))
    refused = story.press("invoice")
    assert refused.status_code == 409
    assert "more than your company's credit" in html.unescape(refused.content.decode())


def credit_gone_so_by_card(story):
    credit_gone(story)
    story.reviewed = story.pages[-1].context["reviewed"]
    card_ok(story)


def reseller_suspended_before(story):
    ChannelPartner.objects.update(status=ChannelPartner.Status.SUSPENDED)
    assert story.press().url == reverse("checkout:how-to-buy")


def reseller_suspended_after(story):
    story.press()
    ChannelPartner.objects.update(status=ChannelPartner.Status.SUSPENDED)
    story.enter(OK)
    story.webhooks()


def on_invoice(story):
    story.press("invoice")
    story.press("invoice")


MATRIX = [
    (card_ok, PLACED),
    (three_d_secure, PLACED),
    (three_d_secure_refused, NOT_CHARGED),
    (decline, NOT_CHARGED),
    (decline_then_another_card, PLACED),
    (webhook_first, PLACED),
    (webhook_twice, PLACED),
    (tab_closed_and_webhook, PLACED),
    (tab_closed_and_no_webhook, PLACED),
    (tab_closed_before_paying, NOT_CHARGED),
    (paid_in_the_last_moment, PLACED),
    (double_click, PLACED),
    (stock_gone_before, NOT_CHARGED),
    (stock_gone_while_held, PLACED),
    (stock_gone_after_the_hold, REFUNDED),
    (voucher_gone_before, NOT_CHARGED),
    (voucher_gone_after, REFUNDED),
    (price_changed_before, NOT_CHARGED),
    (price_changed_after, PLACED),
    (credit_gone, NOT_CHARGED),
    (credit_gone_so_by_card, PLACED),
    (reseller_suspended_before, NOT_CHARGED),
    (reseller_suspended_after, REFUNDED),
]


@pytest.mark.parametrize(
    ("happens", "outcome"), [pytest.param(*row, id=f"{row[0].__name__}: {row[1]}") for row in MATRIX]
)
def test_the_matrix(happens, outcome, django_capture_on_commit_callbacks):
    channels.partner("fjordtek", name="Fjordtek", territories=["NO"])
    name = happens.__name__
    story = Story(
        commit=django_capture_on_commit_callbacks,
        seller="partner:fjordtek" if name.startswith("reseller") else "direct",
        code="TEN" if name.startswith("voucher") else "",
    )

    happens(story)

    {PLACED: is_placed_once, NOT_CHARGED: is_never_charged, REFUNDED: is_refunded}[outcome](story)


def charges() -> list[int]:
    return [row.data["amount"] for row in FakeObject.objects.filter(kind="charge", data__status="succeeded")]


def letters() -> list[str]:
    return [letter.subject for letter in mail.outbox]


def is_placed_once(story: Story) -> None:
    order = Order.objects.get()
    attempt = story.attempt
    assert (attempt.state, attempt.order, attempt.payment.state) == ("placed", order, Payment.State.SUCCEEDED)
    assert (order.total_incl_tax, attempt.payment.amount) == (Decimal("273.75"), Decimal("273.75"))
    assert charges() == [27375]
    assert (Refund.objects.count(), OrderRecord.objects.count()) == (0, 1)
    assert (order.invoice.state, InvoicePayment.objects.get().amount) == ("paid", Decimal("273.75"))
    assert CreditEntry.objects.count() == 0
    assert len([subject for subject in letters() if order.number in subject]) == 1
    assert StockRecord.objects.get(product=story.probe).num_allocated == 2
    assert Basket.objects.get(pk=story.basket.pk).status == Basket.SUBMITTED


def is_never_charged(story: Story) -> None:
    assert (Order.objects.count(), OrderRecord.objects.count(), Refund.objects.count()) == (0, 0, 0)
    assert charges() == []
    assert not Payment.objects.filter(state__in=(*Payment.OPEN, Payment.State.SUCCEEDED)).exists()
    assert letters() == []
    assert (StockRecord.objects.get(product=story.probe).num_allocated or 0) == 0
    assert Basket.open.get(owner=story.buyer).pk == story.basket.pk


def is_refunded(story: Story) -> None:
    attempt, refund = story.attempt, Refund.objects.get()
    assert (attempt.state, Order.objects.count(), OrderRecord.objects.count()) == ("refunded", 0, 0)
    assert charges() == [int(attempt.payment.amount * 100)]
    assert (refund.payment, refund.amount, refund.state) == (attempt.payment, attempt.payment.amount, "succeeded")
    assert letters() == ["Nothing was ordered, and your money goes back"]
    assert (StockRecord.objects.get(product=story.probe).num_allocated or 0) == 0
