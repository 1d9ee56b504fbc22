"""Paying a partner in another currency than it earned in: balances are converted once a month, when it is closed.

Both sides are on the ledger, each currency summing to zero against Equity:FX, and on a statement each: out of the one,
into the other. Runs while the ledger head is locked (see locks.py).
"""

from collections.abc import Iterable
from datetime import timedelta

from channels.commissions.engine import ledger as engine
from channels.commissions.engine.currency import Quotation
from channels.commissions.models import Accrual, LedgerPosting, Statement
from channels.commissions.selectors import conversions as selectors
from channels.commissions.selectors.balances import STATED_ACCOUNTS, Balance
from channels.commissions.services import ledger
from channels.core.ids import key
from channels.core.periods import Month

State = Accrual.State
Kind = LedgerPosting.Kind


def convert(month: Month) -> int:
    """Convert what the month's end leaves owed, or owing, in other currencies; return how many balances.

    Without a rate a balance stays where it is, carries over, and is converted when a later month closes.
    """
    at = month.end - timedelta(microseconds=1)
    drafts: list[ledger.Draft] = []
    for wish in selectors.wishes(month):
        if wish.quotation is None:
            continue
        partner, balance = str(wish.partner_id), wish.balance
        netted = engine.net_clawback(
            partner=partner,
            payable_minor=max(balance.payable, 0),
            clawback_minor=max(balance.clawback, 0),
            currency=balance.currency,
        )
        for kind, entries in ((Kind.NET, netted), (Kind.CONVERT, _entries(partner, balance, wish.quotation))):
            drafts.append(
                ledger.Draft(
                    key=key(str(kind), str(month), partner, balance.currency),
                    kind=kind,
                    booked_at=at,
                    memo=_memo(wish.quotation, month) if kind == Kind.CONVERT else "",
                    entries=entries,
                )
            )
    posted = LedgerPosting.objects.filter(key__in=ledger.post_many(drafts), kind=Kind.CONVERT)
    for converted in _converted(posted):
        converted.filter(state__in=(State.PAYABLE, State.STATED)).update(state=State.PAYING)
    return len(posted)


def follow_payout(statements: Iterable[Statement], *, to: str) -> None:
    """Move what was converted onto these statements with their payout: it is paid with them, or on its way again."""
    postings = LedgerPosting.objects.filter(
        kind=Kind.CONVERT, entries__statement_line__statement__in=list(statements)
    ).distinct()
    is_paid = to == Statement.State.PAID
    for converted in _converted(postings):
        converted.filter(state=State.PAYING if is_paid else State.PAID).update(
            state=State.PAID if is_paid else State.PAYING
        )


def _entries(partner: str, balance: Balance, quotation: Quotation) -> engine.Entries:
    return engine.convert(
        partner=partner,
        owed_minor=balance.owed,
        currency=quotation.source,
        converted_minor=quotation.convert(balance.owed),
        into=quotation.target,
    )


def _memo(quotation: Quotation, month: Month) -> str:
    """Name the stored rows, so that the amount can be followed however the rates are corrected later."""
    rows = ", ".join(str(rate_id) for rate_id in quotation.rate_ids)
    ratio = f"{quotation.ratio.numerator}/{quotation.ratio.denominator}"
    return f"{quotation.source}/{quotation.target} {ratio}, rates {rows}, {month}"


def _converted(postings: Iterable[LedgerPosting]) -> Iterable:
    """Yield the commissions behind each conversion: those released before it in the currency that it leaves."""
    for posting in postings:
        out = posting.entries.filter(account__in=STATED_ACCOUNTS).order_by("position").first()
        if out is not None:
            yield Accrual.objects.filter(
                pk__in=Accrual.objects.filter(
                    partner=out.partner_id,
                    currency=out.currency,
                    postings__kind=Kind.RELEASE,
                    postings__sequence__lt=posting.sequence,
                ).values("pk")
            )
