"""Business at random, held against the reckoning after each step: sales and what happens to them.

Each step goes through the services as the shop calls them.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.commissions.models import LedgerEntry, LedgerPosting, RatingRun
from channels.commissions.selectors import verification
from channels.commissions.services import programmes, rating
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderRecord
from channels.journeys.services.attribution import attribute
from channels.journeys.services.relationships import set_renewal_steward
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.integration.commissions.reckoning import Reckoning, Sale

START = datetime(2025, 1, 15, 12, tzinfo=UTC)
ROLES = {"resale": "RESALE", "referral": "REFERRAL", "influence": "INFLUENCE"}
PARTNERS = {"ada": 7_000_001, "bo": 7_000_002}
nets = st.integers(min_value=1, max_value=99_999)
parts = st.integers(min_value=1, max_value=60_000)
names = st.sampled_from(sorted(PARTNERS))
shares = st.sampled_from([(10_000, 0), (0, 10_000), (5_000, 5_000), (3_333, 6_667), (1, 9_999)])


class Trade(RuleBasedStateMachine):
    """Sales, plan changes, refunds, new rates and stewards, and the same thing once more."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.now = START
        self.books = Reckoning()
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
                self.audit()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def audit(self) -> None:
        assert list(verification.findings()) == []

    def tick(self) -> None:
        self.now += timedelta(seconds=1)

    @initialize()
    def open_shop(self) -> None:
        make.policy(auto_steward=False)
        make.company()
        self.partners = {name: make.partner(name, pk=pk) for name, pk in PARTNERS.items()}
        self.finance = [make.user(), make.user()]
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

    def paid(self) -> list[Sale]:
        return [sale for sale in self.books.sales if sale.paid_at]

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

    @precondition(paid)
    @rule(data=st.data())
    def bank_takes_back(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(self.paid()))
        sale.taken_back()
        self.happened(sale, OrderEventKind.UNPAID)

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
