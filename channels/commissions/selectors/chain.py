"""The text that a posting's hash covers: written by the ledger, recomputed by `verify_ledger`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from channels.commissions.engine import ledger as engine
from channels.commissions.models import LedgerEntry


class Posting(Protocol):
    """A LedgerPosting, or a row that is going to be one."""

    @property
    def key(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def booked_at(self) -> datetime: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def order_id(self) -> int | None: ...
    @property
    def accrual_id(self) -> int | None: ...
    @property
    def payout_id(self) -> int | None: ...
    @property
    def memo(self) -> str: ...
    @property
    def previous_hash(self) -> str: ...


def posting_hash(posting: Posting, entries: Sequence[engine.Entry]) -> str:
    """Return what `posting.hash` must be, given its other fields and its entries in order."""
    text = engine.canonical(key=posting.key, kind=posting.kind, facts=posting_facts(posting), entries=entries)
    return engine.chain(posting.previous_hash, text)


def posting_facts(posting: Posting) -> dict[str, str]:
    return {
        "sequence": str(posting.sequence),
        "booked_at": _moment(posting.booked_at),
        "effective_at": _moment(posting.effective_at),
        "order": str(posting.order_id or ""),
        "accrual": str(posting.accrual_id or ""),
        "payout": str(posting.payout_id or ""),
        "memo": posting.memo,
    }


def as_engine_entry(entry: LedgerEntry) -> engine.Entry:
    partner = str(entry.partner_id) if entry.partner_id else ""
    return engine.Entry(entry.account, partner, entry.amount_minor, entry.currency)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
