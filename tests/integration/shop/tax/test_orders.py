"""How orders are taxed: the same cents in the basket, the order, its invoice and its record, and the record for good."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from shop.billing.models import CreditNote
from shop.buying import totals
from shop.companies.models import Location
from shop.returns.services import take_backs
from shop.tax.models import OrderTax, OrderTaxLine, ProductRate, TaxRate
from shop.tax.selectors import summary_of
from shop.tax.services import rates
from tests.factories import shop as make
from tests.factories import taxes

pytestmark = pytest.mark.django_db


def record_of(order):
    tax = order.tax
    return [(row.reason, str(row.rate), str(row.base), str(row.tax)) for row in tax.lines.order_by("pk")]


def assert_agree(order):
    """Order, record and invoice show the same cents, line by line and in all."""
    lines = list(order.lines.order_by("pk"))
    rows = list(order.tax.lines.order_by("pk"))
    assert [line.line_price_incl_tax - line.line_price_excl_tax for line in lines] == [
        row.tax for row in rows[: len(lines)]
    ]
    assert order.tax.tax == sum(row.tax for row in rows) == order.total_tax
    assert order.tax.net == sum(row.base for row in rows) == order.total_excl_tax
    invoice = order.invoice
    assert (invoice.total_excl_tax, invoice.total_incl_tax) == (order.total_excl_tax, order.total_incl_tax)
    assert [line.tax for line in invoice.lines.order_by("position")] == [row.tax for row in rows]


def test_a_norwegian_order_keeps_how_it_was_taxed():
    order = make.place(make.buyer(), (make.product(price="100.00"), 3))
    assert record_of(order) == [("domestic", "0.2500", "300.00", "75.00"), ("domestic", "0.2500", "19.00", "4.75")]
    tax = order.tax
    assert (tax.seller, tax.seller_country, tax.provider, tax.rounding) == ("accord", "NO", "built-in", "line")
    assert tax.evidence == {"ship_to": "NO", "buyer_country": "NO"}
    assert_agree(order)


def test_the_record_is_never_changed():
    order = make.place(make.buyer(), (make.product(), 1))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        OrderTaxLine.objects.update(tax=0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        order.tax.lines.all().delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        OrderTax.objects.filter(order=order).update(tax=0)


def test_a_later_rate_changes_no_order_but_the_next():
    buyer = make.buyer()
    before = make.place(buyer, (make.product(price="100.00"), 1))
    today = timezone.localdate(make.NOW)
    rates.save_rate(
        rate=TaxRate(country="NO", rate=Decimal("0.20"), valid_from=today + timedelta(days=1)), at=make.NOW, by=None
    )
    same_day = make.place(buyer, (make.product(price="100.00"), 1))
    after = make.place(buyer, (make.product(price="100.00"), 1), now=make.NOW + timedelta(days=1))
    assert [order.total_tax for order in (before, same_day, after)] == [
        Decimal("29.75"), Decimal("29.75"), Decimal("23.80"),
    ]  # fmt: skip
    assert TaxRate.objects.get(country="NO", valid_to__isnull=False).valid_to == today + timedelta(days=1)


def test_goods_are_taxed_where_they_arrive_and_services_where_the_buyer_is():
    buyer = make.buyer()
    goods, licence = make.product(price="100.00"), make.product(price="50.00", class_slug="software")
    order = make.place(buyer, (goods, 1), (licence, 1), shipping_address=make.address(buyer, "DE"))
    assert record_of(order) == [
        ("export", "0.0000", "100.00", "0.00"),
        ("domestic", "0.2500", "50.00", "12.50"),
        ("export", "0.0000", "29.00", "0.00"),
    ]
    assert [(row.percent_text, row.tax) for row in summary_of(order)] == [("25", Decimal("12.50")), ("0", Decimal(0))]
    assert_agree(order)


@pytest.mark.parametrize(("rounding", "tax"), [("line", "0.14"), ("invoice", "0.13")])
def test_rounding_is_the_sellers(rounding, tax):
    """0.0275 + 0.0275 + 0.0275 is 0.03 three times, or 0.08 once; delivery is free."""
    taxes.seller(rounding=rounding)
    licences = [make.product(price=price, class_slug="software") for price in ("0.11", "0.11", "0.11", "0.18")]
    order = make.place(make.buyer(), *((item, 1) for item in licences))
    assert (order.total_tax, order.tax.rounding) == (Decimal(tax), rounding)
    assert_agree(order)


@pytest.mark.parametrize("rounding", ["line", "invoice"])
def test_parts_taken_back_add_up_to_what_was_paid(rounding):
    taxes.seller(rounding=rounding)
    first, second = make.product(price="33.33"), make.product(price="0.10")
    order = make.place(make.buyer(), (first, 3), (second, 1))
    for step, line in enumerate(order.lines.order_by("pk")):
        for unit in range(line.quantity):
            key = f"{step}-{unit}"
            take_backs.take_back(
                order_id=order.pk, quantities={line.pk: 1}, key=key, at=order.date_placed, reason="wrong"
            )
    lines = sum((line.line_price_incl_tax for line in order.lines.all()), Decimal(0))
    taken = sum((line.gross for record in order.take_backs.all() for line in record.lines.all()), Decimal(0))
    assert taken == lines
    credited = CreditNote.objects.filter(invoice=order.invoice)
    assert sum(note.total_incl_tax for note in credited) >= lines


def test_a_kind_of_product_has_its_own_rate():
    rates.save_rate(
        rate=TaxRate(country="NO", code="reduced", rate=Decimal("0.15"), valid_from=date(2020, 1, 1)),
        at=make.NOW,
        by=None,
    )
    manual = make.product(price="100.00", class_slug="manual")
    rates.save(row=ProductRate(product_class=manual.product_class, code="reduced"), at=make.NOW, by=None)
    order = make.place(make.buyer(), (make.product(price="100.00", class_slug="software"), 1), (manual, 1))
    assert [(row[1], row[3]) for row in record_of(order)] == [("0.2500", "25.00"), ("0.1500", "15.00")]
    assert_agree(order)


def test_a_confirmed_id_is_kept_as_evidence():
    taxes.seller(country="DE")
    taxes.checked("FR12345678901")
    buyer = make.buyer(make.company(country="FR", vat_id="FR12345678901"))
    order = make.place(buyer, (make.product(price="100.00"), 1), shipping_address=make.address(buyer, "FR"))
    assert record_of(order) == [("intra_eu", "0.0000", "100.00", "0.00"), ("intra_eu", "0.0000", "29.00", "0.00")]
    assert order.tax.evidence["vat"] == {
        "vat_id": "FR12345678901", "result": "valid", "source": "VIES", "checked_at": make.NOW.isoformat(),
        "registered_name": "Nordvik Bakeri",
    }  # fmt: skip


@pytest.mark.parametrize(("else_", "rate"), [("seller", "0.1900"), ("destination", "0.2000")])
def test_a_refused_id_is_none(else_, rate):
    taxes.seller(country="DE", without_vat_id=else_)
    taxes.checked("FR12345678901", result="invalid")
    buyer = make.buyer(make.company(country="FR", vat_id="FR12345678901"))
    order = make.place(buyer, (make.product(price="100.00"), 1), shipping_address=make.address(buyer, "FR"))
    assert order.tax.lines.first().rate == Decimal(rate)
    assert order.tax.evidence["vat"]["result"] == "invalid"


def placed_on(buyer, day, **how):
    at = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return make.place(buyer, (make.product(price="100.00"), 1), now=at + timedelta(hours=9), **how)


def test_a_certificate_exempts_until_its_last_day():
    buyer = make.buyer()
    taxes.certificate(buyer.company, accepted=True, valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 10))
    before, first, last, after = (
        placed_on(buyer, day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 11))
    )
    assert [order.total_tax for order in (before, first, last, after)] == [
        Decimal("29.75"), Decimal(0), Decimal(0), Decimal("29.75"),
    ]  # fmt: skip
    assert first.tax.evidence["exemptions"][0]["last_day"] == "2026-03-10"


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_only_an_accepted_certificate_exempts(state):
    buyer = make.buyer()
    made = taxes.certificate(buyer.company)
    made.state = state
    made.save()
    assert placed_on(buyer, date(2026, 3, 2)).total_tax == Decimal("29.75")


def test_a_locations_certificate_is_its_own():
    buyer = make.buyer()
    works, office = (Location.objects.create(company=buyer.company, name=name) for name in ("works", "office"))
    taxes.certificate(buyer.company, accepted=True, location=works)
    member = buyer.memberships.get()
    found = []
    for location in (works, office):
        member.location = location
        member.save()
        found.append(placed_on(buyer, date(2026, 3, 2)).total_tax)
    assert found == [Decimal(0), Decimal("29.75")]


def test_another_companys_certificate_helps_nobody_else():
    taxes.certificate(make.company(), accepted=True)
    assert placed_on(make.buyer(), date(2026, 3, 2)).total_tax == Decimal("29.75")


def test_a_basket_shows_the_cents_of_its_order():
    taxes.seller(rounding="invoice")
    buyer = make.buyer()
    items = [(make.product(price="0.11"), 1), (make.product(price="33.33"), 3)]
    basket = make.basket(buyer, *items)
    address = make.address(buyer)
    seen = totals.compute(
        basket, company=buyer.company, user=buyer, now=make.NOW, country="NO", shipping_address=address,
        shipping_code="standard",
    ).seen()  # fmt: skip
    order = make.place(buyer, basket=basket, shipping_address=address, expected=seen)
    assert (seen.tax, seen.total) == (str(order.total_tax), str(order.total_incl_tax))
    assert_agree(order)
