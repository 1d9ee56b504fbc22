"""`verify_ledger` finds what was tampered with, and names the row."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from channels.commissions import append_only
from channels.commissions.models import Accrual, LedgerPosting, Payout, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.commissions.services import disputes, payouts, schedule, statements
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = make.NOON + timedelta(days=70)


@pytest.fixture(autouse=True)
def books() -> None:
    """Two partners, one of them paid, one order refunded in part."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme()
    for number in ("ORD-A", "ORD-B"):
        order = money.credited(number, (nord, "resale", 10_000), (sor, "influence", 10_000))
        money.paid(order)
    schedule.run_due(now=LATER)
    statement = Statement.objects.get(partner=nord)
    statements.approve(statement_id=statement.pk, at=LATER)
    payout = payouts.create(statement_id=statement.pk, at=LATER)
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=LATER)
    money.refunded(order, LATER, ("ORD-B/1", 0, 50_00))


@pytest.fixture
def unguarded() -> Iterator[None]:
    append_only.remove(connection)
    yield
    append_only.install(connection)


def verify() -> list[str]:
    """Return what the command names, having checked how it ends."""
    found = list(verification.findings())
    errors, out = StringIO(), StringIO()
    if not found:
        call_command("verify_ledger", stdout=out, stderr=errors)
        assert out.getvalue().startswith(f"{LedgerPosting.objects.count()} postings verified; the chain ends at ")
        return []
    with pytest.raises(CommandError, match=f"{len(found)} findings") as caught:
        call_command("verify_ledger", stdout=out, stderr=errors)
    assert (caught.value.returncode, out.getvalue()) == (1, "")
    assert errors.getvalue().splitlines() == found
    return found


def test_untouched_books_verify() -> None:
    """Nothing is found, and the head is printed."""
    assert verify() == []


def change(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(
    ("table", "sql", "named"),
    [
        ("ledgerentry", "amount_minor = amount_minor + 1 WHERE position = 1 AND posting_id = {posting}", "posting #2 "),
        ("ledgerentry", "account = 'Liability:Mine' WHERE position = 2 AND posting_id = {posting}", "posting #2 "),
        ("ledgerentry", "partner_id = {other} WHERE position = 2 AND posting_id = {posting}", "posting #2 "),
        ("ledgerposting", "memo = 'x' WHERE sequence = 2", "posting #2 "),
        ("ledgerposting", "sequence = 99 WHERE sequence = 2", "posting #3 "),
        ("ledgerposting", "effective_at = '2020-01-01 00:00:00+00:00' WHERE sequence = 2", "posting #2 "),
        ("accrual", "amount_minor = 1 WHERE id = {accrual}", "accrual {accrual} "),
        ("accrual", "line_id = (SELECT MAX(id) FROM channels_journeys_orderline) WHERE id = {accrual}", "order ORD-A:"),
        ("statement", "opening_minor = 5 WHERE id = {statement}", "statement ST-2026-04-EUR-SOR:"),
        ("statement", "movement_minor = 5 WHERE id = {statement}", "statement ST-2026-04-EUR-SOR:"),
        ("statement", "closing_minor = 5 WHERE id = {statement}", "statement ST-2026-04-EUR-SOR:"),
        ("statement", "payable_minor = 5000 WHERE id = {statement}", "statement ST-2026-04-EUR-SOR:"),
        ("statement", "chain_head = 'x' WHERE id = {statement}", "statement ST-2026-04-EUR-SOR:"),
        ("payout", "amount_minor = 1 WHERE id = {payout}", "payout of ST-2026-04-EUR-NORD:"),
        ("ledgerhead", "sequence = 3 WHERE id = 1", "ledger head:"),
    ],
)
def test_a_changed_row_is_named(table: str, sql: str, named: str) -> None:
    """One row is changed behind the triggers' back."""
    sor = make.ChannelPartner.objects.get(code="sor")
    names = {
        "posting": LedgerPosting.objects.get(sequence=2).pk,
        "accrual": Accrual.objects.order_by("pk")[0].pk,
        "other": LedgerPosting.objects.get(sequence=1).accrual.partner_id,  # type: ignore[union-attr]
        "statement": Statement.objects.get(partner=sor).pk,
        "payout": Payout.objects.get().pk,
    }
    change(f"UPDATE channels_commissions_{table} SET {sql.format(**names)}")
    assert any(line.startswith(named.format(**names)) for line in verify()), verify()


@pytest.mark.usefixtures("unguarded")
def test_a_deleted_row_is_named() -> None:
    """The last statement line, and the entries of a posting."""
    line = Statement.objects.get(partner__code="sor").lines.order_by("pk")[0]
    change(f"DELETE FROM channels_commissions_statementline WHERE id = {line.pk}")
    found = verify()
    assert (
        f"entry {line.entry_id} of posting #{line.entry.posting.sequence}: is in a closed month but on no statement"
        in found
    )
    assert any(row.startswith("statement ST-2026-04-EUR-SOR: its 1 lines do not sum") for row in found)


@pytest.mark.usefixtures("unguarded")
def test_commission_that_the_facts_do_not_bear_is_named() -> None:
    """An order's fact changed: the targets recomputed from it are not what was posted."""
    change("UPDATE channels_journeys_orderline SET net_minor = 20000 WHERE key = 'ORD-A/1'")
    found = verify()
    assert len(found) == 2
    assert all(row.startswith("order ORD-A: partner ") for row in found)
    assert "should have 1500 more RESALE on ORD-A/1" in found[0] + found[1]


@pytest.mark.usefixtures("unguarded")
def test_an_adjustment_that_says_something_else_is_named() -> None:
    """What two people decided is a fact of the order too."""
    sor, people = make.ChannelPartner.objects.get(code="sor"), [make.user(), make.user()]
    dispute = disputes.dispute_credit(
        partner_id=sor.pk, order_number="ORD-A", kind="amount", reason="Too little.", at=LATER, by=None
    )
    disputes.take_up(dispute_id=dispute.pk, at=LATER, by=people[0])
    disputes.uphold_with_adjustment(
        dispute_id=dispute.pk, line_key="ORD-A/1", amount_minor=2_00, answer="Yes.", at=LATER, by=people[1]
    )
    assert verify() == []  # nothing rated it yet
    money.rated(RatingRun.objects.latest("pk"))
    assert verify() == []
    change("UPDATE channels_commissions_adjustment SET amount_minor = 900")
    assert verify() == [f"order ORD-A: partner {sor.pk} should have 700 more ADJUSTMENT on ORD-A/1"]


@pytest.mark.usefixtures("unguarded")
def test_a_posting_that_went_is_named() -> None:
    """With its entries, from the middle of the chain."""
    gone = LedgerPosting.objects.get(sequence=2)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM channels_commissions_ledgerentry WHERE posting_id = {gone.pk}")
    change(f"DELETE FROM channels_commissions_ledgerposting WHERE id = {gone.pk}")
    found = verify()
    name = f"posting #3 ({LedgerPosting.objects.get(sequence=3).key})"
    assert {f"{name}: sequence 2 is missing", f"{name}: does not follow the posting before it"} <= set(found)
    assert any(row.startswith(f"accrual {gone.accrual_id} ") for row in found)
