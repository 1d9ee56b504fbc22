"""Money on invoices as finance meets it: parts, one transfer for several, and one that nobody recognises."""

from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from shop.billing.models import Invoice
from shop.billing.services import invoices, receipts
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.history import Player


def plan(player: Player, *, clock: Clock) -> None:
    player.plan_act(clock.ago(6, hour=10), lambda at: _part(player, at))
    player.plan_act(clock.ago(4, hour=10), lambda at: _together(player, at))
    player.plan_act(clock.ago(2, hour=10), lambda at: _unknown(player, at))


def _part(player: Player, at: datetime) -> None:
    """Half of the oldest overdue invoice."""
    oldest = _overdue(at).first()
    if oldest:
        half = (oldest.amount_due / 2).quantize(Decimal("1.00"))
        invoices.record_payment(
            invoice_id=oldest.pk, amount=half, key="demo:part", at=at, reference="Instalment 1 of 2",
            by=player.staff["finance"],
        )  # fmt: skip
        player.follow(at)


def _together(player: Player, at: datetime) -> None:
    """One transfer for the two oldest invoices of the company that has most of them open."""
    rows = _open().filter(due_on__gte=at.date())
    of_company: dict[int, list[Invoice]] = {}
    for row in rows:
        of_company.setdefault(row.order.purchase.company_id, []).append(row)
    chosen = max(of_company.values(), key=len, default=[])[:2]
    if len(chosen) == 2:
        receipts.receive(
            amount=sum((row.amount_due for row in chosen), Decimal(0)), currency=chosen[0].currency, key="demo:together",
            at=at, reference=" and ".join(row.number for row in chosen), by=player.staff["finance"],
        )  # fmt: skip
        player.follow(at)


def _unknown(player: Player, at: datetime) -> None:
    receipts.receive(
        amount=Decimal("1840.00"), currency="EUR", key="demo:unknown", at=at, reference="Calibration, thank you",
        by=player.staff["finance"],
    )  # fmt: skip


def _overdue(at: datetime) -> QuerySet[Invoice]:
    return _open().filter(due_on__lt=at.date())


def _open() -> QuerySet[Invoice]:
    rows = Invoice.objects.filter(state=Invoice.State.OPEN)
    return rows.select_related("order__purchase").order_by("due_on", "pk")
