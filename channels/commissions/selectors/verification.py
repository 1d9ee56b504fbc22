"""Recomputing the money: the chain, the sums, the statements and every order's targets. Names each bad row."""

from collections.abc import Callable, Iterator

from django.db.models import Count, Min, Q, Sum

from channels.commissions.engine import ledger as engine
from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual, LedgerEntry, LedgerHead, LedgerPosting, Payout, RatingRun, Statement
from channels.commissions.selectors.adjustments import adjustments_of, targets_of
from channels.commissions.selectors.balances import STATED_ACCOUNTS, balances_of
from channels.commissions.selectors.chain import as_engine_entry, posting_hash
from channels.commissions.selectors.counters import counters
from channels.commissions.selectors.programmes import Published
from channels.commissions.selectors.targets import facts_of, orders_with_facts, partner_key, rating_of

BATCH = 500


def findings() -> Iterator[str]:
    """Yield one plain sentence per bad row; nothing when every amount can be recomputed."""
    for check in CHECKS:
        yield from check()


def chain() -> Iterator[str]:
    """Each posting follows the one before it, and its hash covers what it says."""
    expected_sequence, previous = 1, engine.GENESIS
    postings = LedgerPosting.objects.order_by("sequence").prefetch_related("entries")
    for posting in postings.iterator(chunk_size=BATCH):
        name = f"posting #{posting.sequence} ({posting.key})"
        if posting.sequence != expected_sequence:
            yield f"{name}: sequence {expected_sequence} is missing"
        entries = [as_engine_entry(entry) for entry in sorted(posting.entries.all(), key=lambda row: row.position)]
        if not entries:
            yield f"{name}: has no entries"
        if not engine.is_balanced(entries):
            yield f"{name}: does not sum to zero"
        if posting.previous_hash != previous:
            yield f"{name}: does not follow the posting before it"
        if posting.hash != posting_hash(posting, entries):
            yield f"{name}: was changed after it was posted"
        expected_sequence, previous = posting.sequence + 1, posting.hash
    head = LedgerHead.objects.filter(pk=1).first()
    sequence, last = (head.sequence, head.hash) if head else (0, engine.GENESIS)
    if (sequence, last) != (expected_sequence - 1, previous):
        yield f"ledger head: is at #{sequence}, but the last posting is #{expected_sequence - 1}"


def accruals_and_entries() -> Iterator[str]:
    """Each accrual is on the ledger with its amount, and is taken back at most whole."""
    posted = dict(
        LedgerEntry.objects.filter(account__startswith="Expense:Commission:")
        .order_by()
        .values_list("posting__accrual")
        .annotate(total=Sum("amount_minor"))
    )
    rows = Accrual.objects.annotate(taken=Sum("reversals__amount_minor")).order_by("pk")
    for accrual in rows.iterator(chunk_size=BATCH):
        name = f"accrual {accrual.pk} ({accrual.key})"
        if posted.pop(accrual.pk, 0) != accrual.amount_minor:
            yield f"{name}: its amount {accrual.amount_minor} is not what the ledger says"
        if accrual.reverses_id is None and not 0 <= -(accrual.taken or 0) <= accrual.amount_minor:
            yield f"{name}: {-(accrual.taken or 0)} was taken back of {accrual.amount_minor}"
    for accrual_id, total in posted.items():
        yield f"ledger: commission of {total} is posted for accrual {accrual_id}, which does not exist"


def held_accruals() -> Iterator[str]:
    """What is held for a partner is what its unreleased accruals have left."""
    held: dict[tuple[int, str], int] = {}
    states = (Accrual.State.REVIEW, Accrual.State.HELD)
    waiting = Accrual.objects.filter(Q(state__in=states) | Q(reverses__state__in=states)).order_by()
    for partner_id, currency, total in waiting.values_list("partner", "currency").annotate(total=Sum("amount_minor")):
        held[partner_id, currency] = total
    for partner_id, rows in balances_of(None).items():
        for row in rows:
            if row.held != held.get((partner_id, row.currency), 0):
                yield f"partner {partner_id}: {row.held} {row.currency} is held, but its accruals say otherwise"


def balances() -> Iterator[str]:
    """No balance is on the wrong side, and everything earned is somewhere."""
    for partner_id, rows in balances_of(None).items():
        for row in rows:
            name = f"partner {partner_id} {row.currency}"
            for account in ("earned", "held", "payable", "clawback", "in_transit", "paid"):
                if getattr(row, account) < 0:
                    yield f"{name}: {account} is negative ({getattr(row, account)})"
            if row.earned != row.held + row.owed + row.in_transit + row.paid + row.converted:
                yield f"{name}: earned {row.earned} is not the sum of its parts"


