"""The whole job on one screen: a link, an order through a reseller, its payment, the credit, the renewal, a refund."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from oscar.apps.order.models import Order
from playwright.sync_api import Page, expect

from channels.journeys.models import OrderRecord, Touchpoint, Visitor
from shop.billing.services import invoices
from tests.e2e import acts
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reseller_earns_what_it_brought_and_reads_why(someone: Callable[..., Page]) -> None:
    store = acts.open_store()

    # A visitor follows the reseller's link, says yes to the cookie and turns out to be a buyer.
    desk = someone()
    desk.goto("/r/fjordtek")
    assert "You were referred by Fjordtek." in acts.read_messages(desk)
    assert Touchpoint.objects.count() == 0
    acts.allow_cookies(desk)
    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.partner, touch.code) == ("link", store.reseller, store.code)
    acts.sign_in(desk, store.buyer)
    assert Visitor.objects.get(pk=touch.visitor_id).user == store.buyer

    # The buyer takes three probes and a yearly contract, and orders through that reseller.
    acts.put_into_basket(desk, store.probe, 3)
    acts.put_into_basket(desk, store.watch)
    acts.check_out(desk, through="Fjordtek")
    expect(desk.get_by_text("Through Fjordtek")).to_be_visible()
    number = acts.place_order(desk, purchase_order="PO 12/3")
    confirmation = " ".join(desk.locator("main").inner_text().split())
    assert "It names your purchase order PO 12/3." in confirmation
    assert "Fjordtek supports you" in confirmation
    order = Order.objects.get()
    assert (order.number, order.total_excl_tax) == (number, 1500)
    assert money.accounts() == {}

    # Finance marks the invoice as paid; 15 % of the net is earned and held.
    finance = someone()
    acts.sign_in(finance, store.finance)
    acts.mark_as_paid(finance, number, reference="BANK-1")
    assert money.earned(store.reseller) == [("RESALE", 45_00, "held"), ("RESALE", 180_00, "held")]

    # The reseller's owner reads the amount, the sum behind it, and why.
    portal = someone()
    acts.sign_in(portal, store.owner)
    assert "€225.00" in acts.read_page(portal, "/portal/")
    replay = acts.read_page(portal, f"/portal/orders/{number}/")
    assert "Your commission €225.00 Held" in replay
    assert "300.00 × 100 % × 15 % = 45.00" in replay
    assert "1,200.00 × 100 % × 15 % = 180.00" in replay
    assert "The buyer picked Fjordtek as the reseller at checkout." in replay
    assert "Your touch: Partner link" in replay

    # One probe comes back: exactly a third of its line's commission is taken back.
    probes, _contract = order.lines.order_by("pk")
    acts.take_back(finance, number, reason="One was dented", **{f"line_{probes.pk}": 1})
    replay = acts.read_page(portal, f"/portal/orders/{number}/")
    assert "200.00 × 100 % × 15 % = 30.00" in replay
    assert "Your commission €210.00" in replay
    told = acts.explain(number)
    assert told["order"] == number
    assert [(row["partner"], row["pool"], row["share_bp"]) for row in told["credits"]] == 2 * [
        ("fjordtek", "resale", 10_000)
    ]
    assert [(row["type"], row["amount_minor"], row["currency"]) for row in told["accruals"]] == [
        ("RESALE", 45_00, "EUR"), ("RESALE", 180_00, "EUR"), ("RESALE", -15_00, "EUR"),
    ]  # fmt: skip
    assert sum(row["amount_minor"] for row in told["entries"]) == 0

    # A year later the contract renews once, and its payment credits the reseller as the renewal's steward.
    later = timezone.now() + timedelta(days=367)
    assert "renewals placed: 1" in acts.run("run_due", "--as-of", later.isoformat())
    assert "renewals placed: 0" in acts.run("run_due", "--as-of", later.isoformat())
    renewal = OrderRecord.objects.get(cycle=1)
    assert Order.objects.count() == 2
    invoices.mark_paid(invoice_id=Order.objects.get(number=renewal.number).invoice.pk, at=later)
    [earned] = acts.explain(renewal.number)["accruals"]
    assert (earned["partner"], earned["type"], earned["base_minor"], earned["rate_bp"], earned["amount_minor"]) == (
        "fjordtek", "RENEWAL", 1200_00, 800, 96_00,
    )  # fmt: skip
    assert "1,200.00 × 100 % × 8 % = 96.00" in acts.read_page(portal, f"/portal/orders/{renewal.number}/")
    assert "postings verified" in acts.run("verify_ledger")
