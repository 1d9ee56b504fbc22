"""From the difference between target and posted to rows: accruals, and the postings that follow from them.

Everything here runs while the ledger head is locked (see locks.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.db.models import Sum

from channels.commissions.engine import ledger as engine
from channels.commissions.engine.delta import Posted
from channels.commissions.engine.facts import POSTED_ELSEWHERE, Delta
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import Accrual, LedgerPosting, ProgrammeVersion, RatingRun
from channels.commissions.selectors.programmes import name_of
from channels.commissions.selectors.targets import Facts, partner_key
from channels.commissions.services import ledger
from channels.core.ids import commission_key

State = Accrual.State
STILL_HELD = (State.REVIEW, State.HELD)
STILL_PAYABLE = (State.PAYABLE, State.STATED)
# What is taken back goes first where no money has moved.
_TAKEN_FIRST = (State.REVIEW, State.HELD, State.PAYABLE, State.STATED, State.PAYING, State.PAID, State.REVERSED)

Group = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class History:
    """The accruals of one order, by order line, partner and type."""

    groups: dict[Group, list[Accrual]] = field(default_factory=dict)

    @classmethod
    def of(cls, order_ids: Iterable[int]) -> "dict[int, History]":
        """Return the history of each order, in one query."""
        histories = {order_id: cls() for order_id in order_ids}
        for accrual in Accrual.objects.filter(order_id__in=histories).select_related("line").order_by("pk"):
            key = (accrual.line.key, partner_key(accrual.partner_id), accrual.type)
            histories[accrual.order_id].groups.setdefault(key, []).append(accrual)
        return histories

    def posted(self) -> Posted:
        """Return the sums of what rating posts; other rooms follow up their own types (rating.AFTER_RATING)."""
        return self._sums(lambda kind: kind not in POSTED_ELSEWHERE)

    def posted_as(self, wanted: str) -> Posted:
        return self._sums(lambda kind: kind == wanted)

    def _sums(self, is_wanted: Callable[[str], bool]) -> Posted:
        return {
            key: (sum(row.base_minor for row in rows), sum(row.amount_minor for row in rows))
            for key, rows in self.groups.items()
            if is_wanted(key[2])
        }

    def left_of(self, key: Group) -> list[tuple[Accrual, int]]:
        """Return the earning accruals with what is left of each, in the order in which they are taken back."""
        rows = self.groups.get(key, [])
        taken: dict[int, int] = {}
        for row in rows:
            if row.reverses_id:
                taken[row.reverses_id] = taken.get(row.reverses_id, 0) + row.amount_minor
        earning = [row for row in rows if not row.reverses_id]
        earning.sort(key=lambda row: (_TAKEN_FIRST.index(State(row.state)), -row.pk))
        return [(row, row.amount_minor + taken.get(row.pk, 0)) for row in earning]


def rows_for(changes: Iterable[Delta], *, run: RatingRun, facts: Facts, history: History) -> list[Accrual]:
    """Return unsaved accruals: one for what is earned, one per earlier accrual for what is taken back."""
    rows: list[Accrual] = []
    for change in changes:
        if change.amount_minor > 0:
            rows.append(_row(change, run=run, facts=facts, history=history, number=1))
        elif change.amount_minor < 0 or change.base_minor < 0:
            rows += _taken_back(change, run=run, facts=facts, history=history)
    return rows


def drafts_for(rows: Sequence[Accrual]) -> list[ledger.Draft]:
    """Return the postings of new accruals, booked when their cause happened."""
    return [
        ledger.Draft(
            key=row.key,
            kind=LedgerPosting.Kind.REVERSE if row.reverses_id else LedgerPosting.Kind.ACCRUE,
            booked_at=row.accrued_at,
            order_id=row.order_id,
            accrual_id=row.pk,
            memo=": ".join(filter(None, (row.run.cause, row.run.reason)))[:255],
            entries=_entries(row),
        )
        for row in rows
    ]


def follow_reversals(rows: Iterable[Accrual]) -> None:
    """Mark as reversed what has nothing left."""
    touched = [row.reverses_id for row in rows if row.reverses_id]
    earning = Accrual.objects.filter(pk__in=touched).annotate(taken=Sum("reversals__amount_minor"))
    spent = [row.pk for row in earning if row.amount_minor + (row.taken or 0) == 0] if touched else []
    if spent:
        Accrual.objects.filter(pk__in=spent).update(state=State.REVERSED)


def move_hold(history: History, hold_until: datetime | None) -> None:
    """A delivery moves the end of the hold of what is not yet released."""
    held = [row for rows in history.groups.values() for row in rows if row.state in STILL_HELD and not row.reverses_id]
    moved = [row.pk for row in held if hold_until and row.hold_until and row.hold_until < hold_until]
    if moved:
        Accrual.objects.filter(pk__in=moved).update(hold_until=hold_until)


def _taken_back(change: Delta, *, run: RatingRun, facts: Facts, history: History) -> list[Accrual]:
    key = (change.line_key, change.partner, change.type)
    rest, base = -change.amount_minor, change.base_minor
    rows: list[Accrual] = []
    for earlier, left in history.left_of(key):
        part = min(rest, left)
        if part or (not rows and change.amount_minor == 0):
            row = _row(change, run=run, facts=facts, history=history, number=len(rows) + 1)
            row.reverses, row.amount_minor, row.base_minor = earlier, -part, base
            row.state, row.credit_id = State.REVERSED, earlier.credit_id
            row.rule_id, row.rule_label = change.rule_id or earlier.rule_id, earlier.rule_label
            row.rate_bp = change.rate_bp or earlier.rate_bp
            rows.append(row)
            rest, base = rest - part, 0
    if rest:
        raise RuntimeError(f"{key}: {rest} to take back exceeds what was earned")
    return rows


def _row(change: Delta, *, run: RatingRun, facts: Facts, history: History, number: int) -> Accrual:
    version, terms = cast("ProgrammeVersion", facts.version), cast("ProgrammeTerms", facts.terms)
    key = (change.line_key, change.partner, change.type)
    line = next(line for line in facts.lines if line.key == change.line_key)
    partner_id = int(change.partner)
    pool = change.pool or change.type.lower()
    wanted = (line.pk, partner_id, pool)
    credit = next((one for one in facts.credits if (one.line_id, one.partner_id, one.pool) == wanted), None)
    sequence = len(history.groups.get(key, ())) + number
    labels = {rule.id: rule.label for rule in terms.rules}
    return Accrual(
        key=commission_key(
            event=run.cause,
            order_line=line.key,
            partner=str(partner_id),
            commission_type=change.type,
            programme_version=name_of(version),
            sequence=sequence,
        ),
        order=facts.order,
        line=line,
        partner_id=partner_id,
        credit=credit,
        run=run,
        type=change.type,
        programme_version=version,
        rule_id=change.rule_id,
        rule_label=labels.get(change.rule_id, "")[:200],
        sequence=sequence,
        base_minor=change.base_minor,
        rate_bp=change.rate_bp,
        amount_minor=change.amount_minor,
        currency=facts.order.currency,
        state=State.REVIEW if change.held_for_review else State.HELD,
        accrued_at=run.event.at if run.event else run.created_at,
        hold_until=facts.hold_until,
    )


def _entries(row: Accrual) -> engine.Entries:
    partner = str(row.partner_id)
    if row.reverses is None:
        return engine.accrue(
            partner=partner, commission_type=row.type, amount_minor=row.amount_minor, currency=row.currency
        )
    amount = -row.amount_minor
    # The whole part sits where the reversed accrual's money is: rows_for took no more than was left of it.
    owed = engine.Owed(
        held_minor=amount if row.reverses.state in STILL_HELD else 0,
        payable_minor=amount if row.reverses.state in STILL_PAYABLE else 0,
    )
    return engine.reverse(
        partner=partner, commission_type=row.type, amount_minor=amount, currency=row.currency, owed=owed
    )
