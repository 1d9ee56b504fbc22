"""What is talked over at the channel desk in the demo's last months: new terms, a draft, disputes, another currency.

Like `channel_desk` it uses the services of channels; each act is planned on the timeline of the history.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from oscar.apps.catalogue.models import Product

from channels import api
from channels.commissions.models import Dispute, Programme, ProgrammeVersion
from channels.commissions.services import consultations, disputes, programmes, rates, simulations
from channels.contracts import Channel, Medium, OrderEventFacts, OrderEventKind, PlacedLine, PlacedOrder, to_minor
from channels.core.periods import add_months
from channels.journeys.models import OrderLine
from channels.partners.models import ChannelPartner
from shop import facts
from shop.demo.catalogue_file import FIXTURES, read
from shop.demo.loaders import stories
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.companies import Customer
from shop.forks.order.models import Order

Staff = Mapping[str, Any]
Plan = Callable[[datetime, Callable[[datetime], None]], None]


# --- terms ----------------------------------------------------------------------------------------------------------


def plan_terms(plan: Plan, *, clock: Clock, staff: Staff) -> None:
    """A second version in force, and a draft that partners were asked about."""
    rounds = read("programme_rounds.toml")
    second, draft = rounds["second"], rounds["draft"]
    if second["days_ago"] < clock.days:
        plan(clock.ago(second["days_ago"], hour=8), partial(_publish_second, second, staff))
    plan(clock.ago(draft["days_ago"], hour=13), partial(_draft, draft, staff))
    plan(clock.ago(draft["share"]["days_ago"], hour=9), partial(_share, draft["share"], staff))
    for row in draft["comment"]:
        plan(clock.ago(row["days_ago"], hour=11), partial(_comment, row))
    for row in draft["answer"]:
        plan(clock.ago(row["days_ago"], hour=15), partial(_answer, row, staff))


def first_terms() -> dict[str, Any]:
    return dict(json.loads((FIXTURES / "programme.json").read_text(encoding="utf-8")))


def second_terms(second: dict[str, Any]) -> dict[str, Any]:
    """The first version's terms with some rules replaced, where they stood, and new ones at the end."""
    terms = dict(first_terms()["terms"])
    fresh = {rule["id"]: rule for rule in second["rule"]}
    kept = [fresh.pop(rule["id"], rule) for rule in terms["rules"]]
    return {**terms, "rules": [*kept, *fresh.values()], "shrink_order": ["BONUS", *terms["shrink_order"]]}


def _publish_second(second: dict[str, Any], staff: Staff, at: datetime) -> None:
    version = programmes.create_draft(
        programme=first_terms()["code"],
        terms=second_terms(second),
        at=at,
        by=staff["channel_manager"],
        reason=second["reason"],
    )
    since = at - timedelta(days=365)
    simulations.run_now(version_id=version.pk, since=since, until=at, at=at, by=staff["channel_manager"])
    programmes.publish(version_id=version.pk, at=at, by=staff["finance"])


def _draft(draft: dict[str, Any], staff: Staff, at: datetime) -> None:
    latest = _programme().versions.latest("version")
    terms = {
        **latest.terms,
        "rules": [
            {**rule, "rate_bp": draft["rates"].get(rule["id"], rule["rate_bp"])} for rule in latest.terms["rules"]
        ],
    }
    version = programmes.create_draft(
        programme=_programme().code, terms=terms, at=at, by=staff["channel_manager"], reason=draft["reason"]
    )
    since = at - timedelta(days=draft["simulated_days"])
    simulations.run_now(version_id=version.pk, since=since, until=at, at=at, by=staff["channel_manager"])


def _share(row: dict[str, Any], staff: Staff, at: datetime) -> None:
    partners = ChannelPartner.objects.filter(code__in=row["partners"]).values_list("pk", flat=True)
    consultations.share(
        version_id=_the_draft().pk, partner_ids=partners, message=row["message"], at=at, by=staff["channel_manager"]
    )


def _comment(row: dict[str, Any], at: datetime) -> None:
    partner = ChannelPartner.objects.get(code=row["partner"])
    consultations.comment(
        version_id=_the_draft().pk, partner_id=partner.pk, text=row["text"], at=at, by=_owner(partner)
    )


def _answer(row: dict[str, Any], staff: Staff, at: datetime) -> None:
    partner = ChannelPartner.objects.get(code=row["partner"])
    consultations.answer(
        version_id=_the_draft().pk, partner_id=partner.pk, text=row["text"], at=at, by=staff["channel_manager"]
    )


def _programme() -> Programme:
    return Programme.objects.get(code=first_terms()["code"])


def _the_draft() -> ProgrammeVersion:
    return ProgrammeVersion.objects.get(status=ProgrammeVersion.Status.DRAFT)


def _owner(partner: ChannelPartner) -> Any:
    return partner.members.order_by("pk")[0].user


# --- disputes -------------------------------------------------------------------------------------------------------


