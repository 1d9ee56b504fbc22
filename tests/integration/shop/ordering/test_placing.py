"""Placing an order: what is written, and that it is all or nothing."""

from decimal import Decimal

import pytest
from django.core import mail
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from channels import api
from channels.contracts import Channel, Medium
from channels.journeys.models import OrderRecord
from shop.buying.errors import AlreadyOrdered, BasketChanged, CannotPlace, MayNotOrder, PartnerUnavailable, SoldOut
from shop.buying.models import LineDetails, PurchaseDetails
from shop.buying.services import place_order
from shop.buying.services.place_order import OrderedLine
from shop.companies.capabilities import StandardRole
from shop.companies.models import Company
from shop.forks.basket.models import Basket
from tests.factories import shop

pytestmark = pytest.mark.django_db


def test_an_order_carries_all_its_facts():
    buyer = shop.buyer()
    sensor = shop.product("Probe", price="100.00")

    order = shop.place(buyer, (sensor, 3), purchase_order_number="PO-7", visitor_key="v1")

    purchase = PurchaseDetails.objects.get(order=order)
    assert (purchase.company, purchase.channel, purchase.partner_code) == (buyer.company, "direct", "")
    assert (purchase.purchase_order_number, purchase.medium, purchase.cycle, purchase.country) == (
        "PO-7",
        "web",
        0,
        "NO",
    )
    assert (purchase.vat_rate, purchase.tax_code, purchase.payment_terms_days) == (Decimal("0.25"), "domestic", 30)
    assert order.number.startswith("N-1")
    assert order.date_placed == shop.NOW
    assert (order.total_excl_tax, order.shipping_excl_tax) == (Decimal("319.00"), Decimal("19.00"))
    assert (order.total_incl_tax, order.total_tax) == (Decimal("398.75"), Decimal("79.75"))
    record = OrderRecord.objects.get(number=order.number)
    assert (record.net_minor, record.visitor_key, record.public_ref) == (30_000, "v1", purchase.public_ref)
    line = record.lines.get()
    assert (line.key, line.net_minor, line.quantity, line.product_class) == (f"{order.number}/1", 30_000, 3, "hardware")
    assert StockRecord.objects.get(product=sensor).num_allocated == 3
    assert Basket.objects.get(pk=order.basket_id).status == Basket.SUBMITTED


def test_a_foreign_company_pays_no_vat():
    buyer = shop.buyer(shop.company(country="DE"))

    order = shop.place(buyer, (shop.product(price="100.00"), 1), shipping_address=shop.address(buyer, "DE"))

    assert (order.total_excl_tax, order.total_incl_tax) == (Decimal("129.00"), Decimal("129.00"))
    assert (order.purchase.tax_code, order.purchase.country) == ("export", "DE")


def test_tax_is_rounded_once_per_line_and_sums():
    buyer = shop.buyer()
    screw = shop.product(price="0.07")

    order = shop.place(buyer, (screw, 7), (shop.product(price="0.03"), 1))

    # 0.49 * 25 % = 0.1225 -> 0.12; per unit it would be 7 * 0.02 = 0.14. 0.03 * 25 % = 0.0075 -> 0.01.
    assert [line.line_price_tax for line in order.lines.order_by("pk")] == [Decimal("0.12"), Decimal("0.01")]
    assert order.total_tax == Decimal("0.12") + Decimal("0.01") + Decimal("4.75")


def test_discounts_are_whole_cents_and_the_facts_are_net_of_them():
    buyer = shop.buyer()
    shop.site_offer(15)

    order = shop.place(buyer, (shop.product(price="0.33"), 1), (shop.product(price="10.05"), 1))

    nets = [line.line_price_excl_tax for line in order.lines.order_by("pk")]
    assert nets == [Decimal("0.28"), Decimal("8.54")]
    assert order.discounts.get().amount == Decimal("1.56")
    assert OrderRecord.objects.get(number=order.number).net_minor == 882


def test_a_subscription_line_gets_its_term_and_key():
    buyer = shop.buyer()
    watch = shop.product("Watch", class_slug="software-subscription", term_months=12)
    monthly = shop.product("Watch M", class_slug="software-subscription", term_months=1)

    order = shop.place(buyer, (watch, 1), (shop.product(), 1), (monthly, 1))

    details = LineDetails.objects.filter(line__order=order).order_by("pk")
    assert [(d.term_months, d.subscription_key) for d in details] == [
        (12, f"{order.number}/1"),
        (0, f"{order.number}/3"),
    ]
    record = OrderRecord.objects.get(number=order.number)
    assert [line.term_months for line in record.lines.order_by("position")] == [12, None, 0]
    assert [line.product_class for line in record.lines.order_by("position")] == ["software", "hardware", "software"]


def test_explicit_lines_keep_their_price_and_key():
    company = shop.company()
    watch = shop.product("Watch", price="500.00", class_slug="software-subscription", term_months=12)
    shop.site_offer(50)

    order = place_order.place(
        company=company,
        user=None,
        channel=Channel.DIRECT,
        lines=[OrderedLine(product=watch, quantity=2, unit_price=Decimal("420.00"), subscription_key="N-1/1")],
        medium=Medium.RENEWAL,
        cycle=1,
        now=shop.NOW,
    )

    assert order.total_excl_tax == Decimal("840.00")
    assert order.discounts.count() == 0
    assert LineDetails.objects.get().subscription_key == "N-1/1"
    assert OrderRecord.objects.get().cycle == 1


