"""Paying approved statements: an attempt is on record before money moves, and a confirmation follows it."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from channels.audit.services import record
from channels.commissions.engine import ledger as engine
from channels.commissions.models import Accrual, LedgerPosting, Payout, PayoutAttempt, Statement
from channels.commissions.selectors.balances import balance
from channels.commissions.services import ledger, locks

Kind = LedgerPosting.Kind
State = Payout.State


class NotApproved(Exception):
    """A payout needs an approved statement that asks for money."""


class NothingOwed(Exception):
    """What was taken back meanwhile leaves nothing to pay. The statement stays approved."""


class WrongState(Exception):
    """The payout cannot take this step now."""


@transaction.atomic
def create(*, statement_id: int, at: datetime, by: AbstractBaseUser | None = None) -> Payout:
    """Make the payout of an approved statement; the approval is the statement's. A second call returns the first's."""
    statement = locks.lock_statement(statement_id)
    existing = Payout.objects.filter(statement=statement).first()
    if existing:
        return existing
    if statement.state != Statement.State.APPROVED or statement.payable_minor <= 0:
        raise NotApproved(f"{statement} is {statement.state} and asks for {statement.payable_minor}")
    payout = Payout.objects.create(
        statement=statement,
        amount_minor=_at_most_owed(statement, statement.payable_minor),
        currency=statement.currency,
        state=State.APPROVED,
        created_at=at,
    )
    record(verb="payout.created", subject=payout, at=at, actor=by, data={"amount_minor": payout.amount_minor})
    return payout


def record_payment(
    *, payout_id: int, reference: str, at: datetime, by: AbstractBaseUser | None = None
) -> PayoutAttempt:
    """Record a transfer that finance made by hand. The same reference again changes nothing.

    Two transactions, as with any rail: what was sent stays on record even when the confirmation fails.
    """
    attempt = send(payout_id=payout_id, reference=reference, at=at, by=by)
    confirm(attempt_id=attempt.pk, at=at)
    return attempt


@transaction.atomic
def send(
    *, payout_id: int, reference: str, at: datetime, by: AbstractBaseUser | None = None, rail: str = "manual"
) -> PayoutAttempt:
    """Put an attempt on record and move the money to in transit, netting first what the partner owes.

    Lowers the amount when something was taken back since the statement. Raises WrongState or NothingOwed.
    """
    payout = locks.lock_payout(payout_id)
    earlier = payout.attempts.filter(reference=reference).first()
    if earlier:
        return earlier
    if payout.state not in (State.APPROVED, State.FAILED):
        raise WrongState(f"{payout} is {payout.state}")
    locks.lock_head()
    payout.amount_minor = _at_most_owed(payout.statement, payout.statement.payable_minor)
    payout.state = State.SENDING
    payout.save(update_fields=["amount_minor", "state"])
    attempt = payout.attempts.create(rail=rail, reference=reference, at=at, by_id=by.pk if by else None)
    ledger.post_many([_netting(attempt, payout, at), _paying(attempt, payout, at)])
    _covered(payout, (Accrual.State.STATED,)).update(state=Accrual.State.PAYING)
    record(
        verb="payout.sent", subject=payout, at=at, actor=by,
        data={"amount_minor": payout.amount_minor, "reference": reference},
    )  # fmt: skip
    return attempt


@transaction.atomic
def confirm(*, attempt_id: int, at: datetime) -> Payout:
    """The money arrived. A second call changes nothing."""
    attempt = PayoutAttempt.objects.select_related("payout").get(pk=attempt_id)
    payout = locks.lock_payout(attempt.payout_id)
    attempt.refresh_from_db()
    if attempt.state != PayoutAttempt.State.SENT:
        return payout
    entries = engine.payout_confirmed(
        partner=_partner(payout), amount_minor=payout.amount_minor, currency=payout.currency
    )
    ledger.post(_draft("paid", Kind.PAID, attempt, payout, at, entries))
    _covered(payout, (Accrual.State.PAYING,)).update(state=Accrual.State.PAID)
    _move(payout, attempt, State.PAID, PayoutAttempt.State.CONFIRMED, Statement.State.PAID)
    return payout


@transaction.atomic
def returned(*, payout_id: int, at: datetime, reason: str, by: AbstractBaseUser | None = None) -> Payout:
    """The bank sent the money back: it is payable again, and a new attempt may follow. Raises WrongState."""
    payout = locks.lock_payout(payout_id)
    if payout.state == State.FAILED:
        return payout
    if payout.state not in (State.SENDING, State.PAID):
        raise WrongState(f"{payout} is {payout.state}")
    attempt = payout.attempts.order_by("-pk")[0]
    partner, amount, currency = _partner(payout), payout.amount_minor, payout.currency
    drafts = []
    if payout.state == State.PAID:
        confirmed = engine.payout_confirmed(partner=partner, amount_minor=amount, currency=currency)
        drafts.append(_draft("recalled", Kind.RECALLED, attempt, payout, at, engine.opposite(confirmed)))
    back = engine.payout_returned(partner=partner, amount_minor=amount, currency=currency)
    drafts.append(_draft("returned", Kind.RETURNED, attempt, payout, at, back))
    ledger.post_many(drafts)
    _covered(payout, (Accrual.State.PAYING, Accrual.State.PAID)).update(state=Accrual.State.STATED)
    _move(payout, attempt, State.FAILED, PayoutAttempt.State.RETURNED, Statement.State.APPROVED)
    record(verb="payout.returned", subject=payout, at=at, actor=by, reason=reason)
    return payout


def _move(payout: Payout, attempt: PayoutAttempt, to: str, attempt_to: str, statement_to: str) -> None:
    payout.state = to
    payout.save(update_fields=["state"])
    attempt.state = attempt_to
    attempt.save(update_fields=["state"])
    Statement.objects.filter(pk=payout.statement_id).update(state=statement_to)


def _at_most_owed(statement: Statement, wanted_minor: int) -> int:
    owed = min(wanted_minor, balance(statement.partner_id, statement.currency).owed)
    if owed <= 0:
        raise NothingOwed(f"{statement} asks for {wanted_minor}, but nothing is owed any more")
    return owed


def _netting(attempt: PayoutAttempt, payout: Payout, at: datetime) -> ledger.Draft:
    now = balance(payout.statement.partner_id, payout.currency)
    entries = engine.net_clawback(
        partner=_partner(payout),
        payable_minor=now.payable,
        clawback_minor=now.clawback,
        currency=payout.currency,
    )
    return _draft("net", Kind.NET, attempt, payout, at, entries)


def _paying(attempt: PayoutAttempt, payout: Payout, at: datetime) -> ledger.Draft:
    entries = engine.pay(partner=_partner(payout), amount_minor=payout.amount_minor, currency=payout.currency)
    return _draft("pay", Kind.PAY, attempt, payout, at, entries)


def _draft(
    step: str, kind: Kind, attempt: PayoutAttempt, payout: Payout, at: datetime, entries: engine.Entries
) -> ledger.Draft:
    return ledger.Draft(
        key=f"payout:{payout.pk}:{attempt.pk}:{step}",
        kind=kind,
        booked_at=at,
        payout_id=payout.pk,
        memo=attempt.reference,
        entries=entries,
    )


def _partner(payout: Payout) -> str:
    return str(payout.statement.partner_id)


def _covered(payout: Payout, states: tuple[str, ...]) -> QuerySet[Accrual]:
    """The accruals that this payout settles: its statement's, and those carried over to it from earlier ones."""
    statement = payout.statement
    own = Statement.objects.filter(partner=statement.partner_id, currency=statement.currency)
    asking = own.filter(period_start__lt=statement.period_start, payable_minor__gt=0)
    latest = asking.order_by("-period_start").first()
    covered = own.filter(period_start__lte=statement.period_start)
    if latest:
        covered = covered.filter(period_start__gt=latest.period_start)
    stated = Accrual.objects.filter(
        postings__kind=Kind.RELEASE, postings__entries__statement_line__statement__in=covered
    )
    return Accrual.objects.filter(pk__in=stated.values("pk"), state__in=states)