def statements() -> Iterator[str]:
    """Each statement continues the one before, sums its lines, and prints a head that is in the chain."""
    closings: dict[tuple[int, str], int] = {}
    hashes = dict(LedgerPosting.objects.values_list("sequence", "hash")) | {0: engine.GENESIS}
    rows = Statement.objects.annotate(moved=Sum("lines__entry__amount_minor"), lines_count=Count("lines"))
    for row in rows.order_by("partner_id", "currency", "period_start"):
        owner = (row.partner_id, row.currency)
        if row.opening_minor != closings.get(owner, 0):
            yield f"statement {row.number}: opens at {row.opening_minor}, not at {closings.get(owner, 0)}"
        if row.movement_minor != -(row.moved or 0):
            yield f"statement {row.number}: its {row.lines_count} lines do not sum to {row.movement_minor}"
        if row.closing_minor != row.opening_minor + row.movement_minor:
            yield f"statement {row.number}: {row.closing_minor} is not opening plus movement"
        if not 0 <= row.payable_minor <= max(row.closing_minor, 0):
            yield f"statement {row.number}: asks for {row.payable_minor} of {row.closing_minor}"
        if hashes.get(row.chain_sequence) != row.chain_head:
            yield f"statement {row.number}: its chain head is not in the ledger"
        closings[owner] = row.closing_minor


def closed_months() -> Iterator[str]:
    """Every movement of a closed month is on a statement, and on one of its own partner and currency."""
    head = LedgerHead.objects.filter(pk=1).first()
    stated = LedgerEntry.objects.filter(account__in=STATED_ACCOUNTS).select_related(
        "posting", "statement_line__statement"
    )
    for entry in stated.order_by("pk").iterator(chunk_size=BATCH):
        line = getattr(entry, "statement_line", None)
        name = f"entry {entry.pk} of posting #{entry.posting.sequence}"
        if line is None:
            if head and head.closed_until and entry.posting.booked_at < head.closed_until:
                yield f"{name}: is in a closed month but on no statement"
        elif (line.statement.partner_id, line.statement.currency) != (entry.partner_id, entry.currency):
            yield f"{name}: is on {line.statement.number}, which is not its partner's"


def payouts() -> Iterator[str]:
    """What left for a payout is its amount, or nothing."""
    sent = dict(
        LedgerEntry.objects.filter(account=engine.IN_TRANSIT, posting__payout__isnull=False)
        .exclude(posting__kind__in=(LedgerPosting.Kind.PAID, LedgerPosting.Kind.RECALLED))
        .order_by()
        .values_list("posting__payout")
        .annotate(total=Sum("amount_minor"))
    )
    for payout in Payout.objects.select_related("statement"):
        left = -sent.get(payout.pk, 0)
        wanted = payout.amount_minor if payout.state in (Payout.State.SENDING, Payout.State.PAID) else 0
        if left != wanted:
            yield f"payout of {payout.statement.number}: {left} left, not {wanted}"
        if payout.amount_minor > payout.statement.payable_minor:
            yield f"payout of {payout.statement.number}: {payout.amount_minor} is more than the statement asks for"


def order_targets() -> Iterator[str]:
    """Recomputed from its facts and adjustments, each rated order has earned what is posted."""
    posted: dict[int, dict[tuple[str, str, str], tuple[int, int]]] = {}
    # Top-ups follow from proofs, which the room above verifies.
    rows = Accrual.objects.exclude(type=CommissionType.TOP_UP).order_by()
    sums = rows.values_list("order", "line__key", "partner", "type")
    for order_id, line, partner, kind, base, amount in sums.annotate(
        base=Sum("base_minor"), amount=Sum("amount_minor")
    ):
        posted.setdefault(order_id, {})[line, partner_key(partner), kind] = (base, amount)
    done, published = RatingRun.State.DONE, Published()
    rated = orders_with_facts().annotate(first=Min("rating_runs__pk", filter=Q(rating_runs__state=done)))
    adjusted = adjustments_of(None)
    for order in rated.filter(first__isnull=False).order_by("pk").iterator(chunk_size=BATCH):
        facts = facts_of(order, published)
        targets = [*rating_of(facts).targets, *targets_of(facts, adjusted.get(order.pk, ()))]
        is_owed = any(run.state != done for run in order.rating_runs.all())
        for change in deltas(targets, posted.get(order.pk, {})):
            # An adjustment that no rating has seen yet is not missing.
            if change.amount_minor and not (is_owed and change.type == CommissionType.ADJUSTMENT):
                yield (
                    f"order {order.number}: partner {int(change.partner)} should have {change.amount_minor} more "
                    f"{change.type} on {change.line_key}"
                )


CHECKS: list[Callable[[], Iterator[str]]] = [
    chain,
    accruals_and_entries,
    held_accruals,
    balances,
    statements,
    closed_months,
    payouts,
    order_targets,
    counters,
]
