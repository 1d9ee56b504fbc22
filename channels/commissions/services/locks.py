"""The locks of commissions and their one order:

    order records by id > rule counters by key > statement > payout > ledger head

Accruals, postings and statement lines are only written while the ledger head is locked, so they need no lock of their
own, and two schedulers at once take turns. SQLite locks the whole database instead (IMMEDIATE transactions).
"""

from collections.abc import Iterable

from channels.commissions.engine.ledger import GENESIS
from channels.commissions.models import LedgerHead, Payout, RuleCounter, Statement
from channels.journeys.models import OrderRecord


def lock_orders(order_ids: Iterable[int]) -> None:
    """Make the ratings and the events of an order take turns. Rows that point at the order may still be added."""
    orders = OrderRecord.objects.select_for_update(no_key=True).filter(pk__in=set(order_ids))
    list(orders.order_by("pk").values_list("pk", flat=True))


def lock_counters(names: Iterable[str]) -> dict[str, RuleCounter]:
    """Make the ratings that count in the same rule and period take turns; a counter asked for the first time is made."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    RuleCounter.objects.bulk_create([RuleCounter(key=name) for name in wanted], ignore_conflicts=True)
    rows = RuleCounter.objects.select_for_update(no_key=True).filter(key__in=wanted).order_by("key")
    return {row.key: row for row in rows}


def lock_statement(statement_id: int) -> Statement:
    return Statement.objects.select_for_update(no_key=True, of=("self",)).get(pk=statement_id)


def lock_payout(payout_id: int) -> Payout:
    """Lock the statement first: its state follows the payout's."""
    lock_statement(Payout.objects.only("statement_id").get(pk=payout_id).statement_id)
    return Payout.objects.select_for_update(no_key=True, of=("self",)).get(pk=payout_id)


def lock_payouts(payout_ids: Iterable[int]) -> None:
    """Lock several payouts before the first of them reaches the ledger head."""
    rows = Payout.objects.filter(pk__in=set(payout_ids))
    statements = Statement.objects.filter(payout__in=rows)
    list(statements.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
    list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))


def lock_head() -> LedgerHead:
    """Lock the end of the chain until the transaction ends; the first call of all makes the row."""
    locked = LedgerHead.objects.select_for_update().filter(pk=1)
    head = locked.first()
    if head is None:
        LedgerHead.objects.get_or_create(pk=1, defaults={"hash": GENESIS})
        head = locked.get()
    return head
