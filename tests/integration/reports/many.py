"""A partner with very many of everything, written in bulk: what lists and files are measured on.

Only the books are kept by the services, so that the chain, the hold and the statement are real.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from channels.commissions.engine import ledger as engine
from channels.commissions.models import (
    Accrual,
    Dispute,
    LedgerPosting,
    Payout,
    PayoutAttempt,
    PayoutBatch,
    PayoutBatchItem,
    RatingRun,
    Statement,
)
from channels.commissions.services import ledger, statements
from channels.core.periods import Month
from channels.harmony.models import GuardCheck, GuardFinding, Proof
from channels.journeys.models import (
    AttributionRun,
    CompanyProfile,
    Credit,
    OrderLine,
    OrderRecord,
    PartnerCode,
    Relationship,
    SubscriptionProfile,
    Touchpoint,
)
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony

NOON, days = make.NOON, make.days
FEBRUARY = datetime(2026, 2, 3, tzinfo=UTC)
CLOSED = datetime(2026, 3, 10, tzinfo=UTC)
LONG_NAME = "Aktieselskabet Nordjyske Automatiserings- og Vandbehandlingsanlæg af 1887"


def partner_with(rows: int) -> ChannelPartner:
    """Anna, with so many orders, credits, accruals, movements, customers, links, disputes, proofs and statements."""
    make.policy()
    programme = money.programme()
    anna = make.partner("anna", name=f"{LONG_NAME} (partner)")
    companies = CompanyProfile.objects.bulk_create(
        CompanyProfile(key=f"c{n}", name=f"{LONG_NAME} {n:05}", country="NO", segment="industry") for n in range(rows)
    )
    orders = _orders(companies)
    lines = OrderLine.objects.bulk_create(
        OrderLine(
            order=order, key=f"{order.number}/1", position=1, sku="NL-P100", title="Pressure sensor P100",
            product_class="hardware", quantity=1, net_minor=100_00,
        )
        for order in orders
    )  # fmt: skip
    codes = _links(anna, rows)
    credits = _credits(anna, lines)
    runs = RatingRun.objects.bulk_create(
        RatingRun(
            order=order, cause=f"{order.number}:paid", state="done", created_at=order.placed_at,
            programme_version=programme, explanation=_explained(order, anna), finished_at=order.placed_at,
        )
        for order in orders
    )  # fmt: skip
    accruals = Accrual.objects.bulk_create(
        Accrual(
            key=f"{line.key}:accrue", order=line.order, line=line, partner=anna, credit=credit, run=run, type="REFERRAL",
            programme_version=programme, rule_id="referral", rule_label="Referral", base_minor=100_00, rate_bp=1_000,
            amount_minor=10_00, currency="EUR", state="held", accrued_at=FEBRUARY, hold_until=FEBRUARY + days(14),
        )
        for line, credit, run in zip(lines, credits, runs, strict=True)
    )  # fmt: skip
    ledger.post_many(_earned(accrual) for accrual in accruals)
    statements.close_month(month=Month(2026, 2), now=CLOSED)
    _customers(anna, companies)
    _disputes(anna, orders)
    _proofs(anna, lines, runs)
    _payouts(rows)
    _undercuts(anna, rows)
    Touchpoint.objects.bulk_create(
        Touchpoint(key=f"touch:{n}", partner=anna, code=codes[n % len(codes)], kind="link", medium="partner_link",
                   at=FEBRUARY - days(20), company=company)
        for n, company in enumerate(companies)
    )  # fmt: skip
    return anna


def _orders(companies: list[CompanyProfile]) -> list[OrderRecord]:
    return OrderRecord.objects.bulk_create(
        OrderRecord(
            number=f"ORD-{n:05}", public_ref=f"ref-{n}", company=company, channel="direct", medium="web", country="NO",
            currency="EUR", net_minor=100_00, placed_at=FEBRUARY - timedelta(minutes=n), facts={},
        )
        for n, company in enumerate(companies)
    )  # fmt: skip


def _credits(anna: ChannelPartner, lines: list[OrderLine]) -> list[Credit]:
    runs = AttributionRun.objects.bulk_create(
        AttributionRun(
            order=line.order, state="done", step="model", created_at=line.order.placed_at,
            finished_at=line.order.placed_at,
        )
        for line in lines
    )  # fmt: skip
    return Credit.objects.bulk_create(
        Credit(
            run=run, line=line, pool="referral", partner=anna, role="referrer", share_bp=10_000, reason="a link",
            touch_keys=[f"touch:{n}"],
        )
        for n, (run, line) in enumerate(zip(runs, lines, strict=True))
    )  # fmt: skip


def _explained(order: OrderRecord, anna: ChannelPartner) -> dict[str, Any]:
    target = {
        "line": f"{order.number}/1", "type": "REFERRAL", "partner": anna.code, "rate_kind": "percent",
        "base_minor": 100_00, "rate_bp": 1_000, "uncapped_minor": 10_00, "amount_minor": 10_00, "cuts": [],
    }  # fmt: skip
    return {"targets": [target], "left": [{"line": f"{order.number}/1", "quantity": 1, "net_minor": 100_00}]}


def _earned(accrual: Accrual) -> ledger.Draft:
    return ledger.Draft(
        key=accrual.key,
        kind=LedgerPosting.Kind.ACCRUE,
        booked_at=accrual.accrued_at,
        entries=engine.accrue(
            partner=str(accrual.partner_id), commission_type=accrual.type, amount_minor=accrual.amount_minor,
            currency=accrual.currency,
        ),
        order_id=accrual.order_id,
        accrual_id=accrual.pk,
    )  # fmt: skip


def _links(anna: ChannelPartner, rows: int) -> list[PartnerCode]:
    return PartnerCode.objects.bulk_create(
        PartnerCode(partner=anna, code=f"anna-{n}", label=LONG_NAME, created_at=FEBRUARY - days(90))
        for n in range(rows)
    )


def _customers(anna: ChannelPartner, companies: list[CompanyProfile]) -> None:
    Relationship.objects.bulk_create(
        Relationship(company=company, partner=anna, role=role, valid_from=FEBRUARY - days(300), source="desk",
                     recorded_at=FEBRUARY)
        for company in companies for role in ("reseller", "renewal_steward")
    )  # fmt: skip
    SubscriptionProfile.objects.bulk_create(
        SubscriptionProfile(
            key=f"sub-{company.key}", company=company, title="Nordlys Watch", sku="NW", currency="EUR", value_minor=50_00,
            term_months=12, started_on=date(2025, 4, 1), renews_on=date(2026, 4, 1), status="active",
        )
        for company in companies
    )  # fmt: skip


def _disputes(anna: ChannelPartner, orders: list[OrderRecord]) -> None:
    Dispute.objects.bulk_create(
        Dispute(
            number=f"D-{n:05}", partner=anna, kind="amount", named=order.number, order=order, reason="x",
            opened_at=CLOSED - timedelta(minutes=n), due_at=CLOSED + days(10),
        )
        for n, order in enumerate(orders)
    )  # fmt: skip
    Notice.objects.bulk_create(
        Notice(partner=anna, kind="dispute.opened", key=f"notice-{n}", subject="We have it", body="We have it.", at=CLOSED)
        for n in range(len(orders))
    )  # fmt: skip


def _proofs(anna: ChannelPartner, lines: list[OrderLine], runs: list[RatingRun]) -> None:
    term, agreement = harmony.buys(anna), anna.agreements.get()
    amounts = dict.fromkeys(
        ("buy_minor", "floor_minor", "resale_minor", "selling_cost_minor", "margin_minor", "promised_minor",
         "credited_minor"), 10_00,
    )  # fmt: skip
    Proof.objects.bulk_create(
        Proof(
            line=line, partner=anna, run=run, term=term, agreement=agreement, currency="EUR", quantity=1,
            net_minor=100_00, net_left_minor=100_00, share_bp=10_000, guarantee_bp=10_000, top_up_minor=1_00,
            at=FEBRUARY, **amounts,
        )
        for line, run in zip(lines, runs, strict=True)
    )  # fmt: skip


def _payouts(rows: int) -> None:
    """The past of ten other partners: each month two statements of each, in two currencies, one of them paid in a batch."""
    others = ChannelPartner.objects.bulk_create(
        ChannelPartner(code=f"p{n}", name=f"{LONG_NAME} {n:05}", kind="reseller", status="active", country="NO",
                       joined_at=FEBRUARY)
        for n in range(10)
    )  # fmt: skip
    asked = [_statement(others[n % 10], "EUR", n // 10, Statement.State.CLOSED) for n in range(rows)]
    settled = [_statement(others[n % 10], "NOK", n // 10, Statement.State.PAID) for n in range(rows)]
    Statement.objects.bulk_create(asked)
    paid = Statement.objects.bulk_create(settled)
    batch = PayoutBatch.objects.create(rail="sepa", state="sent", created_at=CLOSED, message_id="ACCORD-1")
    payouts = Payout.objects.bulk_create(
        Payout(statement=row, amount_minor=10_00, currency=row.currency, state="paid", created_at=CLOSED)
        for row in paid
    )
    attempts = PayoutAttempt.objects.bulk_create(
        PayoutAttempt(payout=row, rail="sepa", batch=batch, amount_minor=10_00, state="confirmed", at=CLOSED)
        for row in payouts
    )
    PayoutBatchItem.objects.bulk_create(
        PayoutBatchItem(batch=batch, payout=payout, attempt=attempt, handled_at=CLOSED)
        for payout, attempt in zip(payouts, attempts, strict=True)
    )


def _statement(of: ChannelPartner, currency: str, months_ago: int, state: str) -> Statement:
    month = Month(2026, 1).shift(-months_ago)
    return Statement(
        number=f"ST-{month}-{currency}-{of.code}".upper(), partner=of, currency=currency, state=state,
        period_start=month.start.date(), period_end=month.end.date(), opening_minor=0, movement_minor=10_00,
        closing_minor=10_00, payable_minor=10_00, chain_head="0" * 64, chain_sequence=1, closed_at=CLOSED,
    )  # fmt: skip


def _undercuts(anna: ChannelPartner, rows: int) -> None:
    checks = GuardCheck.objects.bulk_create(
        GuardCheck(key=f"check-{n}", source="offer", reference=f"offer:{n}", label=f"Sale {n}", outcome="blocked", at=NOON)
        for n in range(rows)
    )  # fmt: skip
    GuardFinding.objects.bulk_create(
        GuardFinding(
            guard_check=check, kind="buy_price", sku="NL-P100", title="Sensor", quantity=1, partner=anna,
            direct_minor=60_00, list_minor=100_00, buy_minor=70_00, floor_minor=75_00, gap_minor=15_00, currency="EUR",
        )
        for check in [*checks, *checks[:1] * rows]
    )  # fmt: skip
