"""A small past with two or more of everything on every side, so that a join too many doubles some total.

Two partners, two companies, two currencies. Each order has two lines, each line two credits of either partner; orders
are refunded twice, disputed twice and credited anew; months close into several statements, paid at the second attempt.
"""

from datetime import UTC, date, datetime, timedelta

from channels import api
from channels.commissions.models import (
    Dispute,
    DisputeLine,
    PayoutBatch,
    PayoutBatchItem,
    Statement,
)
from channels.commissions.services import payouts, schedule, statements
from channels.contracts import Medium, OrderEventKind, TouchKind
from channels.harmony.models import CostRate
from channels.harmony.services import costs
from channels.journeys.models import AttributionRun, Credit, OrderRecord, Relationship, SubscriptionProfile
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
TODAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
days = make.days
CURRENCIES = ("EUR", "NOK")


def build() -> tuple[ChannelPartner, ChannelPartner]:
    make.policy()
    money.programme()
    anna, berta = make.partner("anna"), make.partner("berta")
    for number, partner in enumerate((anna, berta)):
        harmony.buys(partner, price_minor=50_00 + number)
        harmony.promise(partner, guarantee_factor_bp=10_000, min_margin_bp=1_000, data_level=3)
        _standing(partner)
    orders = [_order(place, anna, berta) for place in range(8)]
    _costs()
    for order in orders[:2]:
        _disputes(order, anna, berta)
    _undercuts()
    _money(orders)
    return anna, berta


def _standing(partner: ChannelPartner) -> None:
    """Two links, and two roles at each of two companies with two subscriptions."""
    for number in (1, 2):
        make.code(partner, f"{partner.code}-{number}")
    for key in ("fjord", "brewery"):
        company = make.company(key)
        Relationship.objects.bulk_create(
            Relationship(company=company, partner=partner, role=role, valid_from=START - days(90), source="desk",
                         recorded_at=START)
            for role in ("reseller", "renewal_steward")
        )  # fmt: skip
        for number, currency in enumerate(CURRENCIES):
            SubscriptionProfile.objects.get_or_create(
                key=f"{key}-{number}",
                defaults={
                    "company": company, "title": "Watch", "sku": "NW", "currency": currency, "value_minor": 70_00 + number,
                    "term_months": 12, "started_on": date(2025, 7, 1), "renews_on": date(2026, 7, 1 + number),
                    "status": "active",
                },
            )  # fmt: skip