def plan_disputes(plan: Plan, *, clock: Clock, staff: Staff, placed: Mapping[str, Order]) -> None:
    """Those of the stories that are told: a shorter history leaves the older ones out."""
    told = {row["code"] for row in stories.rows() if row["days_ago"] <= clock.days}
    for row in read("disputes.toml")["dispute"]:
        if row["story"] not in told:
            continue
        plan(clock.ago(row["days_ago"], hour=10), partial(_dispute, row, placed))
        if taken_up := row.get("taken_up"):
            plan(clock.ago(taken_up, hour=9), partial(_take_up, row, staff))
        if upheld := row.get("upheld"):
            plan(clock.ago(upheld["days_ago"], hour=14), partial(_uphold, row, staff))


def _dispute(row: dict[str, Any], placed: Mapping[str, Order], at: datetime) -> None:
    partner = ChannelPartner.objects.get(code=row["partner"])
    disputes.dispute_credit(
        partner_id=partner.pk,
        order_number=placed[row["story"]].number,
        kind=row["kind"],
        reason=row["reason"],
        evidence=row["evidence"],
        at=at,
        by=_owner(partner),
    )


def _take_up(row: dict[str, Any], staff: Staff, at: datetime) -> None:
    disputes.take_up(dispute_id=_dispute_of(row).pk, at=at, by=staff["channel_manager"])


def _uphold(row: dict[str, Any], staff: Staff, at: datetime) -> None:
    dispute, upheld = _dispute_of(row), row["upheld"]
    line = OrderLine.objects.filter(order=dispute.order_id).earliest("position")
    disputes.uphold_with_adjustment(
        dispute_id=dispute.pk,
        line_key=line.key,
        amount_minor=upheld["amount_minor"],
        answer=upheld["answer"],
        at=at,
        by=staff["finance"],
    )


def _dispute_of(row: dict[str, Any]) -> Dispute:
    return Dispute.objects.get(reason=row["reason"])


# --- another currency -----------------------------------------------------------------------------------------------


def record_exchange_rates(*, clock: Clock, finance: Any) -> int:
    """The rates of each month's first day, over the whole history."""
    plan = read("foreign.toml")["rates"]
    first = clock.opening.date().replace(day=1)
    days = [add_months(first, month) for month in range(clock.months + 2)]
    rows = [
        rates.RateRow(
            on=day, base=plan["base"], quote=quote, rate=Decimal(start) + month * Decimal(plan["monthly_step"][quote])
        )
        for month, day in enumerate(days)
        if day <= clock.now.date()
        for quote, start in plan["from"].items()
    ]
    return rates.record_rates(rows=rows, source=plan["source"], at=clock.opening, by=finance)


def plan_foreign_order(
    plan: Plan, *, clock: Clock, customers: Mapping[str, Customer], products: Mapping[str, Product]
) -> None:
    """An order that a sales office took in its own currency: the store never saw it, and channels is told of it."""
    row = read("foreign.toml")["order"]
    if row["days_ago"] > clock.days:
        return
    at = clock.ago(row["days_ago"], hour=12)
    plan(at, partial(_record_foreign_order, row, customers[row["company"]], products))
    for kind, days in ((OrderEventKind.DELIVERED, row["delivered_after"]), (OrderEventKind.PAID, row["paid_after"])):
        plan(at + timedelta(days=days), partial(_foreign_event, row["number"], kind))


def _record_foreign_order(
    row: dict[str, Any], customer: Customer, products: Mapping[str, Product], at: datetime
) -> None:
    api.record_order(
        PlacedOrder(
            number=row["number"],
            public_ref=row["number"].lower(),
            placed_at=at,
            currency=row["currency"],
            country=customer.company.country,
            company=facts.company(customer.company),
            channel=Channel.RESELLER,
            medium=Medium.CALL_CENTRE,
            chosen_partner=row["partner"],
            lines=tuple(
                _foreign_line(row, line, position, products[line["sku"]])
                for position, line in enumerate(row["line"], start=1)
            ),
        )
    )
    api.heal(now=at + timedelta(minutes=3))


def _foreign_line(row: dict[str, Any], line: dict[str, Any], position: int, product: Product) -> PlacedLine:
    return PlacedLine(
        key=f"{row['number']}/{position}",
        sku=line["sku"],
        title=product.get_title(),
        product_class=facts.product_class_word(product.get_product_class().slug),
        categories=facts.category_slugs([product])[product.pk],
        quantity=line["quantity"],
        net_minor=to_minor(Decimal(line["unit_price"]) * line["quantity"], row["currency"]),
        cost_minor=to_minor(Decimal(line["unit_cost"]) * line["quantity"], row["currency"]),
        list_unit_minor=to_minor(Decimal(line["unit_price"]), row["currency"]),
    )


def _foreign_event(number: str, kind: OrderEventKind, at: datetime) -> None:
    api.record_order_event(OrderEventFacts(key=f"{kind}:{number}", order_number=number, kind=kind, at=at))
    api.heal(now=at + timedelta(minutes=3))
