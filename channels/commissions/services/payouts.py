"""Paying approved statements: an attempt is on record before money moves, and what came of it follows.

draft -> approved -> sending -> paid
             ^          |        |
             |          v        v
             +------- failed: refused, or returned by the bank; payable again
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.engine import ledger as engine
from channels.commissions.models import Accrual, LedgerPosting, Payout, PayoutAttempt, Rail, Statement
from channels.commissions.selectors.balances import balance
from channels.commissions.selectors.payees import waits_until
from channels.commissions.services import ledger, locks, statements

Kind = LedgerPosting.Kind
State = Payout.State
Tried = PayoutAttempt.State


class NotApproved(Exception):
    """A payout needs an approved statement that asks for money."""


class NothingOwed(Exception):
    """What was taken back meanwhile leaves nothing to pay. The statement stays approved."""


class WrongState(Exception):
    """The payout cannot take this step now."""


class OnHold(Exception):
    """The partner's bank details were changed a short while ago: nothing is paid until the change is in force."""


@transaction.atomic
def draft(*, statement_id: int, at: datetime, by: AbstractBaseUser | None = None) -> Payout:
    """Prepare the payout of a closed statement that asks for money. A second call returns the first's."""
    statement = locks.lock_statement(statement_id)
    existing = Payout.objects.filter(statement=statement).first()
    if existing:
        return existing
    if statement.payable_minor <= 0:
        raise NotApproved(_("%(statement)s asks for nothing.") % {"statement": statement})
    payout = Payout.objects.create(
        statement=statement,
        amount_minor=_at_most_owed(statement, statement.payable_minor),
        currency=statement.currency,
        created_at=at,
    )
    record(verb="payout.created", subject=payout, at=at, actor=by, data={"amount_minor": payout.amount_minor})
    return payout


@transaction.atomic
def approve(*, payout_id: int, at: datetime, by: AbstractBaseUser | None = None) -> Payout:
    """Clear a draft for sending; the approval is the statement's, and whoever gave it stands there."""
    payout = locks.lock_payout(payout_id)
    if payout.state != State.DRAFT:
        return payout
    if payout.statement.state != Statement.State.APPROVED:
        raise NotApproved(_("%(statement)s is not approved yet.") % {"statement": payout.statement})
    payout.state = State.APPROVED
    payout.save(update_fields=["state"])
    return payout


@transaction.atomic
def create(*, statement_id: int, at: datetime, by: AbstractBaseUser | None = None) -> Payout:
    """Make the payout of an approved statement, ready to be sent. A second call returns the first's."""
    payout = draft(statement_id=statement_id, at=at, by=by)
    return approve(payout_id=payout.pk, at=at, by=by)


def record_payment(
    *, payout_id: int, reference: str, at: datetime, by: AbstractBaseUser | None = None
) -> PayoutAttempt:
    """Record a transfer that finance made by hand. The same reference again changes nothing.

    Two transactions, as with any rail: what was sent stays on record even when the confirmation fails.
    """
    attempt = send(payout_id=payout_id, reference=reference, at=at, by=by)
    confirm(attempt_id=attempt.pk, at=at, provider_id=reference)
    return attempt


@transaction.atomic
def send(
    *,
    payout_id: int,
    reference: str,
    at: datetime,
    by: AbstractBaseUser | None = None,
    rail: str = Rail.MANUAL,
    destination: str = "",
    holder: str = "",
    batch_id: int | None = None,
) -> PayoutAttempt:
    """Put an attempt on record and move the money to in transit, netting first what the partner owes.

    Lowers the amount when something was taken back since the statement. Raises WrongState, OnHold or NothingOwed.
    """
    payout = locks.lock_payout(payout_id)
    earlier = payout.attempts.filter(rail=rail, reference=reference, batch=batch_id)
    if twin := earlier.filter(state__in=(Tried.SENT, Tried.CONFIRMED)).first():
        return twin
    if payout.state not in (State.APPROVED, State.FAILED):
        raise WrongState(_("%(payout)s: %(state)s") % {"payout": payout, "state": payout.get_state_display()})
    if until := waits_until(payout.statement.partner_id, now=at):
        raise OnHold(_("The bank details were changed; payouts wait until %(day)s.") % {"day": f"{until:%Y-%m-%d}"})
    locks.lock_head()
    payout.amount_minor = _at_most_owed(payout.statement, payout.statement.payable_minor)
    payout.state = State.SENDING
    payout.save(update_fields=["amount_minor", "state"])
    attempt = payout.attempts.create(
        rail=rail, reference=reference, at=at, by_id=by.pk if by else None, batch_id=batch_id,
        amount_minor=payout.amount_minor, destination=destination, holder=holder,
    )  # fmt: skip
    ledger.post_many([_netting(attempt, payout, at), _paying(attempt, payout, at)])
    _covered(payout, (Accrual.State.STATED,)).update(state=Accrual.State.PAYING)
    record(
        verb="payout.sent", subject=payout, at=at, actor=by,
        data={"amount_minor": payout.amount_minor, "rail": rail, "reference": reference},
    )  # fmt: skip
    return attempt


