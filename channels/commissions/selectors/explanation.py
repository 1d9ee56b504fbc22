"""Every cent of an order explained, from the first touch to the payout, with the version behind each step."""

from collections.abc import Iterable
from typing import Any

from channels.commissions.models import Accrual, Dispute, LedgerEntry, RatingRun, Statement
from channels.commissions.selectors.programmes import name_of
from channels.commissions.selectors.statements import settling
from channels.journeys.models import AttributionRun, Credit, CreditRejection, OrderRecord, Override


class UnknownOrder(LookupError):
    """No order with this number was recorded."""


def latest_order_number() -> str | None:
    return OrderRecord.objects.order_by("-placed_at", "-pk").values_list("number", flat=True).first()


def explain_order(*, number: str) -> dict[str, Any]:
    """Return the whole story as JSON, for staff: it names every partner. Raises UnknownOrder."""
    order = OrderRecord.objects.select_related("company", "chosen_partner").filter(number=number).first()
    if order is None:
        raise UnknownOrder(f"order {number} was never recorded")
    attribution = attribution_in_force(order)
    statements = statements_of(order)
    return {
        "order": order.number,
        "details": details(order),
        "events": events(order),
        "touchpoints": attribution.explanation.get("touches", []) if attribution else [],
        "attribution": _attribution(attribution),
        "credits": [credit_row(credit) for credit in credits_of(attribution)],
        "accruals": [accrual_row(accrual) for accrual in accruals_of(order)],
        "entries": [entry_row(entry) for entry in entries_of(order)],
        "ratings": [_rating(run) for run in order.rating_runs.select_related("programme_version__programme")],
        "statements": [statement_row(statement) for statement in statements],
        "payouts": payouts_of(statements),
        "overrides": [_override(row) for row in order.overrides.order_by("pk")],
        "disputes": [_dispute(row) for row in order.disputes.select_related("partner").order_by("pk")],
        "rejections": _rejections(attribution),
    }


def attribution_in_force(order: OrderRecord) -> AttributionRun | None:
    """Return the latest attribution that is done, else the latest of all."""
    runs = list(order.attribution_runs.select_related("policy").order_by("-sequence"))
    return next((run for run in runs if run.state == AttributionRun.State.DONE), runs[0] if runs else None)


def credits_of(run: AttributionRun | None) -> Iterable[Credit]:
    return run.credits.select_related("line", "partner").order_by("line__position", "pool", "pk") if run else ()


def accruals_of(order: OrderRecord) -> Iterable[Accrual]:
    return order.accruals.select_related("line", "partner", "programme_version__programme").order_by("pk")


def entries_of(order: OrderRecord) -> Iterable[LedgerEntry]:
    entries = LedgerEntry.objects.filter(posting__order=order).select_related("posting", "partner")
    return entries.order_by("posting__sequence", "position")


def statements_of(order: OrderRecord) -> list[Statement]:
    found = Statement.objects.filter(lines__entry__posting__order=order).distinct()
    return list(found.select_related("partner").order_by("period_start", "number"))


