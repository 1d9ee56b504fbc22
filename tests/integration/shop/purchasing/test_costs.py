"""What goods cost us: entered with a date, frozen into the order, and what a rule on the margin makes of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from channels.commissions.models import RatingRun
from channels.contracts import Channel
from channels.journeys.models import OrderLine
from shop.billing.services import invoices
from shop.purchasing.models import PurchaseCost
from shop.purchasing.selectors import costs_at
from shop.purchasing.services import enter_cost
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import shop as make
from tests.integration.harmony.shelves import save_product

NOW = make.NOW
DAY = timedelta(days=1)


def costs(product, amount, *, since=NOW - DAY, currency="EUR", at=NOW - DAY):
    return enter_cost(
        stockrecord_id=product.stockrecords.get().pk,
        amount=None if amount is None else Decimal(amount),
        currency=currency,
        valid_from=since,
        at=at,
    )


# --- which cost holds when ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_latest_row_in_force_holds_and_of_one_moment_the_later():
    product = make.product()
    record = product.stockrecords.get()
    for amount, since in (("60.00", NOW - 3 * DAY), ("65.00", NOW), ("61.00", NOW - 3 * DAY), ("70.00", NOW + DAY)):
        costs(product, amount, since=since)

    def at(moment, currency="EUR"):
        return costs_at([record.pk], currency=currency, at=moment).get(record.pk)

    assert at(NOW - 3 * DAY - timedelta(seconds=1)) is None
    assert (at(NOW - DAY), at(NOW), at(NOW + DAY)) == (Decimal("61.00"), Decimal("65.00"), Decimal("70.00"))
    assert at(NOW, "SEK") is None


@pytest.mark.django_db
def test_the_same_cost_again_adds_nothing_and_nothing_is_ever_changed():
    product = make.product()
    first = costs(product, "60.00")
    assert costs(product, "60.00", since=NOW) is None
    costs(product, None, since=NOW)
    assert costs(product, None, since=NOW + DAY) is None
    assert list(PurchaseCost.objects.values_list("amount", flat=True)) == [None, Decimal("60.00")]
    assert PurchaseCost.objects.get(pk=first.pk).amount == Decimal("60.00")


# --- from the order to the accrual ----------------------------------------------------------------------------------


@pytest.fixture
def reseller(transactional_db):
    """Earns 10 % of the margin on hardware."""
    channel_factory.policy()
    rule = {"id": "margin", "type": "RESALE", "rate_bp": 1_000, "label": "Resale", "base": "margin"}
    commission_factory.programme(rules=[rule])
    return channel_factory.partner("fjordtek", territories=["NO"])


def sold(reseller, *lines, **how):
    """Place the order through the reseller and pay it; return what was frozen of each line."""
    order = make.place(make.buyer(), *lines, channel=Channel.RESELLER, chosen_partner=reseller.code, **how)
    invoices.mark_paid(invoice_id=order.invoice.pk, at=NOW + 3 * DAY)
    return order, list(OrderLine.objects.order_by("position").values_list("net_minor", "cost_minor"))


def test_the_margin_is_of_the_cost_in_force_when_the_order_was_placed(reseller):
    product = make.product(price="100.00")
    costs(product, "62.50", since=NOW - 9 * DAY)
    costs(product, "64.35", since=NOW)
    costs(product, "80.00", since=NOW + timedelta(seconds=1))

    _, frozen = sold(reseller, (product, 3))

    assert frozen == [(300_00, 193_05)]
    # 10 % of 300.00 - 193.05 = 106.95, half up.
    assert commission_factory.earned(reseller) == [("RESALE", 10_70, "held")]


def test_a_cost_that_is_entered_later_changes_no_order(reseller):
    product = make.product(price="100.00")
    costs(product, "60.00")
    order, _ = sold(reseller, (product, 1))

    costs(product, "10.00", since=NOW - 2 * DAY, at=NOW + DAY)
    costs(product, "20.00", since=NOW - DAY, at=NOW + DAY)

    assert OrderLine.objects.get(order__number=order.number).cost_minor == 60_00
    assert commission_factory.earned(reseller) == [("RESALE", 4_00, "held")]


def test_a_sale_below_cost_has_no_margin(reseller):
    product = make.product(price="100.00")
    costs(product, "100.01")
    assert sold(reseller, (product, 1))[1] == [(100_00, 100_01)]
    assert commission_factory.earned(reseller) == []


@pytest.mark.parametrize("known", [None, "SEK"], ids=["no cost", "another currency"])
def test_an_unknown_cost_pays_nothing_and_the_rule_says_why(reseller, known):
    product = make.product(price="100.00")
    if known:
        costs(product, "600.00", currency=known)

    order, frozen = sold(reseller, (product, 1))

    assert frozen == [(100_00, None)]
    assert commission_factory.earned(reseller) == []
    skipped = RatingRun.objects.get(order__number=order.number).explanation["skips"]
    assert [(row["rule"], row["reason"]) for row in skipped] == [("margin", "unknown_cost")]
    assert skipped[0]["text"] == (
        "Rule margin pays on the margin; the purchase cost of this line is not known, so there is none."
    )


def test_a_known_cost_beside_an_unknown_one_pays_its_own_line(reseller):
    known, unknown = make.product(price="100.00"), make.product(price="50.00")
    costs(known, "40.00")

    assert sold(reseller, (known, 2), (unknown, 1))[1] == [(200_00, 80_00), (50_00, None)]
    assert commission_factory.earned(reseller) == [("RESALE", 12_00, "held")]


# --- the product's page ---------------------------------------------------------------------------------------------


@pytest.fixture
def buyer_of_goods(client, db):
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["catalogue", "partner"]))
    client.force_login(user)
    client.user = user
    return client


def test_a_cost_is_entered_beside_the_price_and_every_one_is_shown(buyer_of_goods):
    product = make.product("Probe", price="100.00")
    record = product.stockrecords.get()
    page = save_product(buyer_of_goods, product, "100.00", cost="61.20")
    assert page.status_code == 302, page.content.decode()[:2000]
    row = PurchaseCost.objects.get()
    assert (row.stockrecord, row.amount, row.currency) == (record, Decimal("61.20"), "EUR")
    assert (row.recorded_by, row.valid_from) == (buyer_of_goods.user, row.recorded_at)

    assert save_product(buyer_of_goods, product, "100.00", cost="61.20").status_code == 302
    assert PurchaseCost.objects.count() == 1
    assert save_product(buyer_of_goods, product, "100.00", cost="").status_code == 302

    page = buyer_of_goods.get(reverse("dashboard:catalogue-product", kwargs={"pk": product.pk})).content.decode()
    assert list(PurchaseCost.objects.values_list("amount", flat=True)) == [None, Decimal("61.20")]
    assert "€61.20" in page
    assert "not known" in page


def test_a_cost_may_start_later_and_not_in_the_past(buyer_of_goods):
    product = make.product("Probe", price="100.00")
    record = product.stockrecords.get()
    tomorrow = datetime.now(UTC).date() + DAY

    page = save_product(buyer_of_goods, product, "100.00", cost="61.20", cost_from="2020-01-01")
    assert "orders that were placed keep the cost of their day" in page.content.decode()
    assert PurchaseCost.objects.count() == 0

    assert save_product(buyer_of_goods, product, "100.00", cost="61.20", cost_from=tomorrow).status_code == 302
    start = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)
    assert costs_at([record.pk], currency="EUR", at=start - timedelta(seconds=1)) == {}
    assert costs_at([record.pk], currency="EUR", at=start) == {record.pk: Decimal("61.20")}
