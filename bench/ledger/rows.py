"""The postings that are written, and the same rows for the peers: plain tuples, ready to send."""

from collections.abc import Iterator
from datetime import UTC, datetime

from channels.commissions.engine import ledger as engine
from channels.commissions.models import LedgerPosting
from channels.commissions.services.ledger import Draft

AT = datetime(2026, 3, 1, tzinfo=UTC)
POSTING_COLUMNS = (
    "key", "sequence", "kind", "booked_at", "effective_at", "order_id", "accrual_id", "payout_id", "memo",
    "previous_hash", "hash",
)  # fmt: skip
ENTRY_COLUMNS = ("posting_id", "position", "account", "partner_id", "amount_minor", "currency")


def drafts(prefix: str, count: int, *, partner: int) -> Iterator[Draft]:
    """Yield postings that accrue a commission: two entries each, as most postings have."""
    for number in range(count):
        yield Draft(
            key=f"{prefix}:{number}",
            kind=LedgerPosting.Kind.ACCRUE,
            booked_at=AT,
            entries=engine.accrue(
                partner=str(partner), commission_type="RESALE", amount_minor=1_000 + number % 977, currency="EUR"
            ),
            memo="paid",
        )


def plain(prefix: str, count: int, *, partner: int, first: int) -> tuple[list[tuple], list[tuple]]:
    """Return the rows of as many postings and of their entries, made before the clock starts."""
    postings: list[tuple] = []
    entries: list[tuple] = []
    for number, draft in enumerate(drafts(prefix, count, partner=partner), first):
        digest = f"{number:064d}"
        postings.append((draft.key, number, draft.kind.value, AT, AT, None, None, None, draft.memo, digest, digest))
        entries += [
            (number, position, entry.account, partner, entry.amount_minor, entry.currency)
            for position, entry in enumerate(draft.entries, 1)
        ]
    return postings, entries