@transaction.atomic
def confirm(*, attempt_id: int, at: datetime, provider_id: str = "", by: AbstractBaseUser | None = None) -> Payout:
    """The money arrived. A second call changes nothing."""
    attempt, payout = _locked(attempt_id)
    if attempt.state != Tried.SENT:
        return payout
    entries = engine.payout_confirmed(
        partner=_partner(payout), amount_minor=payout.amount_minor, currency=payout.currency
    )
    ledger.post(_draft("paid", Kind.PAID, attempt, payout, at, entries))
    _covered(payout, (Accrual.State.PAYING,)).update(state=Accrual.State.PAID)
    attempt.provider_id = provider_id[:120]
    _move(payout, attempt, State.PAID, Tried.CONFIRMED, Statement.State.PAID)
    record(verb="payout.paid", subject=payout, at=at, actor=by, data={"provider_id": attempt.provider_id})
    return payout


@transaction.atomic
def refuse(*, attempt_id: int, at: datetime, reason: str) -> Payout:
    """The provider or the bank said no, and nothing moved: the amount is payable again. A second call changes nothing."""
    attempt, payout = _locked(attempt_id)
    if attempt.state != Tried.SENT:
        return payout
    ledger.post(_back(attempt, payout, at))
    _covered(payout, (Accrual.State.PAYING,)).update(state=Accrual.State.STATED)
    attempt.last_error = reason[:255]
    _move(payout, attempt, State.FAILED, Tried.REFUSED, Statement.State.APPROVED)
    record(verb="payout.refused", subject=payout, at=at, reason=reason[:255], data={"attempt": attempt.pk})
    return payout


@transaction.atomic
def returned(*, payout_id: int, at: datetime, reason: str, by: AbstractBaseUser | None = None) -> Payout:
    """The bank sent the money back: it is payable again, and a new attempt may follow. Raises WrongState."""
    payout = locks.lock_payout(payout_id)
    if payout.state == State.FAILED:
        return payout
    if payout.state not in (State.SENDING, State.PAID):
        raise WrongState(_("%(payout)s: %(state)s") % {"payout": payout, "state": payout.get_state_display()})
    attempt = payout.attempts.order_by("-pk")[0]
    drafts = []
    if payout.state == State.PAID:
        confirmed = engine.payout_confirmed(
            partner=_partner(payout), amount_minor=payout.amount_minor, currency=payout.currency
        )
        drafts.append(_draft("recalled", Kind.RECALLED, attempt, payout, at, engine.opposite(confirmed)))
    ledger.post_many([*drafts, _back(attempt, payout, at)])
    _covered(payout, (Accrual.State.PAYING, Accrual.State.PAID)).update(state=Accrual.State.STATED)
    attempt.last_error = reason[:255]
    _move(payout, attempt, State.FAILED, Tried.RETURNED, Statement.State.APPROVED)
    record(verb="payout.returned", subject=payout, at=at, actor=by, reason=reason[:255])
    return payout


def _locked(attempt_id: int) -> tuple[PayoutAttempt, Payout]:
    attempt = PayoutAttempt.objects.get(pk=attempt_id)
    payout = locks.lock_payout(attempt.payout_id)
    attempt.refresh_from_db()
    return attempt, payout


def _move(payout: Payout, attempt: PayoutAttempt, to: str, attempt_to: str, statement_to: str) -> None:
    payout.state = to
    payout.save(update_fields=["state"])
    attempt.state, attempt.next_try_at = attempt_to, None
    attempt.save(update_fields=["state", "next_try_at", "provider_id", "last_error"])
    statements.follow_payout(statement=payout.statement, to=statement_to)


def _at_most_owed(statement: Statement, wanted_minor: int) -> int:
    owed = min(wanted_minor, balance(statement.partner_id, statement.currency).owed)
    if owed <= 0:
        raise NothingOwed(
            _("%(statement)s asks for money, but what was taken back since leaves nothing owed.")
            % {"statement": statement}
        )
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


def _back(attempt: PayoutAttempt, payout: Payout, at: datetime) -> ledger.Draft:
    entries = engine.payout_returned(
        partner=_partner(payout), amount_minor=payout.amount_minor, currency=payout.currency
    )
    return _draft("returned", Kind.RETURNED, attempt, payout, at, entries)


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
