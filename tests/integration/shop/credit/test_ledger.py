"""What a company owes: each purchase, payment and credit once, never above the limit, and every cent in an entry."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.credit import selectors
from shop.credit.errors import CreditChangeRefused, CreditExceeded, CreditOnHold
from shop.credit.models import CreditAccount, CreditEntry
from shop.credit.services import accounts, deposits, holds, ledger
from shop.forks.order.models import Order
from shop.returns.services import take_backs
from tests.factories import shop

NOW = shop.NOW
pytestmark = pytest.mark.django_db
D = Decimal


def limited(limit: str, **values: Any) -> CreditAccount:
    """Return the account of a new company that may owe so much."""
    company = shop.company(**values)
    return accounts.set_limit(company=company, currency="EUR", limit=D(limit), key=f"limit-{company.pk}", at=NOW)


def entries(account: CreditAccount) -> list[tuple[str, Decimal, Decimal]]:
    rows = CreditEntry.objects.filter(account=account).order_by("pk")
    return [(row.kind, row.amount, row.balance_after) for row in rows]


def bought(account: CreditAccount, price: str = "80.00") -> Order:
    """Place an order of one piece on the company's invoice: the price, 19.00 for delivery, and 25 % of both."""
    buyer = shop.buyer(account.company)
    return shop.place(buyer, (shop.product(price=price), 1))


def test_an_order_on_invoice_is_owed_and_paying_it_frees_the_credit() -> None:
    account = limited("500.00")
    order = bought(account)
    assert order.total_incl_tax == D("123.75")
    account.refresh_from_db()
    assert (account.balance, selectors.standing(company=account.company, currency="EUR", at=NOW).available) == (
        D("123.75"),
        D("376.25"),
    )
    for _ in range(2):  # the same payment told twice
        ledger.reimburse(order=order, amount=D("100.00"), key="p1", at=NOW, reference="Bank 17")
    ledger.reimburse(order=order, amount=D("23.75"), key="p2", at=NOW)
    assert entries(account) == [
        ("allocated", D("0.00"), D("0.00")),
        ("purchased", D("123.75"), D("123.75")),
        ("reimbursed", D("-100.00"), D("23.75")),
        ("reimbursed", D("-23.75"), D("0.00")),
    ]
    account.refresh_from_db()
    assert account.balance == 0


def test_an_order_above_what_is_left_is_refused_and_leaves_nothing_behind() -> None:
    account = limited("123.74")
    with pytest.raises(CreditExceeded) as refused:
        bought(account)
    assert (refused.value.available, refused.value.currency) == (D("123.74"), "EUR")
    assert "123.74 EUR are left" in str(refused.value)
    assert not Order.objects.exists()
    assert entries(account) == [("allocated", D("0.00"), D("0.00"))]


def test_the_last_cent_of_the_limit_can_be_used() -> None:
    account = limited("123.75")
    bought(account)
    assert selectors.standing(company=account.company, currency="EUR", at=NOW).available == D("0.00")


def test_without_a_limit_everything_is_owed_and_nothing_refused() -> None:
    company = shop.company()
    order = shop.place(shop.buyer(company), (shop.product(price="99999.00"), 1))
    account = CreditAccount.objects.get(company=company)
    assert (account.limit, account.balance) == (None, order.total_incl_tax)


def test_an_order_paid_by_card_is_not_owed() -> None:
    account = limited("10.00")
    order = bought_by_card(account)
    ledger.reimburse(order=order, amount=order.total_incl_tax, key="card", at=NOW)
    assert entries(account) == [("allocated", D("0.00"), D("0.00"))]


def bought_by_card(account: CreditAccount) -> Order:
    return shop.place(shop.buyer(account.company), (shop.product(), 1), payment_method="card")


def test_a_company_on_hold_buys_nothing_on_invoice() -> None:
    account = limited("5000.00")
    assert accounts.hold(account_id=account.pk, reason="Asked for by finance", at=NOW, by=None)
    assert not accounts.hold(account_id=account.pk, reason="Again", at=NOW, by=None)
    with pytest.raises(CreditOnHold, match="cannot buy on invoice at the moment"):
        bought(account)
    assert selectors.is_on_hold(account.company_id)
    assert accounts.release(account_id=account.pk, at=NOW, by=None)
    bought(account)


