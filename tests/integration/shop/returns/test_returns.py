"""Returns from the wish to the credit note: who may, how much, when, and what each step changes."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from oscar.apps.catalogue.models import Category

from channels.contracts import Channel
from shop.billing.models import CreditNote
from shop.forks.order.models import Order
from shop.fulfilment.selectors import orders_to_ship
from shop.fulfilment.services import leaving, shipments
from shop.returns import eligibility
from shop.returns.errors import NotNow, ReturnRefused
from shop.returns.models import Repayment, ReturnEvent, ReturnRequest, TakeBack
from shop.returns.services import goods, grants, requests, take_backs
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import returns
from tests.factories import shop as make
from tests.integration.shop.returns.test_take_backs import earned

pytestmark = pytest.mark.django_db
TODAY = returns.ASKED.date()


def stock_of(order, place=0):
    record = order.lines.order_by("pk")[place].stockrecord
    record.refresh_from_db()
    return record.num_in_stock, record.num_allocated


def why_not(order, on=TODAY):
    return [verdict.why_not for verdict in eligibility.verdicts(order, on=on)]


# --- what may come back ---------------------------------------------------------------------------------------------


def test_goods_come_back_until_the_last_day_of_their_window_and_not_after():
    order = returns.delivered()
    last = returns.DELIVERED.date() + timedelta(days=30)
    [verdict] = eligibility.verdicts(order, on=last)
    assert (verdict.units, verdict.until, verdict.why_not) == (3, last, "")
    assert why_not(order, last + timedelta(days=1)) == [f"The time to return it ended on {last:%-d %b %Y}."]


def test_licences_subscriptions_and_what_is_on_its_way_do_not_come_back():
    person = make.buyer()
    licence = make.product(class_slug="licence")
    contract = make.product(class_slug="subscription", term_months=12)
    order = make.place(person, (licence, 1), (contract, 1), (make.product(), 2))
    returns.window()
    assert why_not(order) == [
        "What was delivered online cannot come back.",
        "Subscriptions are cancelled, not returned.",
        "Not delivered yet. Ask us to cancel it instead.",
    ]


def test_the_most_particular_window_counts():
    shelf = Category.add_root(name="Cables")
    cut = shelf.add_child(name="Cut to length")
    product = make.product()
    product.categories.add(cut)
    order = returns.delivered(None, (product, 1))
    line = order.lines.get()

    def days():
        return eligibility.windows_of([line], company_id=order.purchase.company_id)[line.pk]

    assert days() == 30
    returns.window(14, product_class=product.product_class)
    assert days() == 14
    returns.window(10, category=shelf)
    assert days() == 10
    returns.window(0, category=cut)
    assert days() == 0
    assert why_not(order) == ["These goods are not taken back."]
    returns.window(60, company=make.company())
    assert days() == 0
    returns.window(60, company=order.purchase.company)
    assert days() == 60


def test_units_in_other_returns_and_take_backs_count_and_come_free_again():
    order = returns.delivered()
    first = returns.asked(order, returns.wanted(order, 2))
    with pytest.raises(ReturnRefused, match="Only 1 may come back"):
        returns.asked(order, returns.wanted(order, 2))
    take_backs.take_back(
        order_id=order.pk, quantities={order.lines.get().pk: 1}, key="k", at=returns.ASKED, reason="Dented"
    )
    assert why_not(order) == ["All of it has come back, or is on its way back."]
    requests.cancel(request_id=first.pk, at=returns.later(1), by=order.user)
    [verdict] = eligibility.verdicts(order, on=TODAY)
    assert verdict.units == 2
    assert ReturnRequest.objects.count() == 1


def test_a_granted_return_is_counted_once():
    order = returns.delivered(paid=True)
    returns.granted(order, returns.wanted(order, 1))
    [verdict] = eligibility.verdicts(order, on=TODAY)
    assert verdict.units == 2


def test_verdicts_take_as_many_queries_for_three_lines_as_for_one(django_assert_num_queries):
    one = returns.delivered(None, (make.product(), 1))
    three = returns.delivered(None, *((make.product(), 1) for _ in range(3)))
    for pk in (one.pk, three.pk):
        order = Order.objects.select_related("purchase").get(pk=pk)
        with django_assert_num_queries(4):
            eligibility.verdicts(order, on=TODAY)


# --- the way --------------------------------------------------------------------------------------------------------


def test_the_whole_way_of_a_refund(mailoutbox, django_capture_on_commit_callbacks):
    staff, order = make.user(), returns.delivered()
    with django_capture_on_commit_callbacks(execute=True):
        found = returns.granted(order, returns.wanted(order, 2), restock=True, by=staff)
    assert list(found.events.values_list("step", "to_state", "by")) == [
        ("ask", "requested", order.user.pk),
        ("approve", "approved", staff.pk),
        ("receive", "received", staff.pk),
        ("inspect", "inspected", staff.pk),
        ("grant", "refunded", staff.pk),  # the invoice was open: nothing goes back but the credit note
    ]
    assert stock_of(order) == (9, 0)
    note = CreditNote.objects.get(take_back=found.take_back)
    assert note.total_incl_tax == Decimal("265.83")  # two thirds of 398.75, delivery included
    assert Repayment.objects.count() == 0
    ours = [mail for mail in mailoutbox if found.reference in mail.subject]
    assert [mail.subject.removeprefix(f"Return {found.reference}: ") for mail in ours] == [
        "requested", "approved", "received", "refunded",
    ]  # fmt: skip
    assert {tuple(mail.to) for mail in ours} == {(order.user.email,)}
    assert f"Credit note {note.number}" in ours[-1].body


def test_who_pays_the_invoices_hears_of_the_credit_note_alone(mailoutbox, django_capture_on_commit_callbacks):
    company = make.company()
    payer = make.buyer(company, role="accounts_payable")
    order = returns.delivered(make.buyer(company))
    with django_capture_on_commit_callbacks(execute=True):
        found = returns.granted(order)
    told = [mail.subject for mail in mailoutbox if mail.to == [payer.email] and found.reference in mail.subject]
    assert told == [f"Return {found.reference}: refunded"]


def test_a_form_sent_twice_asks_once():
    order, key = returns.delivered(), uuid4()
    how = {"order_id": order.pk, "key": key, "lines": [returns.wanted(order)], "at": returns.ASKED, "by": order.user}
    assert requests.ask(**how) == requests.ask(**how)
    assert ReturnEvent.objects.count() == 1


@pytest.mark.parametrize("units", [0, -1, 4])
def test_a_wrong_number_of_units_asks_for_nothing(units):
    order = returns.delivered()
    with pytest.raises(ReturnRefused):
        returns.asked(order, returns.wanted(order, units))
    assert ReturnRequest.objects.count() == 0


def test_another_orders_line_does_not_come_back():
    order, other = returns.delivered(), returns.delivered()
    with pytest.raises(ReturnRefused, match="Choose among the lines"):
        returns.asked(order, returns.wanted(other))
    assert ReturnRequest.objects.count() == 0


def test_steps_are_taken_in_their_order_and_once():
    order = returns.delivered()
    found = returns.asked(order)
    for early in (
        lambda: goods.receive(request_id=found.pk, quantities={}, at=returns.later(1), by=None),
        lambda: goods.inspect(request_id=found.pk, findings={}, at=returns.later(1), by=None),
        lambda: grants.grant(request_id=found.pk, at=returns.later(1), by=None),
    ):
        with pytest.raises(NotNow):
            early()
    requests.approve(request_id=found.pk, at=returns.later(1), by=None)
    with pytest.raises(NotNow):
        requests.approve(request_id=found.pk, at=returns.later(1), by=None)
    units = {line.pk: 1 for line in found.lines.all()}
    goods.receive(request_id=found.pk, quantities=units, at=returns.later(2), by=None)
    with pytest.raises(NotNow):
        requests.cancel(request_id=found.pk, at=returns.later(3), by=order.user)
    assert [event.step for event in found.events.all()] == ["ask", "approve", "receive"]


def test_an_inspection_that_accepts_nothing_rejects_with_a_reason():
    order = returns.delivered(paid=True)
    found = returns.received(order)
    [line] = found.lines.all()
    nothing = {line.pk: goods.Finding(condition="used", accepted=0, outcome="reject", restock=0)}
    with pytest.raises(ReturnRefused, match="Say why"):
        goods.inspect(request_id=found.pk, findings=nothing, at=returns.later(3), by=None)
    found = goods.inspect(request_id=found.pk, findings=nothing, at=returns.later(3), by=None, text="Worn out")
    assert (found.state, TakeBack.objects.count(), stock_of(order)) == ("rejected", 0, (7, 0))
    assert found.events.last().text == "Worn out"


def test_more_than_is_left_of_the_order_is_not_granted():
    order = returns.delivered(paid=True)
    found = returns.inspected(order, returns.wanted(order, 2))
    take_backs.take_back(
        order_id=order.pk, quantities={order.lines.get().pk: 2}, key="k", at=returns.ASKED, reason="By telephone"
    )
    with pytest.raises(ReturnRefused, match="Only 1 of line"):
        grants.grant(request_id=found.pk, at=returns.later(4), by=None)
    found.refresh_from_db()
    assert (found.state, found.take_back, TakeBack.objects.count()) == ("inspected", None, 1)


@pytest.mark.django_db(transaction=True)
def test_commission_follows_the_units_that_are_refunded_and_no_others():
    channel_factory.policy()
    commission_factory.programme()
    reseller = channel_factory.partner("fjordtek", territories=["NO"])
    person = make.buyer()
    order = returns.delivered(
        person, (make.product(price="33.33", stock=10), 3), paid=True, channel=Channel.RESELLER,
        chosen_partner=reseller.code,
    )  # fmt: skip
    assert earned(reseller) == 1500
    found = returns.inspected(order, returns.wanted(order, 1))
    assert earned(reseller) == 1500
    grants.grant(request_id=found.pk, at=returns.later(4), by=None)
    assert earned(reseller) == 1000


# --- replacements ---------------------------------------------------------------------------------------------------


def test_a_replacement_leaves_as_a_shipment_at_no_price_and_without_commission():
    order = returns.delivered(paid=True)
    found = returns.inspected(order, returns.wanted(order, 2, wish="replace"))
    assert stock_of(order) == (7, 0)
    found = goods.replace(request_id=found.pk, at=returns.later(4), by=None)
    assert (found.state, stock_of(order), TakeBack.objects.count()) == ("replaced", (7, 2), 0)
    assert order in orders_to_ship()
    [line] = order.lines.all()
    shipments.ship(order_id=order.pk, key=uuid4(), quantities={line.pk: 2}, carrier="Fjordpost", at=returns.later(5))
    assert (stock_of(order), any(leaving.left_to_ship(order).values())) == ((5, 0), False)
    order.invoice.refresh_from_db()
    assert (order.invoice.credited_incl_tax, CreditNote.objects.count()) == (0, 0)
    with pytest.raises(NotNow):
        goods.replace(request_id=found.pk, at=returns.later(6), by=None)
    [verdict] = eligibility.verdicts(order, on=TODAY)
    assert verdict.units == 1


def test_what_is_sold_out_is_refunded_instead():
    order = returns.delivered(None, (make.product(stock=3), 3), paid=True)
    found = returns.inspected(order, returns.wanted(order, 1, wish="replace"))
    with pytest.raises(ReturnRefused, match=r"has just sold out\..* Refund it instead"):
        goods.replace(request_id=found.pk, at=returns.later(4), by=None)
    assert stock_of(order) == (0, 0)
    goods.refund_instead(request_id=found.pk, at=returns.later(4), by=None)
    found = grants.grant(request_id=found.pk, at=returns.later(5), by=None)
    assert (found.state, Repayment.objects.count()) == ("granted", 1)


def test_a_return_with_both_is_over_when_both_are_done():
    order = returns.delivered(None, (make.product(stock=9), 2), (make.product(stock=9), 2))
    found = returns.inspected(order, returns.wanted(order, 1), returns.wanted(order, 1, place=1, wish="replace"))
    found = grants.grant(request_id=found.pk, at=returns.later(4), by=None)
    assert found.state == "inspected"
    found = goods.replace(request_id=found.pk, at=returns.later(5), by=None)
    assert found.state == "refunded"