def test_numbers_rise_and_references_cannot_be_guessed():
    buyer = shop.buyer()
    item = shop.product()

    first, second = (shop.place(buyer, (item, 1)) for _ in range(2))

    assert int(second.number[2:]) == int(first.number[2:]) + 1
    assert first.number != f"{100_000 + first.basket_id}"
    assert first.purchase.public_ref != second.purchase.public_ref
    assert len(first.purchase.public_ref) == 14


def test_the_mail_leaves_after_the_commit(django_capture_on_commit_callbacks):
    buyer = shop.buyer()
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.place(buyer, (shop.product(), 1))
        assert mail.outbox == []

    assert [message.to for message in mail.outbox] == [[buyer.email]]
    assert order.number in mail.outbox[0].body
    assert order.purchase.public_ref in mail.outbox[0].body


def test_a_mail_server_that_is_down_changes_nothing(django_capture_on_commit_callbacks, monkeypatch):
    def down(*args, **kwargs):
        raise OSError("no mail server")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.place(shop.buyer(), (shop.product(), 1))

    assert Basket.objects.get(pk=order.basket_id).status == Basket.SUBMITTED
    assert mail.outbox == []


def test_no_mail_when_told_so(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        shop.place(shop.buyer(), (shop.product(), 1), notify=False)

    assert mail.outbox == []


def test_sold_out_names_the_product_and_writes_nothing():
    buyer = shop.buyer()
    rare = shop.product("Rare probe", stock=2)

    with pytest.raises(SoldOut) as caught:
        shop.place(buyer, (rare, 3))

    assert caught.value.messages == ["“Rare probe”: only 2 left in stock. Please lower the quantity."]
    assert (Order.objects.count(), OrderRecord.objects.count(), PurchaseDetails.objects.count()) == (0, 0, 0)
    assert StockRecord.objects.get(product=rare).num_allocated is None


def test_the_same_product_on_two_lines_counts_once_for_both():
    buyer = shop.buyer()
    rare = shop.product("Rare probe", stock=5)
    basket = shop.basket(buyer, (rare, 3))
    line = basket.lines.get()
    line.pk, line.line_reference = None, "other-options"
    line.save()

    with pytest.raises(SoldOut):
        shop.place(buyer, basket=basket)

    assert Order.objects.count() == 0


def test_a_failure_of_the_facts_undoes_the_order(monkeypatch):
    def broken(order):
        raise RuntimeError("channels is broken")

    monkeypatch.setattr(api, "record_order", broken)
    buyer = shop.buyer()
    item = shop.product()

    with pytest.raises(RuntimeError, match="channels is broken"):
        shop.place(buyer, (item, 1))

    assert Order.objects.count() == 0
    assert Basket.objects.get(owner=buyer).status == Basket.OPEN
    assert StockRecord.objects.get(product=item).num_allocated is None


def test_a_basket_is_ordered_once():
    buyer = shop.buyer()
    basket = shop.basket(buyer, (shop.product(), 1))
    order = shop.place(buyer, basket=basket)

    with pytest.raises(AlreadyOrdered) as caught:
        shop.place(buyer, basket=basket)

    assert caught.value.order == order
    assert Order.objects.count() == 1


@pytest.mark.parametrize("status", [Company.Status.PENDING, Company.Status.BLOCKED, Company.Status.REJECTED])
def test_only_an_approved_company_orders(status):
    buyer = shop.buyer(shop.company(status=status))

    with pytest.raises(MayNotOrder):
        shop.place(buyer, (shop.product(), 1))

    assert Order.objects.count() == 0


def test_a_viewer_does_not_order():
    with pytest.raises(MayNotOrder):
        shop.place(shop.buyer(role=StandardRole.VIEWER), (shop.product(), 1))


def test_another_users_basket_is_not_ordered():
    buyer, other = shop.buyer(), shop.buyer()

    with pytest.raises(CannotPlace):
        shop.place(buyer, basket=shop.basket(other, (shop.product(), 1)))

    assert Order.objects.count() == 0


def test_a_product_taken_off_sale_is_named():
    buyer = shop.buyer()
    probe = shop.product("Old probe")
    basket = shop.basket(buyer, (probe, 1))
    probe.is_public = False
    probe.save()

    with pytest.raises(BasketChanged, match="“Old probe” is no longer available"):
        shop.place(buyer, basket=basket)


def test_an_unknown_reseller_is_refused():
    with pytest.raises(PartnerUnavailable):
        shop.place(shop.buyer(), (shop.product(), 1), channel=Channel.RESELLER, chosen_partner="nobody")

    assert Order.objects.count() == 0


@pytest.mark.parametrize(("lines", "queries"), [(1, 58), (10, 58)])
def test_placing_costs_the_same_with_ten_lines(lines, queries, django_assert_num_queries):
    """A company's first order opens its accounts, and a server's fills its caches."""
    buyer = shop.buyer()
    shop.place(buyer, (shop.product(), 1))
    basket = shop.basket(buyer, *((shop.product(), 1) for _ in range(lines)))
    how = {"basket": basket, "shipping_address": shop.address(buyer), "notify": False}

    with django_assert_num_queries(queries):
        place_order.place(
            company=buyer.company, user=buyer, channel=Channel.DIRECT, shipping_code="standard", now=shop.NOW, **how
        )
