"""Partners with credited, paid, refunded and stated orders, made by the services that make them in the store."""

from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from channels.commissions.models import Statement
from channels.commissions.services import payouts, programmes, statements
from channels.commissions.services.facts import record_order_event
from channels.commissions.services.schedule import run_due
from channels.contracts import OrderEventFacts, OrderEventKind, ReversedLine, SubscriptionFacts, TouchKind
from channels.journeys.models import OrderRecord, PartnerCode
from channels.journeys.services.identity import record_subscription
from channels.partners.models import Agreement, ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

NOON, days = make.NOON, make.days
# Each test looks at the portal at this moment.
TODAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
PAID_AT = NOON + days(5)
RATES = {"RESALE": 1200, "REFERRAL": 800, "INFLUENCE": 400, "RENEWAL": 600, "OVERRIDE": 200}


def terms(**rates: int) -> dict[str, Any]:
    rules = [
        {"id": kind.lower(), "type": kind, "rate_bp": rate, "label": f"{kind.capitalize()} rule"}
        for kind, rate in {**RATES, **rates}.items()
    ]
    return {"rules": rules, "hold_days": 30, "return_window_days": 30}


def rules_of_play(programme: dict[str, Any] | None = None, **policy: Any) -> None:
    """A policy and a programme in force since 2024."""
    make.policy(**policy)
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    draft = programmes.create_draft(
        programme="channel", name="Channel programme", terms=programme or terms(), at=long_ago
    )
    money.published(draft, at=long_ago)


def level(of: ChannelPartner, data_level: int) -> None:
    Agreement.objects.filter(partner=of).update(data_level=data_level)


def browser(of: ChannelPartner, role: str = "owner", **values: Any) -> Client:
    client = Client()
    client.force_login(make.member(of, role, **values).user)
    return client


def visit(of: ChannelPartner | None, at: datetime, code: PartnerCode | None = None, **values: Any) -> Any:
    """A visit through the partner's link."""
    return make.touch(of, at, kind=TouchKind.LINK, link_code=code.code if code else "", **values)


def event(of: OrderRecord, kind: OrderEventKind, at: datetime, *lines: tuple[str, int, int]) -> None:
    record_order_event(
        OrderEventFacts(
            key=f"{of.number}:{kind}:{at:%Y%m%d}",
            order_number=of.number,
            kind=kind,
            at=at,
            lines=tuple(ReversedLine(line_key=key, quantity=number, net_minor=net) for key, number, net in lines),
        )
    )
    run_due(now=at)


def paid(of: OrderRecord, at: datetime = PAID_AT) -> None:
    event(of, OrderEventKind.PAID, at)


def refunded(of: OrderRecord, net_minor: int, at: datetime, line: int = 1) -> None:
    event(of, OrderEventKind.REFUNDED, at, (f"{of.number}/{line}", 0, net_minor))


def sold(
    number: str, *, through: ChannelPartner, net_minor: int = 1000_00, at: datetime = NOON, **values: Any
) -> OrderRecord:
    """An order that the buyer placed through a reseller, paid five days later."""
    values.setdefault("lines", (make.line(f"{number}/1", net_minor),))
    order = make.order(number, through=through, placed_at=at, **values)
    run_due(now=at + days(1))
    paid(order, at + days(5))
    return order


def shared(number: str, first: ChannelPartner, other: ChannelPartner, *, net_minor: int = 3200_00) -> OrderRecord:
    """A direct order after two touches of `first` and, between them and the order, one of `other`: 60 % and 40 %."""
    make.company()
    visit(first, NOON - days(30), campaign="spring")
    make.touch(first, NOON - days(20), kind=TouchKind.DEMO)
    make.touch(None, NOON - days(12), kind=TouchKind.CAMPAIGN, campaign="own-newsletter")
    make.touch(other, NOON - days(5), kind=TouchKind.CALL, campaign=f"campaign-of-{other.code}")
    order = make.order(number, lines=(make.line(f"{number}/1", net_minor),))
    run_due(now=NOON + days(1))
    return order


def stated_and_paid(of: ChannelPartner, *, at: datetime) -> Statement:
    """Close the months until then, and pay the partner's latest statement."""
    run_due(now=at)
    statement = Statement.objects.filter(partner=of).order_by("-period_start").first()
    assert statement is not None
    statements.approve(statement_id=statement.pk, at=at)
    payout = payouts.create(statement_id=statement.pk, at=at)
    payouts.record_payment(payout_id=payout.pk, reference="TRANSFER-77", at=at)
    statement.refresh_from_db()
    return statement


def subscription(key: str, company: str, renews_on: date, **values: Any) -> None:
    defaults: dict[str, Any] = {
        "title": "Nordlys Watch Pro", "sku": "NW-PRO-12", "currency": "EUR", "value_minor": 4800_00, "term_months": 12,
        "started_on": date(2025, 7, 1), "status": "active",
    }  # fmt: skip
    facts = make.company_facts(company, **values.pop("company_values", {}))
    record_subscription(SubscriptionFacts(key=key, company=facts, renews_on=renews_on, **{**defaults, **values}))
