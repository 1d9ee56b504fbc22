"""The statements of a month that is being closed: what moved, what is owed, and what is asked to be paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.commissions import tax
from channels.commissions.engine import statements as engine
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import LedgerEntry, LedgerHead, LedgerPosting, Statement
from channels.commissions.selectors import approvals
from channels.commissions.selectors.balances import STATED_ACCOUNTS
from channels.commissions.selectors.programmes import in_force, terms_of
from channels.commissions.selectors.rates import Rates
from channels.core.periods import Month
from channels.partners.models import Agreement, ChannelPartner

Owner = tuple[int, str]  # partner, currency
Draft = tuple[Statement, list[LedgerEntry]]


@dataclass(slots=True)
class _Before:
    """What a partner's earlier statements in a currency came to."""

    closing_minor: int = 0
    asked_minor: int = 0  # asked for and not paid


def drafts(month: Month, head: LedgerHead, now: datetime) -> list[Draft]:
    """Return an unsaved statement, with its entries, for each partner and currency that something moved for."""
    last_instant = month.end - timedelta(microseconds=1)
    version = in_force(at=last_instant)
    terms = terms_of(version) if version else ProgrammeTerms()
    before, rates = _before(month), Rates.of(last_instant.date())
    agreements = tax.agreements_on(last_instant.date())
    numbers: set[str] = set()
    found: list[Draft] = []
    for (partner, currency), entries in sorted(_unstated(month).items(), key=lambda item: (item[0][0].pk, item[0][1])):
        statement = Statement(
            number=_number(month, currency, partner, numbers),
            partner=partner,
            currency=currency,
            period_start=month.start.date(),
            period_end=month.end.date(),
            chain_head=head.hash,
            chain_sequence=head.sequence,
            closed_at=now,
        )
        agreement = agreements.get(partner.pk)
        earlier = before.get((partner.pk, currency), _Before())
        _total(statement, entries, earlier, terms.minimum_payable(currency), agreement)
        limit = approvals.limit_for(statement, rates)
        statement.approvals_needed = limit.people
        statement.printed = {**tax.printed(partner, agreement), "approval": limit.as_json()}
        found.append((statement, entries))
    return found


def _number(month: Month, currency: str, partner: ChannelPartner, taken: set[str]) -> str:
    number = f"ST-{month}-{currency}-{partner.code}".upper()
    if number in taken:  # two codes may differ in case alone
        number = f"{number}-{partner.pk}"
    taken.add(number)
    return number


def _total(
    statement: Statement, entries: list[LedgerEntry], before: _Before, minimum_minor: int, agreement: Agreement | None
) -> None:
    """A statement asks for what is owed, less what earlier ones ask for and is not paid yet."""
    movements = [engine.Movement(entry.posting.kind, -entry.amount_minor) for entry in entries]
    statement.paid_in = (agreement.payout_currency if agreement else "") or statement.currency
    totals = engine.total(
        opening_minor=before.closing_minor,
        movements=movements,
        asked_before_minor=before.asked_minor,
        minimum_payable_minor=minimum_minor,
        is_paid_here=statement.paid_in == statement.currency,
    )
    statement.opening_minor, statement.movement_minor = totals.opening_minor, totals.movements_minor
    statement.closing_minor, statement.payable_minor = totals.closing_minor, totals.payable_minor
    statement.asked_before_minor, statement.minimum_payable_minor = before.asked_minor, minimum_minor


def _unstated(month: Month) -> dict[tuple[ChannelPartner, str], list[LedgerEntry]]:
    found: dict[tuple[ChannelPartner, str], list[LedgerEntry]] = {}
    entries = LedgerEntry.objects.filter(
        account__in=STATED_ACCOUNTS,
        partner__isnull=False,
        posting__booked_at__lt=month.end,
        statement_line__isnull=True,
    ).select_related("posting", "partner")
    for entry in entries.order_by("posting__sequence", "position"):
        if entry.partner is not None:
            found.setdefault((entry.partner, entry.currency), []).append(entry)
    return found


def _before(month: Month) -> dict[Owner, _Before]:
    settled = _settled(month)
    earlier: dict[Owner, _Before] = {}
    rows = Statement.objects.order_by("period_start")
    for pk, partner, currency, closing, payable in rows.values_list(
        "pk", "partner", "currency", "closing_minor", "payable_minor"
    ):
        row = earlier.setdefault((partner, currency), _Before())
        row.closing_minor = closing
        row.asked_minor += 0 if pk in settled else payable
    return earlier


def _settled(month: Month) -> set[int]:
    """Return the statements whose payout had left, and not come back, by the end of the month."""
    kinds = (LedgerPosting.Kind.PAY, LedgerPosting.Kind.RETURNED)
    moves = LedgerPosting.objects.filter(kind__in=kinds, booked_at__lt=month.end, payout__isnull=False)
    last = dict(moves.order_by("sequence").values_list("payout__statement_id", "kind"))
    return {statement_id for statement_id, kind in last.items() if kind == LedgerPosting.Kind.PAY}
