"""A machine that does business at random, and holds the books against the reckoning after each step.

Each step goes through the services as the shop, the desk and the partners call them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.commissions.models import LedgerEntry, LedgerPosting, PayoutAttempt, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.commissions.services import disputes, payout_sending, payouts, programmes, rating, schedule, statements
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderRecord
from channels.journeys.services.attribution import attribute
from channels.journeys.services.relationships import set_renewal_steward
from shop.payments.fake_stripe import accounts, faults
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay
from tests.integration.commissions.reckoning import Objection, Part, Reckoning, Sale

START = datetime(2025, 1, 15, 12, tzinfo=UTC)
ROLES = {"resale": "RESALE", "referral": "REFERRAL", "influence": "INFLUENCE"}
PARTNERS = {"ada": 7_000_001, "bo": 7_000_002}
# A partner may object for 90 days; within these it is in time whatever else happens.
TIME_TO_OBJECT = timedelta(days=85)
nets = st.integers(min_value=1, max_value=99_999)
parts = st.integers(min_value=1, max_value=60_000)
names = st.sampled_from(sorted(PARTNERS))
shares = st.sampled_from([(10_000, 0), (0, 10_000), (5_000, 5_000), (3_333, 6_667), (1, 9_999)])
LOST = (faults.LOST_REQUEST, faults.LOST_ANSWER, faults.TIMEOUT, faults.TOO_MANY, faults.BROKEN_AFTER)
FAULTS = (faults.INSUFFICIENT, *LOST)
ENDINGS = ("arrives", "comes back", "bounces", "is refused", *FAULTS)
PAUSE = timedelta(minutes=1)  # before a lost answer is looked up


@dataclass
class Underway:
    """A payout whose answer was lost: in transit until somebody looks it up."""

    attempt: PayoutAttempt
    sent_at: datetime


class Books(RuleBasedStateMachine):
    """Sales, plan changes, refunds, disputes, new rates and stewards, ended holds, payouts and their faults, replays."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.now = START
        self.books = Reckoning()
        self.underway: list[Underway] = []
        self.again: list[Callable[[], object]] = []
        self.steward = ""
        self.served_since: dict[str, datetime] = {}
        self.is_sound = False  # verifying books that were found wrong would only hide what was found
        self.block: Any = transaction.atomic()
        self.block._from_testcase = True  # the provider refuses to be called in any other transaction
        self.block.__enter__()

    def teardown(self) -> None:
        try:
            if self.is_sound:
                assert list(verification.findings()) == []
                self.each_transfer_left_once()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def each_transfer_left_once(self) -> None:
        left = sorted(pay.transfers())
        wanted = sorted(
            (row.amount_minor, row.key) for row in PayoutAttempt.objects.filter(rail="stripe", state="confirmed")
        )
        answerless = {row.attempt.key for row in self.underway}
        assert [row for row in left if row[1] not in answerless] == wanted

    def tick(self) -> None:
        self.now += timedelta(seconds=1)

    @initialize()
    def open_shop(self) -> None:
        make.policy(auto_steward=False)
        make.company()
        self.partners = {name: make.partner(name, pk=pk) for name, pk in PARTNERS.items()}
        self.finance = [make.user(), make.user()]
        account = accounts.create({
            "country": "NO", "email": "x@example.com", "capabilities": {"transfers": {"requested": "true"}},
        })  # fmt: skip
        self.account = accounts.tell(account["id"], "complete")["id"]
        self.rates = {"RESALE": 1_500, "REFERRAL": 1_000, "INFLUENCE": 500, "RENEWAL": 800, "EXPANSION": 1_200}
        self.publish(START - timedelta(days=30))

    def publish(self, at: datetime) -> None:
        rules = [{"id": name.lower(), "type": name, "rate_bp": rate} for name, rate in self.rates.items()]
        draft = programmes.create_draft(programme="channel", terms={"rules": rules}, at=at)
        money.published(draft, at=at)

    # --- sales --------------------------------------------------------------------------------------------------------

    @rule(net=nets, pool=st.sampled_from(sorted(ROLES)), share=shares)
    def sell(self, net: int, pool: str, share: tuple[int, int]) -> None:
        number = f"S-{next(self.numbers)}"
        given = dict(zip(PARTNERS, share, strict=True))
        credits = [(self.partners[name], pool, bp) for name, bp in given.items() if bp]
        money.credited(number, *credits, placed_at=self.now, lines=(make.line(f"{number}/1", net),))
        self.books.sales.append(Sale(number, self.now, [(net, self.rates[ROLES[pool]])], given))
        self.tick()

    @rule(net=nets, months=st.sampled_from([1, 12]), contract=st.sampled_from(["C-1", "C-2"]))
    def renew(self, net: int, months: int, contract: str) -> None:
        """Attributed for real: the steward of the day gets it all. A larger or longer plan is an expansion as to the rest."""
        number = f"R-{next(self.numbers)}"
        line = make.line(f"{number}/1", net, term_months=months, subscription_key=contract, product_class="software")
        order = make.order(number, placed_at=self.now, cycle=1, lines=(line,))
        attribute(run_id=make.pending_run(order).pk, now=self.now)
        given = {self.steward: 10_000} if self.steward else {}
        bands = self.books.bands(net, months, contract, self.rates)
        self.books.sales.append(Sale(number, self.now, bands, given, contract, months))
        self.tick()

    @rule(name=names)
    def change_steward(self, name: str) -> None:
        self.tick()
        set_renewal_steward(
            company_key="fjord", partner_code=name, valid_from=self.now, at=self.now, source="desk", evidence="agreed"
        )
        self.steward = name
        self.served_since.setdefault(name, self.now)
        self.tick()

    @rule(resale=st.integers(0, 3_000), renewal=st.integers(0, 3_000))
    def change_rates(self, resale: int, renewal: int) -> None:
        """For orders from now on: those placed before keep theirs, paid or not."""
        self.tick()
        self.rates |= {"RESALE": resale, "RENEWAL": renewal}
        self.publish(self.now)
        self.tick()

    # --- what happens to them -----------------------------------------------------------------------------------------

    def unpaid(self) -> list[Sale]:
        return [sale for sale in self.books.sales if sale.paid_at is None]

    def undelivered(self) -> list[Sale]:
        return [sale for sale in self.books.sales if sale.paid_at and not sale.delivered_at and sale.is_held]

    def refundable(self) -> list[Sale]:
        return [sale for sale in self.books.sales if sale.left]

    @precondition(unpaid)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(self.unpaid()))
        sale.paid_at = self.now
        self.happened(sale, OrderEventKind.PAID)

    @precondition(undelivered)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(self.undelivered()))
        sale.delivered_at = self.now
        self.happened(sale, OrderEventKind.DELIVERED)

    @precondition(refundable)
    @rule(data=st.data(), part=parts, whole=st.booleans())
    def refund(self, data: st.DataObject, part: int, whole: bool) -> None:
        sale = data.draw(st.sampled_from(self.refundable()))
        amount = sale.left if whole else min(part, sale.left)
        sale.left -= amount
        self.happened(sale, OrderEventKind.REFUNDED, (f"{sale.number}/1", 0, amount))

    def happened(self, sale: Sale, kind: OrderEventKind, *lines: tuple[str, int, int]) -> None:
        order, at = OrderRecord.objects.get(number=sale.number), self.now
        key = f"{sale.number}:{kind.value}:{next(self.numbers)}"

        def record() -> None:
            self.rate(money.happened(order, kind, at, *lines, key=key))

        record()
        self.again.append(record)
        self.books.rated(sale)
        self.tick()

    def rate(self, run: RatingRun) -> None:
        assert rating.rate(run_id=run.pk, now=self.now) == RatingRun.State.DONE, run.last_error

    @precondition(lambda self: self.again)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """The same event, answer or decision again: nothing is posted."""
        before = LedgerPosting.objects.count()
        data.draw(st.sampled_from(self.again))()
        assert LedgerPosting.objects.count() == before

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

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def each_partner_has_what_the_reckoning_says(self) -> None:
        totals, self.is_sound = self.totals(), False
        for name, pk in PARTNERS.items():
            earned, held = self.books.earned(name), self.books.held(name)
            expense = sum(total for (owner, account), total in totals.items() if owner == pk and "Expense" in account)
            assert expense == earned, f"{name} should have earned {earned}"
            assert -totals.get((pk, "Liability:Held"), 0) == held, f"{name} should have {held} held"
            for account in ("Liability:Payable", "Liability:InTransit"):
                assert totals.get((pk, account), 0) <= 0, f"{name}: {account} is overdrawn"
            assert totals.get((pk, "Asset:Clawback"), 0) >= 0
        assert -totals.get((None, "Asset:Bank"), 0) == self.books.paid_out
        assert sum(totals.values()) == 0
        self.is_sound = True

    def totals(self) -> dict[tuple[int | None, str], int]:
        sums = LedgerEntry.objects.order_by().values_list("partner_id", "account").annotate(Sum("amount_minor"))
        return {(owner, account): total for owner, account, total in sums}


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
