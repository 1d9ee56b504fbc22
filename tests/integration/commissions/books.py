"""The whole of the machine that does business at random: disputes, the clock, and payouts with their faults.

Each step goes through the services as the desk and the partners call them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from channels.commissions.models import LedgerPosting, PayoutAttempt, RatingRun, Statement
from channels.commissions.services import disputes, payout_sending, payouts, schedule, statements
from channels.contracts import OrderEventKind
from shop.payments.fake_stripe import accounts, faults
from tests.factories import payouts as pay
from tests.integration.commissions.reckoning import Objection, Part, Sale
from tests.integration.commissions.trade import PARTNERS, Trade, parts

# A partner may object for 90 days; within these it is in time whatever else happens.
TIME_TO_OBJECT = timedelta(days=85)
LOST = (faults.LOST_REQUEST, faults.LOST_ANSWER, faults.TIMEOUT, faults.TOO_MANY, faults.BROKEN_AFTER)
FAULTS = (faults.INSUFFICIENT, *LOST)
ENDINGS = ("arrives", "comes back", "bounces", "is refused", *FAULTS)
PAUSE = timedelta(minutes=1)  # before a lost answer is looked up


@dataclass
class Underway:
    """A payout whose answer was lost: in transit until somebody looks it up."""

    attempt: PayoutAttempt
    sent_at: datetime


class Books(Trade):
    """Everything that moves commission, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.underway: list[Underway] = []

    @initialize()
    def open_account(self) -> None:
        account = accounts.create({
            "country": "NO", "email": "x@example.com", "capabilities": {"transfers": {"requested": "true"}},
        })  # fmt: skip
        self.account = accounts.tell(account["id"], "complete")["id"]

    def audit(self) -> None:
        super().audit()
        self.each_transfer_left_once()

    def each_transfer_left_once(self) -> None:
        left = sorted(pay.transfers())
        wanted = sorted(
            (row.amount_minor, row.key) for row in PayoutAttempt.objects.filter(rail="stripe", state="confirmed")
        )
        answerless = {row.attempt.key for row in self.underway}
        assert [row for row in left if row[1] not in answerless] == wanted

    # --- disputes -----------------------------------------------------------------------------------------------------

    def disputable(self) -> list[tuple[Sale, str]]:
        open_now = {(row.sale.number, row.by) for row in self.books.objections if row.is_open}
        recent = [sale for sale in self.books.sales if self.now - sale.placed_at < TIME_TO_OBJECT]
        return [(sale, name) for sale in recent for name in PARTNERS if (sale.number, name) not in open_now]

    def disputed(self) -> list[Objection]:
        return [row for row in self.books.objections if row.is_open]

    @precondition(disputable)
    @rule(data=st.data(), kind=st.sampled_from(["share", "amount"]))
    def object(self, data: st.DataObject, kind: str) -> None:
        """To a share or an amount by who is credited; who is not claims the order, and stops nobody's money by that alone."""
        sale, name = data.draw(st.sampled_from(self.disputable()))
        common: dict[str, Any] = {
            "partner_id": self.partners[name].pk, "reason": "We did more.", "at": self.now, "by": None,
        }  # fmt: skip
        if sale.shares.get(name):
            dispute = disputes.dispute_credit(order_number=sale.number, kind=kind, **common)
            reaches_others = kind == "share"
        else:
            on = sale.placed_at.date()
            dispute = disputes.claim(named=sale.number, ordered_on=on, evidence="An e-mail.", **common)
            reaches_others = self.is_on_record(sale, name)
        self.books.objected(Objection(dispute.pk, sale, name, reaches_others))
        self.tick()

    def is_on_record(self, sale: Sale, name: str) -> bool:
        served = self.served_since.get(name)
        earned = any(part.partner == name and part.is_known for part in sale.parts)
        return earned or (served is not None and served <= sale.placed_at)

    @precondition(lambda self: any(not row.is_taken_up for row in self.disputed()))
    @rule(data=st.data())
    def take_up(self, data: st.DataObject) -> None:
        """A share or a claim may take from the others: from now on theirs waits too."""
        objection = data.draw(st.sampled_from([row for row in self.disputed() if not row.is_taken_up]))
        dispute = disputes.take_up(dispute_id=objection.dispute_id, at=self.now, by=self.finance[0])
        objection.is_taken_up, objection.reaches_others = True, dispute.kind != "amount"
        self.books.objected(objection)
        self.tick()

    @precondition(disputed)
    @rule(data=st.data(), end=st.sampled_from(["withdraw", "reject", "uphold"]), amount=parts)
    def end_dispute(self, data: st.DataObject, end: str, amount: int) -> None:
        """What is not taken up can only be withdrawn. One that is upheld adds an amount to the line, once for a partner."""
        objection = data.draw(st.sampled_from(self.disputed()))
        sale, common = objection.sale, {"dispute_id": objection.dispute_id, "at": self.now}
        added = any(part.added and part.partner == objection.by for part in sale.parts)
        if not objection.is_taken_up or end == "withdraw":
            self.decide(lambda: disputes.withdraw(by=None, **common))
        elif added or end == "reject":
            self.decide(lambda: disputes.reject(answer="No.", by=self.finance[1], **common))
        else:
            line, amount = f"{sale.number}/1", min(amount, sale.net)
            self.decide(
                lambda: disputes.uphold_with_adjustment(
                    line_key=line, amount_minor=amount, answer="Yes.", by=self.finance[1], **common
                )
            )
            sale.parts.append(Part(objection.by, added=amount))
            run = RatingRun.objects.filter(order__number=sale.number).latest("pk")
            self.rate(run)
            self.again.append(lambda: self.rate(run))
        self.books.closed(objection, self.now)
        self.books.rated(sale)
        self.tick()

    def decide(self, act: Callable[[], object]) -> None:
        act()

        def once_more() -> None:
            with pytest.raises(disputes.NotPossible):
                act()

        self.again.append(once_more)

    # --- the clock, and payouts ---------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 13, 14, 29, 30, 31, 45, 62]))
    def time_passes(self, days: int) -> None:
        """The clock moves on, and what fell due is done; doing it again does nothing."""
        self.now += timedelta(days=days)
        schedule.run_due(now=self.now)
        self.books.time_passed(self.now)
        answered = [row for row in self.underway if row.sent_at + PAUSE <= self.now]
        self.underway = [row for row in self.underway if row not in answered]
        self.books.paid_out += sum(row.attempt.amount_minor for row in answered)
        before = LedgerPosting.objects.count()
        schedule.run_due(now=self.now)
        assert LedgerPosting.objects.count() == before

    @rule()
    def a_quiet_quarter(self) -> None:
        """Everything is paid, delivered, released, stated and paid out: refunds after it have to be clawed back."""
        for sale in self.unpaid():
            sale.paid_at = self.now
            self.happened(sale, OrderEventKind.PAID)
        self.time_passes(45)
        self.time_passes(45)
        for statement in self.asking():
            self.settle(statement, "arrives")

    def asking(self) -> list[Statement]:
        waiting = Statement.objects.filter(state__in=("closed", "approved"), payable_minor__gt=0)
        return list(waiting.exclude(payout__state="sending").order_by("pk"))

    @precondition(asking)
    @rule(data=st.data(), ending=st.sampled_from(ENDINGS))
    def pay_out(self, data: st.DataObject, ending: str) -> None:
        self.settle(data.draw(st.sampled_from(self.asking())), ending)

    def settle(self, statement: Statement, ending: str) -> None:
        for person in self.finance:
            statement.refresh_from_db()
            if statement.state == Statement.State.CLOSED:
                statements.approve(statement_id=statement.pk, at=self.now, by=person)
        try:
            payout = payouts.create(statement_id=statement.pk, at=self.now)
            attempt = payouts.send(
                payout_id=payout.pk, reference=f"T-{next(self.numbers)}", at=self.now,
                **({"rail": "stripe", "destination": self.account} if ending in FAULTS else {}),
            )  # fmt: skip
        except payouts.NothingOwed:
            return
        taken = self.taken_along(statement)
        if not self.is_kept(attempt, ending):
            for part in taken:
                part.is_gone = False
        self.tick()

    def taken_along(self, statement: Statement) -> list[Part]:
        """A statement pays for its own month and for those before it that asked for nothing themselves."""
        own = Statement.objects.filter(partner=statement.partner, payable_minor__gt=0)
        last = own.filter(period_start__lt=statement.period_start).order_by("period_start").last()
        name = next(name for name, pk in PARTNERS.items() if pk == statement.partner_id)
        since = midnight(last.period_end) if last else None
        return self.books.settled(name, since, midnight(statement.period_end))

    def is_kept(self, attempt: PayoutAttempt, ending: str) -> bool:
        """Let the payout end like this; return whether the money left, or may have."""
        if ending in FAULTS:
            faults.plan(ending, "POST", "/v1/transfers")
            state = payout_sending.advance(attempt_id=attempt.pk, now=self.now)
            assert state == ("refused" if ending == faults.INSUFFICIENT else "sent")
            if state == "sent":
                self.underway.append(Underway(attempt, self.now))
            return state == "sent"
        if ending == "is refused":
            self.answer(lambda at: payouts.refuse(attempt_id=attempt.pk, at=at, reason="account closed"))
            return False
        if ending != "bounces":
            self.answer(lambda at: payouts.confirm(attempt_id=attempt.pk, at=at))
        if ending == "arrives":
            self.books.paid_out += attempt.amount_minor
            return True
        payouts.returned(payout_id=attempt.payout_id, at=self.now, reason="account closed")
        return False

    def answer(self, act: Callable[[datetime], object]) -> None:
        act(self.now)
        self.again.append(lambda: act(self.now))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
