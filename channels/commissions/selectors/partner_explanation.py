"""One order explained to one partner: its own credits, touches and cents, and nobody else's."""

from typing import Any

from channels.commissions.models import RatingRun
from channels.commissions.selectors import explanation as full
from channels.journeys.models import AttributionRun, OrderRecord
from channels.partners.models import ChannelPartner


def explain_to_partner(partner: ChannelPartner, *, number: str) -> dict[str, Any]:
    """Return the partner's side of the story. Raises UnknownOrder also for an order that never credited it.

    Holds no company and no line that is not credited: what more it may see is for its agreement's data level to say.
    """
    order = OrderRecord.objects.filter(number=number).first()
    if order is None or not _concerns(partner, order):
        raise full.UnknownOrder(f"order {number} does not credit {partner.code}")
    run = full.attribution_in_force(order)
    shares = _own_shares(run, partner)
    own_credits = [credit for credit in full.credits_of(run) if credit.partner_id == partner.pk]
    accruals = [accrual for accrual in full.accruals_of(order) if accrual.partner_id == partner.pk]
    statements = [statement for statement in full.statements_of(order) if statement.partner_id == partner.pk]
    lines = {line.pk: line for line in [*(row.line for row in own_credits), *(row.line for row in accruals)]}
    return {
        "order": order.number,
        "details": {
            "placed_at": order.placed_at.isoformat(),
            "channel": order.channel,
            "medium": order.medium,
            "currency": order.currency,
            "cycle": order.cycle,
            "lines": [
                {"key": line.key, "title": line.title, "quantity": line.quantity, "net_minor": line.net_minor}
                for line in sorted(lines.values(), key=lambda line: line.position)
            ],
        },
        "events": [{"kind": event["kind"], "at": event["at"]} for event in full.events(order)],
        "step": run.step if run else "",
        "policy": run.policy.version if run and run.policy else None,
        "touchpoints": _own(run, "touches", partner),
        "counterfactuals": _own(run, "counterfactuals", partner),
        "credits": [
            {**full.credit_row(credit), "reason": shares.get((credit.line.key, credit.pool), "")}
            for credit in own_credits
        ],
        "accruals": [full.accrual_row(accrual) for accrual in accruals],
        "entries": [full.entry_row(entry) for entry in full.entries_of(order) if entry.partner_id == partner.pk],
        "skips": _own_skips(order, partner),
        "texts": _own_texts(order, partner),
        "statements": [full.statement_row(statement) for statement in statements],
        "payouts": full.payouts_of(statements),
    }


def _concerns(partner: ChannelPartner, order: OrderRecord) -> bool:
    credited = any(credit.partner_id == partner.pk for credit in full.credits_of(full.attribution_in_force(order)))
    return credited or order.accruals.filter(partner=partner).exists()


def _own(run: AttributionRun | None, part: str, partner: ChannelPartner) -> list[dict[str, Any]]:
    return [row for row in (run.explanation.get(part, []) if run else []) if row.get("partner") == partner.code]


def _own_shares(run: AttributionRun | None, partner: ChannelPartner) -> dict[tuple[str, str], str]:
    """The sentence about the share itself; the line's own reason may name other partners."""
    return {
        (line["line"], share["pool"]): share["reason"]
        for line in (run.explanation.get("lines", []) if run else [])
        for share in line["credits"]
        if share["partner"] == partner.code
    }


def _own_skips(order: OrderRecord, partner: ChannelPartner) -> list[dict[str, Any]]:
    """Of the latest rating: each rule that did not pay the partner."""
    return _latest(order, "skips", partner)


def _own_texts(order: OrderRecord, partner: ChannelPartner) -> list[dict[str, Any]]:
    """Of the latest rating: how each amount was computed."""
    return _latest(order, "targets", partner)


def _latest(order: OrderRecord, part: str, partner: ChannelPartner) -> list[dict[str, Any]]:
    run = order.rating_runs.filter(state=RatingRun.State.DONE).order_by("-pk").first()
    return [row for row in (run.explanation.get(part, []) if run else []) if row["partner"] == partner.code]
