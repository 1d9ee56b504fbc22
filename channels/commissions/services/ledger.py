"""The only writer of the ledger: appends balanced postings to the hash chain, many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from channels.commissions.engine import ledger as engine
from channels.commissions.models import LedgerEntry, LedgerHead, LedgerPosting
from channels.commissions.selectors.chain import posting_hash
from channels.commissions.services import bulk, locks


class Unbalanced(ValueError):
    """A posting whose entries do not sum to zero in every currency. Nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A posting to be. `booked_at` moves to the first open moment when its month is closed already."""

    key: str
    kind: LedgerPosting.Kind
    booked_at: datetime
    entries: engine.Entries
    effective_at: datetime | None = None  # when it happened; `booked_at` unless said
    order_id: int | None = None
    accrual_id: int | None = None
    payout_id: int | None = None
    memo: str = ""


class PostingRow(NamedTuple):
    """The columns of a LedgerPosting."""

    id: int
    key: str
    sequence: int
    kind: str
    booked_at: datetime
    effective_at: datetime
    order_id: int | None
    accrual_id: int | None
    payout_id: int | None
    memo: str
    previous_hash: str
    hash: str = ""


class EntryRow(NamedTuple):
    """The columns of a LedgerEntry, save its own id."""

    posting_id: int
    position: int
    account: str
    partner_id: int | None
    amount_minor: int
    currency: str


def post(draft: Draft) -> bool:
    """Append one posting; False when its key was posted before, or when it moves nothing."""
    return bool(post_many([draft]))


@transaction.atomic
def post_many(drafts: Iterable[Draft]) -> list[str]:
    """Append the drafts in their order and return their keys; those posted before, and empty ones, are left out."""
    wanted = {draft.key: draft for draft in drafts if draft.entries}
    for draft in wanted.values():
        if not engine.is_balanced(draft.entries):
            raise Unbalanced(f"{draft.key} does not sum to zero: {draft.entries}")
    if not wanted:
        return []
    head = locks.lock_head()
    for key in _known_keys(list(wanted)):
        del wanted[key]
    if wanted:
        _append(head, list(wanted.values()))
    return list(wanted)


def _known_keys(keys: Sequence[str]) -> set[str]:
    """In portions, since SQLite limits the variables of one query."""
    known: set[str] = set()
    for start in range(0, len(keys), 500):
        found = LedgerPosting.objects.filter(key__in=keys[start : start + 500])
        known.update(found.values_list("key", flat=True))
    return known


def _append(head: LedgerHead, drafts: Sequence[Draft]) -> None:
    postings = []
    for posting_id, draft in zip(bulk.next_ids(LedgerPosting, len(drafts)), drafts, strict=True):
        posting = _chained(posting_id, draft, head)
        head.sequence, head.hash = posting.sequence, posting.hash
        postings.append(posting)
    bulk.insert(LedgerPosting, postings)
    bulk.insert(
        LedgerEntry,
        [
            EntryRow(
                posting_id=posting.id,
                position=position,
                account=entry.account,
                partner_id=int(entry.partner) if entry.partner else None,
                amount_minor=entry.amount_minor,
                currency=entry.currency,
            )
            for posting, draft in zip(postings, drafts, strict=True)
            for position, entry in enumerate(draft.entries, 1)
        ],
    )
    head.save(update_fields=["sequence", "hash"])


def _chained(posting_id: int, draft: Draft, head: LedgerHead) -> PostingRow:
    posting = PostingRow(
        id=posting_id,
        key=draft.key,
        sequence=head.sequence + 1,
        kind=draft.kind.value,
        booked_at=max(draft.booked_at, head.closed_until or draft.booked_at),
        effective_at=draft.effective_at or draft.booked_at,
        order_id=draft.order_id,
        accrual_id=draft.accrual_id,
        payout_id=draft.payout_id,
        memo=draft.memo,
        previous_hash=head.hash,
    )
    return posting._replace(hash=posting_hash(posting, draft.entries))
