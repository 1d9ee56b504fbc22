"""A machine that does business at random, beside a naive reckoning of what everybody must have.

Each step goes through the services as the shop and the desk call them. The reckoning keeps whole orders in plain lists
and computes every amount anew from what is left of them: it knows nothing of runs, deltas, postings or states.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.commissions.models import LedgerEntry, LedgerPosting, Payout, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.commissions.services import payouts, programmes, rating, schedule, statements
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderRecord
from channels.journeys.services.attribution import attribute
from channels.journeys.services.relationships import set_renewal_steward
from tests.factories import channels as make
from tests.factories import commissions as money

START = datetime(2025, 1, 15, 12, tzinfo=UTC)
ROLES = {"resale": "RESALE", "referral": "REFERRAL", "influence": "INFLUENCE", "renewal": "RENEWAL"}
PARTNERS = {"ada": 7_000_001, "bo": 7_000_002}
HOLD, RETURN_WINDOW = timedelta(days=14), timedelta(days=30)
nets = st.integers(min_value=1, max_value=99_999)
parts = st.integers(min_value=1, max_value=60_000)
pools = st.sampled_from(["resale", "referral", "influence"])
shares = st.sampled_from([(10_000, 0), (0, 10_000), (5_000, 5_000), (3_333, 6_667), (1, 9_999)])


@dataclass
class Sale:
    """An order of one line as the reckoning keeps it."""

    number: str
    placed_at: datetime
    left: int
    type: str
    shares: dict[str, int]
    rate_bp: int
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    is_released: bool = False
    refunds: list[int] = field(default_factory=list)

    def earned(self) -> dict[str, int]:
        """What each partner has earned on it by now: bases by largest remainder, amounts rounded half up."""
        if self.paid_at is None:
            return {}
        exact = {name: self.left * share for name, share in self.shares.items() if share}
        bases = {name: product // 10_000 for name, product in exact.items()}
        by_remainder = sorted(exact, key=lambda name: (-(exact[name] % 10_000), PARTNERS[name]))
        for name in by_remainder[: self.left - sum(bases.values())]:
            bases[name] += 1
        return {name: (base * self.rate_bp * 2 + 10_000) // 20_000 for name, base in bases.items()}

    def held_until(self) -> datetime:
        paid = self.paid_at or START
        delivered = self.delivered_at or paid
        return max(paid + HOLD, delivered + RETURN_WINDOW)


class Books(RuleBasedStateMachine):
    """Sales, renewals, refunds, changed rates and stewards, ended holds, payouts that arrive or come back, replays."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.now = START
        self.sales: list[Sale] = []
        self.events: list[tuple[RatingRun, Any]] = []
        self.paid_out = 0
        self.steward = ""
        self.is_sound = False  # verifying books that were found wrong would only hide what was found
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        try:
            assert not self.is_sound or list(verification.findings()) == []
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @initialize()
    def open_shop(self) -> None:
        make.policy(auto_steward=False)
        make.company()
        self.partners = {name: make.partner(name, pk=pk) for name, pk in PARTNERS.items()}
        self.finance = [make.user(), make.user()]
        self.rates = {"RESALE": 1_500, "REFERRAL": 1_000, "INFLUENCE": 500, "RENEWAL": 800}
        self.publish(START - timedelta(days=30))

    def publish(self, at: datetime) -> None:
        rules = [{"id": name.lower(), "type": name, "rate_bp": rate} for name, rate in self.rates.items()]
        draft = programmes.create_draft(programme="channel", terms={"rules": rules}, at=at)
        money.published(draft, at=at)

    @rule(net=nets, pool=pools, share=shares)
    def sell(self, net: int, pool: str, share: tuple[int, int]) -> None:
        number = f"S-{next(self.numbers)}"
        given = dict(zip(PARTNERS, share, strict=True))
        credits = [(self.partners[name], pool, bp) for name, bp in given.items() if bp]
        money.credited(number, *credits, placed_at=self.now, lines=(make.line(f"{number}/1", net),))
        kind = ROLES[pool]
        self.sales.append(Sale(number, self.now, net, kind, given, self.rates[kind]))

    @rule(net=nets)
    def renew(self, net: int) -> None:
        """Attributed for real: the steward of the day gets it all, and nobody when there is none."""
        number = f"R-{next(self.numbers)}"
        order = make.order(number, placed_at=self.now, cycle=1, lines=(make.line(f"{number}/1", net),))
        attribute(run_id=make.pending_run(order).pk, now=self.now)
        given = {self.steward: 10_000} if self.steward else {}
        self.sales.append(Sale(number, self.now, net, "RENEWAL", given, self.rates["RENEWAL"]))

    @rule(name=st.sampled_from(sorted(PARTNERS)))
    def change_steward(self, name: str) -> None:
        self.now += timedelta(seconds=1)
        set_renewal_steward(
            company_key="fjord", partner_code=name, valid_from=self.now, at=self.now, source="desk", evidence="agreed"
        )
        self.steward = name
        self.now += timedelta(seconds=1)

    @rule(resale=st.integers(0, 3_000), renewal=st.integers(0, 3_000))
    def change_rates(self, resale: int, renewal: int) -> None:
        """For orders from now on: those placed before keep theirs, paid or not."""
        self.now += timedelta(seconds=1)
        self.rates |= {"RESALE": resale, "RENEWAL": renewal}
        self.publish(self.now)
        self.now += timedelta(seconds=1)

    @precondition(lambda self: any(sale.paid_at is None for sale in self.sales))
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from([sale for sale in self.sales if sale.paid_at is None]))
        sale.paid_at = self.now
        self.happened(sale, OrderEventKind.PAID)

    @precondition(lambda self: any(sale.paid_at and not sale.delivered_at for sale in self.sales))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        waiting = [sale for sale in self.sales if sale.paid_at and not sale.delivered_at and not sale.is_released]
        if waiting:
            sale = data.draw(st.sampled_from(waiting))
            sale.delivered_at = self.now
            self.happened(sale, OrderEventKind.DELIVERED)

    @precondition(lambda self: any(sale.left for sale in self.sales))
    @rule(data=st.data(), part=parts, whole=st.booleans())
    def refund(self, data: st.DataObject, part: int, whole: bool) -> None:
        sale = data.draw(st.sampled_from([sale for sale in self.sales if sale.left]))
        amount = sale.left if whole else min(part, sale.left)
        sale.left -= amount
        self.happened(sale, OrderEventKind.REFUNDED, (f"{sale.number}/1", 0, amount))

    def happened(self, sale: Sale, kind: OrderEventKind, *lines: tuple[str, int, int]) -> None:
        order = OrderRecord.objects.get(number=sale.number)
        key = f"{sale.number}:{kind.value}:{next(self.numbers)}"
        run = money.happened(order, kind, self.now, *lines, key=key)
        rating.rate(run_id=run.pk, now=self.now)
        self.events.append((run, (order, kind, self.now, lines, key)))
        self.now += timedelta(seconds=1)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """The same event again, the same task again: nothing is posted."""
        run, (order, kind, at, lines, key) = data.draw(st.sampled_from(self.events))
        before = LedgerPosting.objects.count()
        assert money.happened(order, kind, at, *lines, key=key).pk == run.pk
        rating.rate(run_id=run.pk, now=self.now)
        assert LedgerPosting.objects.count() == before

    @rule(days=st.sampled_from([0, 1, 13, 14, 29, 30, 31, 45, 62]))
    def time_passes(self, days: int) -> None:
        """The clock moves on, and what fell due is done; doing it again does nothing."""
        self.now += timedelta(days=days)
        schedule.run_due(now=self.now)
        for sale in self.sales:
            sale.is_released |= bool(sale.paid_at) and sale.held_until() <= self.now
        before = LedgerPosting.objects.count()
        schedule.run_due(now=self.now)
        assert LedgerPosting.objects.count() == before

    @rule()
    def a_quiet_quarter(self) -> None:
        """Everything is paid, delivered, released, stated and paid out: refunds after it have to be clawed back."""
        for sale in self.sales:
            if sale.paid_at is None:
                sale.paid_at = self.now
                self.happened(sale, OrderEventKind.PAID)
        self.time_passes(45)
        self.time_passes(45)
        for statement in self.asking():
            self.settle(statement, "arrives")

    @precondition(lambda self: self.asking())
    @rule(data=st.data(), ending=st.sampled_from(["arrives", "comes back", "is refused"]))
    def pay_out(self, data: st.DataObject, ending: str) -> None:
        self.settle(data.draw(st.sampled_from(self.asking())), ending)

    def asking(self) -> list[Statement]:
        return list(Statement.objects.filter(state="closed", payable_minor__gt=0).order_by("pk"))

    def settle(self, statement: Statement, ending: str) -> None:
        for person in self.finance:
            statement.refresh_from_db()
            if statement.state == Statement.State.CLOSED:
                statements.approve(statement_id=statement.pk, at=self.now, by=person)
        try:
            payout = payouts.create(statement_id=statement.pk, at=self.now)
            attempt = payouts.send(payout_id=payout.pk, reference=f"T-{next(self.numbers)}", at=self.now)
        except payouts.NothingOwed:
            return
        if ending == "is refused":
            payouts.refuse(attempt_id=attempt.pk, at=self.now, reason="account closed")
            return
        payouts.confirm(attempt_id=attempt.pk, at=self.now)
        if ending == "comes back":
            payouts.returned(payout_id=payout.pk, at=self.now, reason="account closed")
            return
        self.paid_out += Payout.objects.get(pk=payout.pk).amount_minor

    @invariant()
    def each_partner_has_what_the_reckoning_says(self) -> None:
        totals, self.is_sound = self.totals(), False
        for name, pk in PARTNERS.items():
            earned = sum(sale.earned().get(name, 0) for sale in self.sales)
            held = sum(sale.earned().get(name, 0) for sale in self.sales if not sale.is_released)
            expense = sum(total for (owner, account), total in totals.items() if owner == pk and "Expense" in account)
            assert expense == earned, f"{name} should have earned {earned}"
            assert -totals.get((pk, "Liability:Held"), 0) == held, f"{name} should have {held} held"
            for account in ("Liability:Payable", "Liability:InTransit"):
                assert totals.get((pk, account), 0) <= 0, f"{name}: {account} is overdrawn"
            assert totals.get((pk, "Asset:Clawback"), 0) >= 0
        assert -totals.get((None, "Asset:Bank"), 0) == self.paid_out
        assert sum(totals.values()) == 0
        self.is_sound = True

    def totals(self) -> dict[tuple[int | None, str], int]:
        totals: dict[tuple[int | None, str], int] = {}
        for owner, account, amount in LedgerEntry.objects.values_list("partner_id", "account", "amount_minor"):
            totals[owner, account] = totals.get((owner, account), 0) + amount
        return totals