def _order(place: int, anna: ChannelPartner, berta: ChannelPartner) -> OrderRecord:
    number, currency = f"ORD-{place}", CURRENCIES[place % 2]
    placed_at = START + days(3 + 9 * place)
    key = ("fjord", "brewery")[place // 2 % 2]
    touches = [
        make.touch(
            partner, placed_at - days(2) + timedelta(minutes=n), kind=TouchKind.LINK, medium=Medium.PARTNER_LINK,
            company_key=key, link_code=f"{partner.code}-{n}", cost_minor=3_00 + n, cost_currency=currency,
        )
        for partner in (anna, berta) for n in (1, 2)
    ]  # fmt: skip
    order = make.order(
        number,
        placed_at=placed_at,
        currency=currency,
        country=("NO", "SE")[place // 4],
        company=make.company_facts(key),
        through=anna if place % 4 == 3 else None,
        cycle=1 if place == 6 else 0,
        lines=tuple(make.line(f"{number}/{n}", 101_03 + 17 * place + n, list_unit_minor=130_00) for n in (1, 2)),
    )
    run = make.pending_run(order)
    AttributionRun.objects.filter(pk=run.pk).update(state="done", step="model", finished_at=placed_at + days(place))
    _credit(run, {anna: 6_000, berta: 4_000}, [touch.key for touch in touches])
    if place == 5:
        again = AttributionRun.objects.create(
            order=order,
            sequence=2,
            cause="override",
            state="done",
            created_at=placed_at,
            finished_at=placed_at + days(1),
        )
        _credit(again, {anna: 1_000, berta: 9_000}, [touch.key for touch in touches])
    return order


def _credit(run: AttributionRun, shares: dict[ChannelPartner, int], touch_keys: list[str]) -> None:
    Credit.objects.bulk_create(
        Credit(run=run, line=line, pool=pool, partner=partner, role="reseller", share_bp=share, reason="as the test says",
               touch_keys=touch_keys)
        for line in run.order.lines.all() for pool in ("referral", "influence") for partner, share in shares.items()
    )  # fmt: skip


def _costs() -> None:
    for currency in CURRENCIES:
        for kind, channel, bp in (("payment", "", 290), ("payment", "direct", 190), ("support", "", 50)):
            costs.set_rate(
                kind=CostRate.Kind(kind), channel=channel, currency=currency, rate_bp=bp, flat_minor=25, at=START,
                valid_from=START,
            )  # fmt: skip


def _disputes(order: OrderRecord, *partners: ChannelPartner) -> None:
    for number, partner in enumerate(partners):
        dispute = Dispute.objects.create(
            number=f"D-{order.number}-{number}", partner=partner, kind="amount", named=order.number, order=order,
            reason="x", state=("open", "withdrawn")[number], opened_at=order.placed_at + days(4 + number),
            due_at=END,
        )  # fmt: skip
        DisputeLine.objects.bulk_create(DisputeLine(dispute=dispute, line=line) for line in order.lines.all())


def _undercuts() -> None:
    """Two prevented promotions, each hurting both partners in two products, and one that partners are topped up for."""
    for number, mode in enumerate(("block", "block", "top_up")):
        harmony.mode(promotions=mode)
        proposals = [harmony.proposal(40_00 + n, quantity=n) for n in (1, 2)]
        check = harmony.price_check(
            *proposals, label=f"Sale {number}", reference=f"offer:{number}", at=START + days(20 + number)
        )
        api.record_price_check(check)


def _money(orders: list[OrderRecord]) -> None:
    """Pay, deliver and refund each order twice over, close the months, and settle each statement at the second try."""
    for order in orders:
        money.rated(money.happened(order, OrderEventKind.PAID, order.placed_at + days(1)))
        money.rated(money.happened(order, OrderEventKind.DELIVERED, order.placed_at + days(2)))
    for at in (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)):
        schedule.run_due(now=at)
    for order in orders[::2]:
        line = order.lines.first()
        for n in (1, 2):
            money.refunded(order, datetime(2026, 4, 2 + n, tzinfo=UTC), (line.key, 0, 11_01 + n))
    _settle()
    schedule.run_due(now=datetime(2026, 5, 2, tzinfo=UTC))
    schedule.run_due(now=datetime(2026, 6, 2, tzinfo=UTC))


def _settle() -> None:
    """Two people approve, the first transfer comes back, the second arrives. One comes back twice, and one is not sent."""
    people, at = (make.user(), make.user()), datetime(2026, 4, 10, tzinfo=UTC)
    Statement.objects.update(approvals_needed=2)
    asking = Statement.objects.filter(payable_minor__gt=0).order_by("period_start", "pk")
    batch = PayoutBatch.objects.create(rail="manual", state="sent", created_at=at, message_id="B-1")
    for statement in asking:
        for person in people:
            statements.approve(statement_id=statement.pk, at=at, by=person)
    for place, statement in enumerate(list(asking)[:-1]):
        payout = payouts.create(statement_id=statement.pk, at=at)
        payouts.record_payment(payout_id=payout.pk, reference=f"{statement.number}-1", at=at)
        payouts.returned(payout_id=payout.pk, at=at + days(1), reason="account closed")
        attempt = payouts.record_payment(payout_id=payout.pk, reference=f"{statement.number}-2", at=at + days(2))
        if place == 0:
            payouts.returned(payout_id=payout.pk, at=at + days(3), reason="account closed")
        PayoutBatchItem.objects.create(batch=batch, payout=payout, attempt=attempt, handled_at=at)
