"""Other currencies: decimals of their own from the accrual to the export, and payment in another than was earned."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from channels.commissions.engine import recompute
from channels.commissions.models import Accrual, LedgerEntry, LedgerPosting, Statement
from channels.commissions.selectors import verification
from channels.commissions.selectors.statement_export import export
from channels.commissions.selectors.statements import detail_lines
from channels.commissions.services import payouts, schedule, statements
from channels.commissions.services.rates import RateRow, record_rates
from channels.partners.models import Agreement, ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


def moment(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "net_minor", "earned", "payable"),
    [("JPY", 12_345, 1_852, 1_852), ("KWD", 12_345, 1_852, 1_852), ("JPY", 3, 0, 0), ("KWD", 10, 2, 2)],
)
def test_yen_and_dinars_from_accrual_to_export(currency: str, net_minor: int, earned: int, payable: int) -> None:
    """15 % of 12,345 yen, or of 12.345 dinars, half-up in the currency's own smallest unit."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited(
        "ORD-A", (nord, "resale", 10_000), currency=currency, lines=(make.line("ORD-A/1", net_minor),)
    )
    money.paid(order)
    assert [row[1] for row in money.earned(nord)] == ([earned] if earned else [])
    schedule.run_due(now=moment(5, 6))
    found = Statement.objects.filter(currency=currency).first()
    assert (found.payable_minor if found else 0) == payable
    if found:
        assert recompute.differences(recompute.shaped(export(found))) == []
        assert export(found)["movements"][0]["amount_minor"] == earned
    assert list(verification.findings()) == []


def rate(on: date, base: str, quote: str, text: str) -> None:
    record_rates(rows=[RateRow(on=on, base=base, quote=quote, rate=Decimal(text))], source="Bank", at=NOON)


def paid_in_kroner() -> ChannelPartner:
    """EUR 15.00 earned and payable in April by a partner that is paid in NOK."""
    nord = make.partner("nord")
    Agreement.objects.filter(partner=nord).update(payout_currency="NOK")
    money.programme()
    money.paid(money.credited("ORD-A", (nord, "resale", 10_000)))
    return nord


def amounts(partner: ChannelPartner, currency: str) -> dict[str, int]:
    rows = LedgerEntry.objects.filter(partner=partner, currency=currency)
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.account] = totals.get(row.account, 0) + row.amount_minor
    return {account: total for account, total in sorted(totals.items()) if total}


def test_a_balance_is_converted_when_its_month_closes() -> None:
    """Out of one statement, into the other; each currency sums to zero, and the rate's row is named."""
    nord = paid_in_kroner()
    rate(date(2026, 4, 30), "EUR", "NOK", "11.2345")
    schedule.run_due(now=moment(5, 1))
    posting = LedgerPosting.objects.get(kind="convert")
    assert [(row.account, row.amount_minor, row.currency) for row in posting.entries.all()] == [
        ("Liability:Payable", 15_00, "EUR"),
        ("Equity:FX", -15_00, "EUR"),
        ("Equity:FX", 168_52, "NOK"),
        ("Liability:Payable", -168_52, "NOK"),
    ]
    assert posting.memo == "EUR/NOK 22469/2000, rates 1, 2026-04"
    assert posting.booked_at == moment(5, 1) - timedelta(microseconds=1)
    rows = Statement.objects.order_by("currency").values_list("currency", "closing_minor", "payable_minor", "paid_in")
    assert list(rows) == [("EUR", 0, 0, "NOK"), ("NOK", 168_52, 168_52, "NOK")]
    euros, kroner = Statement.objects.order_by("currency")
    assert [line.amount_minor for line in detail_lines(euros)] == [15_00, -15_00]
    for statement in (euros, kroner):
        assert recompute.differences(recompute.shaped(export(statement))) == []
    assert Accrual.objects.get().state == "paying"
    assert list(verification.findings()) == []
    assert amounts(nord, "EUR") == {"Equity:FX": -15_00, "Expense:Commission:RESALE": 15_00}


def pay(statement: Statement) -> None:
    for _approval in range(statement.approvals_needed):
        statements.approve(statement_id=statement.pk, at=moment(5, 12), by=make.user())
    payout = payouts.create(statement_id=statement.pk, at=moment(5, 12))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(5, 12))


def test_it_is_paid_and_returned_with_the_other_statement() -> None:
    paid_in_kroner()
    rate(date(2026, 4, 30), "EUR", "NOK", "11.2345")
    schedule.run_due(now=moment(5, 1))
    kroner = Statement.objects.get(currency="NOK")
    pay(kroner)
    assert Accrual.objects.get().state == "paid"
    payouts.returned(payout_id=kroner.payout.pk, at=moment(5, 14), reason="account closed")
    assert Accrual.objects.get().state == "paying"
    assert list(verification.findings()) == []


def test_a_refund_after_the_conversion_is_converted_back_and_netted() -> None:
    """At the rate of its own month; the difference stays in Equity:FX."""
    nord = paid_in_kroner()
    rate(date(2026, 4, 30), "EUR", "NOK", "11.2345")
    schedule.run_due(now=moment(5, 1))
    money.refunded(Accrual.objects.get().order, moment(5, 20))
    assert amounts(nord, "EUR") == {"Asset:Clawback": 15_00, "Equity:FX": -15_00}
    rate(date(2026, 5, 29), "EUR", "NOK", "10")
    schedule.run_due(now=moment(6, 1))
    assert amounts(nord, "EUR") == {}
    assert amounts(nord, "NOK") == {"Asset:Clawback": 150_00, "Equity:FX": 18_52, "Liability:Payable": -168_52}
    may = Statement.objects.get(currency="NOK", period_start=date(2026, 5, 1))
    assert (may.opening_minor, may.movement_minor, may.closing_minor) == (168_52, -150_00, 18_52)
    assert list(verification.findings()) == []


def test_without_a_rate_the_month_waits_and_then_carries_over() -> None:
    """Nothing is paid in a currency that was not agreed; the next closing with a rate converts it all."""
    paid_in_kroner()
    schedule.run_due(now=moment(5, 2))
    assert not Statement.objects.exists()
    schedule.run_due(now=moment(5, 6))
    euros = Statement.objects.get()
    assert (euros.closing_minor, euros.payable_minor, euros.paid_in) == (15_00, 0, "NOK")
    rate(date(2026, 5, 29), "EUR", "NOK", "10")
    schedule.run_due(now=moment(6, 1))
    kroner = Statement.objects.get(currency="NOK")
    assert kroner.payable_minor == 150_00
    assert Statement.objects.filter(currency="EUR").order_by("-period_start")[0].closing_minor == 0
    assert list(verification.findings()) == []