def payouts_of(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    """Return the payouts that settle the statements: a balance below the minimum is paid with a later one."""
    paying = {found.pk: found for statement in statements if (found := settling(statement))}
    return [
        {
            "statement": statement.number,
            "partner": statement.partner.code,
            "amount_minor": statement.payout.amount_minor,
            "currency": statement.currency,
            "state": statement.payout.state,
            "attempts": [
                {"at": attempt.at.isoformat(), "reference": attempt.reference, "state": attempt.state}
                for attempt in statement.payout.attempts.all()
            ],
        }
        for statement in paying.values()
        if hasattr(statement, "payout")
    ]


def details(order: OrderRecord) -> dict[str, Any]:
    return {
        "placed_at": order.placed_at.isoformat(),
        "company": order.company.name,
        "country": order.country,
        "channel": order.channel,
        "medium": order.medium,
        "chosen_partner": order.chosen_partner.code if order.chosen_partner else "",
        "currency": order.currency,
        "net_minor": order.net_minor,
        "cycle": order.cycle,
        "lines": [
            {
                "key": line.key,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "net_minor": line.net_minor,
            }
            for line in order.lines.all()
        ],
    }


def events(order: OrderRecord) -> list[dict[str, Any]]:
    return [
        {"key": event.key, "kind": event.kind, "at": event.at.isoformat(), "lines": event.lines, "reason": event.reason}
        for event in order.events.all()
    ]


def credit_row(credit: Credit) -> dict[str, Any]:
    return {
        "line": credit.line.key,
        "pool": credit.pool,
        "partner": credit.partner.code,
        "role": credit.role,
        "share_bp": credit.share_bp,
        "reason": credit.reason,
        "touchpoints": credit.touch_keys,
        "held_for_review": credit.is_held_for_review,
    }


def accrual_row(accrual: Accrual) -> dict[str, Any]:
    return {
        "partner": accrual.partner.code,
        "type": accrual.type,
        "base_minor": accrual.base_minor,
        "rate_bp": accrual.rate_bp,
        "amount_minor": accrual.amount_minor,
        "currency": accrual.currency,
        "state": accrual.state,
        "line": accrual.line.key,
        "key": accrual.key,
        "rule": accrual.rule_id,
        "rule_label": accrual.rule_label,
        "programme": name_of(accrual.programme_version),
        "accrued_at": accrual.accrued_at.isoformat(),
        "hold_until": accrual.hold_until.isoformat() if accrual.hold_until else None,
    }


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "account": entry.account,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "posting": entry.posting.key,
        "partner": entry.partner.code if entry.partner else "",
        "sequence": entry.posting.sequence,
        "kind": entry.posting.kind,
        "booked_at": entry.posting.booked_at.isoformat(),
        "effective_at": entry.posting.effective_at.isoformat(),
        "hash": entry.posting.hash,
    }


def statement_row(statement: Statement) -> dict[str, Any]:
    return {
        "number": statement.number,
        "partner": statement.partner.code,
        "period_start": statement.period_start.isoformat(),
        "period_end": statement.period_end.isoformat(),
        "closing_minor": statement.closing_minor,
        "payable_minor": statement.payable_minor,
        "currency": statement.currency,
        "state": statement.state,
    }


def _attribution(run: AttributionRun | None) -> dict[str, Any]:
    if run is None:
        return {}
    return {
        "sequence": run.sequence,
        "state": run.state,
        "step": run.step,
        "policy": run.policy.version if run.policy else None,
        "lines": run.explanation.get("lines", []),
        "counterfactuals": run.explanation.get("counterfactuals", []),
        "error": run.last_error,
    }


def _rating(run: RatingRun) -> dict[str, Any]:
    return {
        "cause": run.cause,
        "state": run.state,
        "programme": name_of(run.programme_version) if run.programme_version else "",
        "note": run.explanation.get("note", ""),
        "targets": run.explanation.get("targets", []),
        "skips": run.explanation.get("skips", []),
        "error": run.last_error,
    }


def _override(row: Override) -> dict[str, Any]:
    return {
        "state": row.state,
        "lines": row.lines,
        "pools": row.pools,
        "reason": row.reason,
        "proposed_at": row.proposed_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _dispute(row: Dispute) -> dict[str, Any]:
    return {
        "number": row.number,
        "partner": row.partner.code,
        "kind": row.kind,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "answer": row.answer,
    }


def _rejections(run: AttributionRun | None) -> list[dict[str, Any]]:
    found = CreditRejection.objects.filter(credit__run=run).select_related("credit__partner", "credit__line")
    return [
        {
            "partner": row.credit.partner.code,
            "line": row.credit.line.key,
            "pool": row.credit.pool,
            "reason": row.reason,
        }
        for row in found.order_by("pk")
    ]
