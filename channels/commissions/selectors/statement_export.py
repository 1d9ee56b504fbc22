"""A statement as JSON, from which the partner can recompute it offline (engine/recompute.py).

It holds the partner's own rows: the movements, every accrual behind them with what the rating made of it, and the
postings with what their hashes cover. Nobody else's entry, name or share is in it.
"""

from collections.abc import Iterable
from typing import Any

from channels.commissions.engine import recompute
from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual, LedgerEntry, LedgerPosting, Statement
from channels.commissions.selectors.chain import posting_facts
from channels.commissions.selectors.programmes import name_of

# Their base is no share of a whole line's net, or follows from other amounts than a rate.
NO_SHARE = (CommissionType.RENEWAL, CommissionType.EXPANSION, CommissionType.BONUS)
Group = tuple[int, str]  # order line, commission type


def export(statement: Statement) -> dict[str, Any]:
    """Return the document, in the same number of queries for however many movements."""
    movements = list(
        LedgerEntry.objects.filter(statement_line__statement=statement)
        .select_related("posting__order", "posting__accrual")
        .order_by("posting__sequence", "position")
    )
    accruals = _accruals(statement)
    postings = _postings(statement, movements, accruals)
    document: dict[str, Any] = {
        "format": recompute.FORMAT,
        "version": recompute.VERSION,
        "statement": _sealed(_statement(statement)),
        "parties": _sealed(_parties(statement)),
        "movements": [_sealed(_movement(entry)) for entry in movements],
        "accruals": [_sealed(row) for row in _accrual_rows(statement, accruals, postings)],
        "postings": [_sealed(_posting(posting)) for posting in postings],
    }
    document["checksum"] = recompute.overall(document)
    return document


def _sealed(row: dict[str, Any]) -> dict[str, Any]:
    row["checksum"] = recompute.checksum(row)
    return row


def _statement(statement: Statement) -> dict[str, Any]:
    own = Statement.objects.filter(partner=statement.partner_id, currency=statement.currency)
    before = own.filter(period_start__lt=statement.period_start).order_by("-period_start").first()
    return {
        "number": statement.number,
        "currency": statement.currency,
        "period_start": statement.period_start.isoformat(),
        "period_end": statement.period_end.isoformat(),
        "closed_at": statement.closed_at.isoformat(),
        "previous": before.number if before else "",
        "previous_closing_minor": before.closing_minor if before else 0,
        "opening_minor": statement.opening_minor,
        "movement_minor": statement.movement_minor,
        "closing_minor": statement.closing_minor,
        "asked_before_minor": statement.asked_before_minor,
        "minimum_payable_minor": statement.minimum_payable_minor,
        "payable_minor": statement.payable_minor,
        "carried_minor": statement.closing_minor - statement.payable_minor,
        "paid_in": statement.paid_in or statement.currency,
        "chain_sequence": statement.chain_sequence,
        "chain_head": statement.chain_head,
    }


def _parties(statement: Statement) -> dict[str, Any]:
    printed = statement.printed or {"partner": {"code": statement.partner.code, "name": statement.partner.name}}
    return {
        "partner_key": str(statement.partner_id),
        "partner": printed["partner"],
        "issuer": printed.get("issuer", {}),
        "tax": printed.get("tax", {}),
    }


def _movement(entry: LedgerEntry) -> dict[str, Any]:
    posting = entry.posting
    return {
        "posting": posting.sequence,
        "position": entry.position,
        "kind": posting.kind,
        "booked_at": posting_facts(posting)["booked_at"],
        "order": posting.order.number if posting.order else "",
        "accrual": posting.accrual.key if posting.accrual else "",
        "amount_minor": -entry.amount_minor,
    }


def _accruals(statement: Statement) -> list[Accrual]:
    """Return the commissions behind the movements, and all others of theirs that share a target with them."""
    stated = Accrual.objects.filter(
        partner=statement.partner_id, postings__entries__statement_line__statement=statement
    ).values("line", "type")
    groups = {(row["line"], row["type"]) for row in stated}
    found = (
        Accrual.objects.filter(partner=statement.partner_id, line__in=stated.values("line").distinct())
        .select_related("order", "line", "partner", "credit", "run", "reverses", "programme_version__programme")
        .order_by("pk")
    )
    return [row for row in found if (row.line_id, row.type) in groups]