def test_overdue_invoices_hold_the_account_and_paying_releases_it(settings: Any) -> None:
    settings.CREDIT_HOLD_AFTER_DAYS = 30
    late, other = limited("5000.00"), limited("5000.00")
    order = bought(late)
    bought(other)
    day = order.invoice.due_on
    at = NOW + (day - NOW.date())
    Invoice.objects.exclude(order=order).update(due_on=day + timedelta(days=90))
    nothing = {"credit held": 0, "credit released": 0}
    assert accounts.review_holds(now=at + timedelta(days=30)) == nothing
    assert accounts.review_holds(now=at + timedelta(days=31)) == {**nothing, "credit held": 1}
    assert accounts.review_holds(now=at + timedelta(days=31)) == nothing
    with pytest.raises(CreditOnHold, match="Invoices of your company are overdue"):
        bought(late)
    invoices.mark_paid(invoice_id=order.invoice.pk, at=at + timedelta(days=40), reference="Late")
    assert accounts.review_holds(now=at + timedelta(days=40)) == {**nothing, "credit released": 1}
    late.refresh_from_db()
    assert (late.hold, late.balance) == ("", D("0.00"))


def test_what_finance_holds_stays_held_whoever_pays() -> None:
    account = limited("500.00")
    accounts.hold(account_id=account.pk, reason="Fraud check", at=NOW, by=None)
    assert accounts.review_holds(now=NOW)["credit released"] == 0
    account.refresh_from_db()
    assert (account.hold, account.hold_reason) == ("manual", "Fraud check")


def test_credit_kept_free_counts_until_it_is_released_or_over() -> None:
    account = limited("200.00")
    until = NOW + timedelta(days=3650)
    kept = {"company": account.company, "currency": "EUR", "amount": D("100.00"), "until": until, "now": NOW}
    first = holds.keep(key="quote-1", **kept)
    assert holds.keep(key="quote-1", **kept) == first
    with pytest.raises(CreditExceeded) as refused:
        bought(account)
    assert refused.value.available == D("100.00")
    assert holds.release(key="quote-1", at=NOW)
    assert not holds.release(key="quote-1", at=NOW)
    bought(account)


def test_a_deposit_pays_open_invoices_and_then_new_ones_and_the_rest_can_go_back() -> None:
    account = limited("500.00")
    first = bought(account)
    for _ in range(2):  # the same transfer entered twice
        deposits.record(company=account.company, currency="EUR", amount=D("300.00"), key="bank-1", at=NOW)
    assert Invoice.objects.get(order=first).state == Invoice.State.PAID
    second, third = bought(account), bought(account)
    paid = [Invoice.objects.get(order=order).paid_incl_tax for order in (first, second, third)]
    assert paid == [D("123.75"), D("123.75"), D("52.50")]
    account.refresh_from_db()
    assert (account.balance, account.advance) == (D("71.25"), D("0.00"))
    assert [kind for kind, _amount, _after in entries(account)] == [
        "allocated", "purchased", "deposited", "purchased", "purchased",
    ]  # fmt: skip
    with pytest.raises(CreditChangeRefused, match=r"0.00 EUR of the deposit are left"):
        deposits.pay_out(account_id=account.pk, amount=D("0.01"), key="back-1", at=NOW)
    deposits.record(company=account.company, currency="EUR", amount=D("100.00"), key="bank-2", at=NOW)
    deposits.pay_out(account_id=account.pk, amount=D("28.75"), key="back-2", at=NOW)
    account.refresh_from_db()
    assert (account.balance, account.advance) == (D("0.00"), D("0.00"))


def test_goods_taken_back_before_they_are_paid_are_not_owed_any_more() -> None:
    account = limited("500.00")
    order = bought(account)
    line = order.lines.get()
    take_backs.take_back(order_id=order.pk, quantities={line.pk: 1}, key="t1", at=NOW, reason="Damaged")
    account.refresh_from_db()
    assert (account.balance, entries(account)[-1][:2]) == (D("0.00"), ("refunded", D("-123.75")))


def test_entries_stay_as_they_are() -> None:
    account = limited("500.00")
    entry = CreditEntry.objects.get(account=account)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        CreditEntry.objects.filter(pk=entry.pk).update(amount=D("-1.00"))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        CreditEntry.objects.filter(pk=entry.pk).delete()


def test_verify_credit_names_an_account_whose_balance_is_not_the_sum_of_its_entries(capsys: Any) -> None:
    account = limited("500.00")
    bought(account)
    call_command("verify_credit")
    assert capsys.readouterr().out == "1 accounts verified.\n"
    CreditAccount.objects.filter(pk=account.pk).update(balance=D("123.74"))
    with pytest.raises(CommandError, match="1 findings"):
        call_command("verify_credit")
    assert f"{account.company} (EUR): owes 123.74, its entries say 123.75" in capsys.readouterr().err


def test_charging_costs_five_queries(django_assert_num_queries: Any) -> None:
    account = limited("5000.00")
    order = bought(account)
    order.number = "another"  # as if it had never been charged
    with django_assert_num_queries(5):  # the account, holds, the key, the balance, the entry
        ledger.charge(order=order, at=NOW)
