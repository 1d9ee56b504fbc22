"""A statement as JSON, from which the partner can recompute it offline (engine/recompute.py).

It holds the partner's own rows: the movements, every accrual behind them with what the rating made of it, and the
postings with what their hashes cover. Nobody else's entry, name or share is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from channels.commissions.engine import recompute
from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import (
    Accrual,
    LedgerEntry,
    LedgerPosting,
    ProgrammeVersion,
    RatingRun,
    Statement,
)
from channels.commissions.selectors.chain import posting_facts
from channels.commissions.selectors.programmes import name_of
from channels.partners.models import ChannelPartner

EARNING = (LedgerPosting.Kind.ACCRUE, LedgerPosting.Kind.REVERSE)
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
    postings = _postings(statement, accruals)
    entries = _entries(statement)
    document: dict[str, Any] = {
        "format": recompute.FORMAT,
        "version": recompute.VERSION,
        "statement": _sealed(_statement(statement)),
        "parties": _sealed(_parties(statement)),
        "movements": [_sealed(_movement(entry)) for entry in movements],
        "accruals": [_sealed(row) for row in _accrual_rows(statement, accruals, postings)],
        "postings": [_sealed(_posting(posting, entries[posting.pk])) for posting in postings],
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
    ).order_by()
    groups = set(stated.values_list("line", "type"))
    found = _on_stated_lines(statement).select_related("order", "line", "credit", "reverses").order_by("pk")
    return [row for row in found if (row.line_id, row.type) in groups]


def _on_stated_lines(statement: Statement) -> QuerySet[Accrual]:
    lines = _stated(statement).filter(posting__accrual__isnull=False).values("posting__accrual__line")
    return Accrual.objects.filter(partner=statement.partner_id, line__in=lines).order_by()


def _stated(statement: Statement) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(statement_line__statement=statement).order_by()


def _postings(statement: Statement, accruals: Iterable[Accrual]) -> list[LedgerPosting]:
    """Return what is on the statement, and what the commissions behind it were posted with, until its closing."""
    wanted, own = set(_stated(statement).values_list("posting", flat=True)), {row.pk for row in accruals}
    found = _behind(statement).order_by("sequence")
    return [row for row in found if row.pk in wanted or row.accrual_id in own]


def _behind(statement: Statement) -> QuerySet[LedgerPosting]:
    """Return the statement's postings, and those that any commission on the same lines was earned with."""
    earning = LedgerPosting.objects.filter(kind__in=EARNING, accrual__in=_on_stated_lines(statement).values("pk"))
    found = LedgerPosting.objects.filter(
        Q(pk__in=_stated(statement).values("posting")) | Q(pk__in=earning.order_by().values("pk"))
    )
    return found.filter(sequence__lte=statement.chain_sequence)


def _entries(statement: Statement) -> dict[int, list[LedgerEntry]]:
    """Return the entries of the postings behind a statement, each posting's in their order."""
    found: dict[int, list[LedgerEntry]] = {}
    rows = LedgerEntry.objects.filter(posting__in=_behind(statement).order_by().values("pk"))
    for entry in rows.order_by("position"):
        found.setdefault(entry.posting_id, []).append(entry)
    return found


def _posting(posting: LedgerPosting, entries: Iterable[LedgerEntry]) -> dict[str, Any]:
    return {
        "sequence": posting.sequence,
        "key": posting.key,
        "kind": posting.kind,
        "facts": posting_facts(posting),
        "entries": [[row.account, str(row.partner_id or ""), row.amount_minor, row.currency] for row in entries],
        "previous_hash": posting.previous_hash,
        "hash": posting.hash,
    }


@dataclass(frozen=True, slots=True)
class _Run:
    """What one rating said of the partner's targets, by (line, type), and what it left of each line."""

    cause: str
    targets: dict[tuple[str, str], dict[str, Any]]
    left: dict[str, int]

    @classmethod
    def of(cls, run: RatingRun, partner: ChannelPartner) -> _Run:
        told = run.explanation
        own = [row for row in told.get("targets", []) if row["partner"] == partner.code]
        return cls(
            cause=run.cause,
            targets={(row["line"], row["type"]): row for row in own},
            left={row["line"]: row["net_minor"] for row in told.get("left", [])},
        )


@dataclass(frozen=True, slots=True)
class _Terms:
    """A programme version's name, and its rules whose base is the margin."""

    name: str
    of_margin: frozenset[str]

    @classmethod
    def of(cls, version: ProgrammeVersion) -> _Terms:
        rules = version.terms.get("rules", [])
        return cls(name_of(version), frozenset(rule["id"] for rule in rules if rule.get("base") == "margin"))


def _runs(statement: Statement) -> QuerySet[RatingRun]:
    """Return each run once: what it explains is large, and of all partners and lines of its order."""
    return RatingRun.objects.filter(pk__in=_on_stated_lines(statement).values("run")).order_by()


def _accrual_rows(
    statement: Statement, accruals: Iterable[Accrual], postings: Iterable[LedgerPosting]
) -> list[dict[str, Any]]:
    sequences = {row.accrual_id: row.sequence for row in postings if row.kind in EARNING}
    known = [row for row in accruals if row.pk in sequences or not row.amount_minor]
    sums: dict[Group, int] = {}
    after: dict[tuple[Group, int], int] = {}
    for row in known:
        group = (row.line_id, row.type)
        sums[group] = sums.get(group, 0) + row.amount_minor
        after[group, row.run_id] = sums[group]
    runs = {run.pk: _Run.of(run, statement.partner) for run in _runs(statement)}
    versions = ProgrammeVersion.objects.filter(pk__in={row.programme_version_id for row in known})
    terms = {version.pk: _Terms.of(version) for version in versions.select_related("programme")}
    return [
        {
            "key": row.key,
            "order": row.order.number,
            "line": row.line.key,
            "type": row.type,
            "rule": row.rule_id,
            "programme": terms[row.programme_version_id].name,
            "cause": runs[row.run_id].cause,
            "reverses": row.reverses.key if row.reverses else "",
            "posting": sequences.get(row.pk, 0),
            "base_minor": row.base_minor,
            "rate_bp": row.rate_bp,
            "amount_minor": row.amount_minor,
            "target": _target(
                row, runs[row.run_id], terms[row.programme_version_id], after[(row.line_id, row.type), row.run_id]
            ),
        }
        for row in known
    ]


def _target(accrual: Accrual, run: _Run, terms: _Terms, posted_minor: int) -> dict[str, Any]:
    """Return what the rating made of the credit; empty when it had none left. What others post is taken as given."""
    target = run.targets.get((accrual.line.key, accrual.type))
    if target is None:
        is_given = accrual.type in (CommissionType.TOP_UP, CommissionType.ADJUSTMENT)
        return _given(posted_minor) if is_given else {}
    left = run.left.get(accrual.line.key, 0)
    # A base that is no share of the line's net (a margin, say) stays as it is given, and gives no cost away.
    is_share = accrual.type not in NO_SHARE and accrual.rule_id not in terms.of_margin
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


def _given(amount_minor: int) -> dict[str, Any]:
    return {
        "kind": "given", "base_minor": 0, "rate_bp": 0, "uncapped_minor": amount_minor, "amount_minor": amount_minor,
        "line_base_minor": 0, "share_bp": 0, "cuts": [],
    }  # fmt: skip
