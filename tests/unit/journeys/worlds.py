"""A small made-up world of partners, and the one journey each test changes a little."""

from datetime import UTC, datetime, timedelta
from typing import Any

from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import (
    DealFact,
    IdentityFact,
    Journey,
    LineFact,
    OrderFacts,
    PartnerFact,
    RelationshipFact,
    Touch,
)

ORDER_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LINE = LineFact("100001-1", sku="GW-1", product_class="Gateway", segment="industry", net_minor=10_000)
SUBSCRIPTION = LineFact(
    "100001-2", sku="SW-1", product_class="Software", segment="software", net_minor=6_000, term_months=12
)
BUYER = IdentityFact(frozenset({"user-1"}), "fjord-foods", "NO999", "fjordfoods.example.com")


def touch(partner: str | None, days: float = 1, **more: Any) -> Touch:
    return Touch(**{"id": f"{partner}@{days}", "partner": partner, "at": ORDER_AT - days * DAY} | more)


def steward(partner: str, *, days: float = 100, role: str = "renewal_steward", **more: Any) -> RelationshipFact:
    return RelationshipFact(
        **{"partner": partner, "role": role, "segment": "", "valid_from": ORDER_AT - days * DAY} | more
    )


def deal(partner: str, *, segment: str = "", since: float = 30, until: float = 60) -> DealFact:
    return DealFact(partner, segment, ORDER_AT - since * DAY, ORDER_AT + until * DAY)


def partners(*facts: PartnerFact) -> tuple[PartnerFact, ...]:
    """A, B and C are ordinary; R is a reseller under the distributor D; facts given replace them."""
    world = {code: PartnerFact(code) for code in "ABC"}
    world["R"] = PartnerFact("R", parent="D")
    world["D"] = PartnerFact("D", kind="distributor")
    return tuple((world | {fact.code: fact for fact in facts}).values())


def journey(*touches: Touch, picked: str | None = None, **more: Any) -> Journey:
    order = {
        "number": "100001",
        "placed_at": ORDER_AT,
        "channel": "RESELLER" if picked else "DIRECT",
        "chosen_partner": picked,
        "country": "SE",
        "cycle": more.pop("cycle", 0),
        "buyer": more.pop("buyer", BUYER),
        "end_customer": more.pop("end_customer", None),
    }
    facts: dict[str, Any] = {"lines": (LINE,), "partners": partners()}
    return Journey(order=OrderFacts(**order), touches=touches, **(facts | more))


def shares(decision: Decision) -> dict[tuple[str, str], int]:
    return {(str(credit.pool), credit.partner): credit.share_bp for credit in decision.credits}


def reasons(decision: Decision) -> dict[str, str]:
    return {skip.partner: skip.reason for skip in decision.skipped}
