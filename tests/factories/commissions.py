"""Programmes, and the things that happen to orders."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from channels.commissions.models import Accrual, LedgerEntry, ProgrammeVersion, RatingRun
from channels.commissions.services import programmes, rating, simulations
from channels.commissions.services.facts import record_order_event
from channels.contracts import OrderEventFacts, OrderEventKind, ReversedLine
from channels.journeys.models import AttributionRun, Credit, OrderRecord
from channels.partners.models import ChannelPartner
from tests.factories import channels as make

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
DEFAULT_RULES = [
    {"id": "resale", "type": "RESALE", "rate_bp": 1_500, "label": "Resale"},
    {"id": "referral", "type": "REFERRAL", "rate_bp": 1_000, "label": "Referral"},
    {"id": "influence", "type": "INFLUENCE", "rate_bp": 500, "label": "Influence"},
    {"id": "renewal", "type": "RENEWAL", "rate_bp": 800, "label": "Renewal"},
    {"id": "override", "type": "OVERRIDE", "rate_bp": 200, "label": "Distributor override"},
]
_number = count(1)


def programme(at: datetime = FIRST, code: str = "channel", **terms: Any) -> ProgrammeVersion:
    """A published version: 15 % resale, held 14 days after payment and 30 days after delivery."""
    draft = programmes.create_draft(programme=code, terms={"rules": DEFAULT_RULES, **terms}, at=at)
    return published(draft, at=at)


def published(draft: ProgrammeVersion, at: datetime, **values: Any) -> ProgrammeVersion:
    """Publish a draft after a simulation of its text over the ten years before."""
    simulations.run_now(version_id=draft.pk, since=at - timedelta(days=3650), until=at, at=at)
    return programmes.publish(version_id=draft.pk, at=at, **values)


def credited(number: str = "", *shares: tuple[ChannelPartner, str, int], **values: Any) -> OrderRecord:
    """An order whose lines are all credited as given: (partner, pool, basis points), and not by attribution."""
    order = make.order(number, **values)
    run = make.pending_run(order)
    AttributionRun.objects.filter(pk=run.pk).update(
        state=AttributionRun.State.DONE, step="model", finished_at=order.placed_at
    )
    credit(run, *shares)
    return order


def credit(run: AttributionRun, *shares: tuple[ChannelPartner, str, int], held: bool = False) -> None:
    Credit.objects.bulk_create(
        Credit(
            run=run, line=line, pool=pool, partner=partner, role="reseller", share_bp=share_bp,
            reason="as the test says", is_held_for_review=held,
        )
        for line in run.order.lines.all()
        for partner, pool, share_bp in shares
    )  # fmt: skip


def attributed_anew(order: OrderRecord, *shares: tuple[ChannelPartner, str, int]) -> AttributionRun:
    run = AttributionRun.objects.create(
        order=order, sequence=2, cause="override", state=AttributionRun.State.DONE,
        created_at=order.placed_at, finished_at=order.placed_at,
    )  # fmt: skip
    credit(run, *shares)
    return run


def happened(
    order: OrderRecord, kind: OrderEventKind, at: datetime, *lines: tuple[str, int, int], key: str = ""
) -> RatingRun:
    """Record an event; lines are (key, quantity, net)."""
    facts = OrderEventFacts(
        key=key or f"{order.number}:{kind}:{next(_number)}",
        order_number=order.number,
        kind=kind,
        at=at,
        lines=tuple(ReversedLine(line_key=name, quantity=units, net_minor=net) for name, units, net in lines),
    )
    record_order_event(facts)
    return RatingRun.objects.get(cause=facts.key)


def paid(order: OrderRecord, at: datetime | None = None) -> RatingRun:
    """Record the payment, a day after the order, and rate it."""
    at = at or order.placed_at + timedelta(days=1)
    return rated(happened(order, OrderEventKind.PAID, at))


def refunded(order: OrderRecord, at: datetime, *lines: tuple[str, int, int]) -> RatingRun:
    """Record a refund, of everything left unless lines are given, and rate it."""
    return rated(happened(order, OrderEventKind.REFUNDED, at, *lines))


def rated(run: RatingRun) -> RatingRun:
    rating.rate(run_id=run.pk, now=run.created_at)
    run.refresh_from_db()
    assert run.state == RatingRun.State.DONE, run.last_error
    return run


def accounts(partner: ChannelPartner | None = None) -> dict[str, int]:
    """Every balance that is not zero, by account; of one partner, or of all."""
    totals: dict[str, int] = {}
    entries = LedgerEntry.objects.all() if partner is None else LedgerEntry.objects.filter(partner=partner)
    for entry in entries:
        totals[entry.account] = totals.get(entry.account, 0) + entry.amount_minor
    return {account: total for account, total in sorted(totals.items()) if total}


def earned(partner: ChannelPartner) -> list[tuple[str, int, str]]:
    """(type, amount, state) of each of the partner's accruals, oldest first."""
    return list(Accrual.objects.filter(partner=partner).order_by("pk").values_list("type", "amount_minor", "state"))
