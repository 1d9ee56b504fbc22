"""Partners, companies, touches and orders of the channel apps. Every default may be given instead."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from channels.contracts import (
    Channel,
    CompanyFacts,
    Medium,
    PlacedLine,
    PlacedOrder,
    TouchKind,
    TouchpointFacts,
)
from channels.journeys.models import AttributionRun, CompanyProfile, OrderRecord, PartnerCode, Policy, Touchpoint
from channels.journeys.services.identity import upsert_company
from channels.journeys.services.orders import record_order
from channels.journeys.services.touchpoints import record_touchpoint
from channels.partners.models import Agreement, ChannelPartner, PartnerMember

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_number = count(1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def user(**values: Any) -> Any:
    number = next(_number)
    defaults = {"username": f"person{number}", "email": f"person{number}@example.com", "password": "correct-horse-9"}
    return get_user_model().objects.create_user(**{**defaults, **values})


def partner(code: str = "", **values: Any) -> ChannelPartner:
    """An active reseller in Norway with an agreement."""
    code = code or f"partner-{next(_number)}"
    defaults: dict[str, Any] = {
        "name": code.replace("-", " ").title(),
        "kind": ChannelPartner.Kind.RESELLER,
        "status": ChannelPartner.Status.ACTIVE,
        "country": "NO",
        "joined_at": NOON - days(700),
    }
    made = ChannelPartner.objects.create(code=code, **{**defaults, **values})
    Agreement.objects.create(partner=made, version=1, starts_on=date(2024, 1, 1))
    return made


def member(of: ChannelPartner, role: str = "owner", **values: Any) -> PartnerMember:
    return PartnerMember.objects.create(partner=of, user=user(**values), role=role, joined_at=NOON)


def code(of: ChannelPartner, text: str = "", **values: Any) -> PartnerCode:
    defaults = {"created_at": NOON - days(100)}
    return PartnerCode.objects.create(partner=of, code=text or of.code, **{**defaults, **values})


def company_facts(key: str = "fjord", **values: Any) -> CompanyFacts:
    defaults = {"name": key.title(), "country": "NO", "vat_id": "", "email_domain": f"{key}.example.com"}
    return CompanyFacts(key=key, **{**defaults, **values})


def company(key: str = "fjord", **values: Any) -> CompanyProfile:
    return upsert_company(company_facts(key, **values))


def policy(**terms: Any) -> Policy:
    """A policy in force since 2024. House orders are off unless asked for, so that a test says what it credits."""
    return Policy.objects.create(
        version=next(_number),
        status=Policy.Status.PUBLISHED,
        terms={"house_order": False, **terms},
        effective_from=datetime(2024, 1, 1, tzinfo=UTC),
        published_at=datetime(2024, 1, 1, tzinfo=UTC),
    )


def touch(of: ChannelPartner | None, at: datetime, **values: Any) -> Touchpoint:
    key = values.pop("key", f"touch-{next(_number)}")
    defaults: dict[str, Any] = {"kind": TouchKind.VISIT, "medium": Medium.FIELD_SALES, "company_key": "fjord"}
    facts = TouchpointFacts(key=key, at=at, partner_code=of.code if of else "", **{**defaults, **values})
    record_touchpoint(facts)
    return Touchpoint.objects.get(key=key)


def line(key: str, net_minor: int = 100_00, **values: Any) -> PlacedLine:
    defaults: dict[str, Any] = {
        "sku": "NL-P100",
        "title": "Pressure sensor P100",
        "product_class": "hardware",
        "categories": ("sensors", "pressure"),
        "quantity": 1,
        "net_minor": net_minor,
    }
    return PlacedLine(key=key, **{**defaults, **values})


def placed(number: str = "", **values: Any) -> PlacedOrder:
    """The facts of a direct order by the company "fjord" with one line of EUR 100.00."""
    number = number or f"ORD-{next(_number)}"
    chosen = values.pop("through", None)
    defaults: dict[str, Any] = {
        "public_ref": f"ref-{number}",
        "placed_at": NOON,
        "currency": "EUR",
        "country": "NO",
        "company": company_facts(),
        "channel": Channel.RESELLER if chosen else Channel.DIRECT,
        "medium": Medium.WEB,
        "lines": (line(f"{number}/1"),),
        "chosen_partner": chosen.code if chosen else "",
    }
    return PlacedOrder(number=number, **{**defaults, **values})


def order(number: str = "", **values: Any) -> OrderRecord:
    """A recorded order, whose attribution is pending."""
    facts = placed(number, **values)
    record_order(facts)
    return OrderRecord.objects.get(number=facts.number)


def pending_run(of: OrderRecord) -> AttributionRun:
    return of.attribution_runs.get()