def _postings(
    statement: Statement, movements: Iterable[LedgerEntry], accruals: Iterable[Accrual]
) -> list[LedgerPosting]:
    """Return what is on the statement, and what the commissions behind it were posted with, until its closing."""
    wanted = {entry.posting_id for entry in movements}
    kinds = (LedgerPosting.Kind.ACCRUE, LedgerPosting.Kind.REVERSE)
    own = {row.pk for row in accruals}
    rows = LedgerPosting.objects.filter(
        entries__partner=statement.partner_id, sequence__lte=statement.chain_sequence
    ).prefetch_related("entries")
    found = rows.distinct().order_by("sequence")
    return [row for row in found if row.pk in wanted or (row.kind in kinds and row.accrual_id in own)]


def _posting(posting: LedgerPosting) -> dict[str, Any]:
    entries = sorted(posting.entries.all(), key=lambda entry: entry.position)
    return {
        "sequence": posting.sequence,
        "key": posting.key,
        "kind": posting.kind,
        "facts": posting_facts(posting),
        "entries": [[row.account, str(row.partner_id or ""), row.amount_minor, row.currency] for row in entries],
        "previous_hash": posting.previous_hash,
        "hash": posting.hash,
    }


def _accrual_rows(
    statement: Statement, accruals: Iterable[Accrual], postings: Iterable[LedgerPosting]
) -> list[dict[str, Any]]:
    kinds = (LedgerPosting.Kind.ACCRUE, LedgerPosting.Kind.REVERSE)
    sequences = {row.accrual_id: row.sequence for row in postings if row.kind in kinds}
    known = [row for row in accruals if row.pk in sequences or not row.amount_minor]
    sums: dict[Group, int] = {}
    after: dict[tuple[Group, int], int] = {}
    for row in known:
        group = (row.line_id, row.type)
        sums[group] = sums.get(group, 0) + row.amount_minor
        after[group, row.run_id] = sums[group]
    return [
        {
            "key": row.key,
            "order": row.order.number,
            "line": row.line.key,
            "type": row.type,
            "rule": row.rule_id,
            "programme": name_of(row.programme_version),
            "cause": row.run.cause,
            "reverses": row.reverses.key if row.reverses else "",
            "posting": sequences.get(row.pk, 0),
            "base_minor": row.base_minor,
            "rate_bp": row.rate_bp,
            "amount_minor": row.amount_minor,
            "target": _target(row, after[(row.line_id, row.type), row.run_id]),
        }
        for row in known
    ]


def _target(accrual: Accrual, posted_minor: int) -> dict[str, Any]:
    """Return what the rating made of the credit; empty when it had none left. What others post is taken as given."""
    told = accrual.run.explanation
    wanted = (accrual.line.key, accrual.type, accrual.partner.code)
    rows = (row for row in told.get("targets", []) if (row["line"], row["type"], row["partner"]) == wanted)
    target = next(rows, None)
    if target is None:
        is_given = accrual.type in (CommissionType.TOP_UP, CommissionType.ADJUSTMENT)
        return _given(posted_minor) if is_given else {}
    left = next((row["net_minor"] for row in told.get("left", []) if row["line"] == accrual.line.key), 0)
    # A base that is no share of the line's net (a margin, say) stays as it is given, and gives no cost away.
    is_share = accrual.type not in NO_SHARE and not _is_margin(accrual)
    cuts = [{"reason": cut["reason"], "after_minor": cut["after_minor"]} for cut in target.get("cuts", [])]
    if (cuts[-1]["after_minor"] if cuts else target["uncapped_minor"]) != target["amount_minor"]:
        cuts.append({"reason": "total_cap", "after_minor": target["amount_minor"]})
    return {
        "kind": target.get("rate_kind", "percent"),
        "base_minor": target["base_minor"],
        "rate_bp": target["rate_bp"],
        "uncapped_minor": target["uncapped_minor"],
        "amount_minor": target["amount_minor"],
        "line_base_minor": left if is_share else 0,
        "share_bp": accrual.credit.share_bp if is_share and accrual.credit else 0,
        "cuts": cuts,
    }


def _is_margin(accrual: Accrual) -> bool:
    rules = accrual.programme_version.terms.get("rules", [])
    return any(rule.get("id") == accrual.rule_id and rule.get("base") == "margin" for rule in rules)


def _given(amount_minor: int) -> dict[str, Any]:
    return {
        "kind": "given", "base_minor": 0, "rate_bp": 0, "uncapped_minor": amount_minor, "amount_minor": amount_minor,
        "line_base_minor": 0, "share_bp": 0, "cuts": [],
    }  # fmt: skip
