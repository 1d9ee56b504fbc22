"""What people at the channel desk do, done by the demo store: it takes partners on, publishes terms, approves and pays.

With `channel_rounds` the only module outside channels that uses its services rather than its door: the desk's acts are
no part of the door.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from channels.commissions.models import Payout, Statement
from channels.commissions.services import payees, payouts, programmes, simulations, statements
from channels.contracts import to_minor
from channels.harmony.models import GuardCheck
from channels.harmony.services import costs as selling_costs
from channels.harmony.services import guard, overrides, terms
from channels.journeys.services import codes, costs, policies
from channels.partners.models import ChannelPartner
from channels.partners.services import agreements, lifecycle, members, organisations
from shop.demo.catalogue_file import FIXTURES, read
from shop.demo.loaders import people
from shop.demo.loaders.clock import Clock

DETAILS = ("tier", "city", "territories", "specialities", "product_classes", "summary", "vat_id", "phone")
REASON_APPROVED = "References checked, agreement signed."


def publish_terms(*, clock: Clock, manager: Any, finance: Any) -> None:
    """Policy v1 and programme v1, in force from before the first fact."""
    document = json.loads((FIXTURES / "policy.json").read_text(encoding="utf-8"))
    policy = policies.draft(terms=document["terms"], at=clock.opening, actor=manager, reason=document["reason"])
    policies.publish(policy_id=policy.pk, at=clock.opening, effective_from=clock.opening, actor=manager)
    document = json.loads((FIXTURES / "programme.json").read_text(encoding="utf-8"))
    version = programmes.create_draft(
        programme=document["code"],
        name=document["name"],
        terms=document["terms"],
        at=clock.opening,
        by=manager,
        reason=document["reason"],
    )
    # No order was placed yet: a run over none is what the first version needs.
    year_before = clock.opening - timedelta(days=365)
    simulations.run_now(version_id=version.pk, since=year_before, until=clock.opening, at=clock.opening, by=manager)
    programmes.publish(version_id=version.pk, at=clock.opening, by=finance)


def set_touch_costs(*, clock: Clock, manager: Any) -> None:
    """What our own staff's touches usually cost, from before the first of them."""
    document = read("touch_costs.toml")
    for row in document["cost"]:
        costs.put(
            kind=row["kind"],
            medium=row.get("medium", ""),
            cost_minor=row["cost_minor"],
            currency=document["currency"],
            valid_from=clock.opening.date(),
            at=clock.opening,
            note=document["note"],
            actor=manager,
        )


def partner_rows() -> list[dict[str, Any]]:
    return list(read("partners.toml")["partner"])


def load_partners(*, clock: Clock, manager: Any) -> dict[str, ChannelPartner]:
    """Take on every partner on the day it joined; the distributor chain is closed when all are there."""
    rows = sorted(partner_rows(), key=lambda row: -row["joined"])
    found = {row["code"]: take_on(row, clock=clock, manager=manager) for row in rows}
    for row in rows:
        if parent := row.get("parent"):
            organisations.set_parent(
                partner_id=found[row["code"]].pk,
                parent_id=found[parent].pk,
                at=clock.opening,
                actor=manager,
                reason="Buys through its distributor.",
            )
    return {partner.code: partner for partner in ChannelPartner.objects.all()}


def take_on(row: dict[str, Any], *, clock: Clock, manager: Any) -> ChannelPartner:
    joined = clock.ago(max(row["joined"], clock.days + 20))
    partner = organisations.register(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        country=row["country"],
        at=joined,
        about=row["about"].strip(),
        website=f"https://{row['code']}.example.com/",
        email=f"hello@{row['code']}.example.com",
        email_domains=[f"{row['code']}.example.com"],
        **{name: row[name] for name in DETAILS},
    )
    lifecycle.approve(partner_id=partner.pk, at=joined, actor=manager, reason=REASON_APPROVED)
    agreements.sign(
        partner_id=partner.pk,
        starts_on=joined.date(),
        at=joined,
        data_level=row["data_level"],
        actor=manager,
        **_promise(row["kind"]),
    )
    lifecycle.activate(partner_id=partner.pk, at=joined, actor=manager, reason=REASON_APPROVED)
    for user, person in zip(people.make(row["people"], joined=joined), row["people"], strict=True):
        members.add(partner_id=partner.pk, user_id=user.pk, role=person["role"], at=joined, actor=manager)
    _enter_payout_details(partner, row, at=joined, clock=clock)
    for code in row["codes"]:
        _make_code(partner, code, at=joined, clock=clock)
    return partner


def _enter_payout_details(partner: ChannelPartner, row: dict[str, Any], *, at: datetime, clock: Clock) -> None:
    """Where the partner wants its money. One changed it a few days ago, so that both sides see what is held."""
    owner = partner.members.order_by("pk")[0].user
    if entered := row.get("payout"):
        payees.enter(partner_id=partner.pk, at=at, by=owner, **entered)
    if change := dict(row.get("payout_change", {})):
        changed = clock.ago(change.pop("days_ago"))
        payees.enter(partner_id=partner.pk, at=changed, by=owner, **change)


def _promise(kind: str) -> dict[str, Any]:
    """What the agreement promises a partner that resells."""
    promise = read("harmony.toml")["promise"]
    if kind not in promise["kinds"]:
        return {}
    return {
        "min_margin_bp": promise["minimum_margin"] * 100,
        "guarantee_factor_bp": promise["guarantee"] * 100,
        "selling_cost_bp": promise["cost_of_selling"] * 100,
    }


def _make_code(partner: ChannelPartner, row: dict[str, Any], *, at: datetime, clock: Clock) -> None:
    expired = row.get("expired_days_ago")
    codes.create(
        partner_id=partner.pk,
        code=row["code"],
        at=at,
        label=row["label"],
        landing_path=row["landing_path"],
        campaign=row.get("campaign", ""),
        expires_at=clock.ago(expired) if expired else None,
    )


def agree_on_prices(
    plan: dict[str, Any], *, clock: Clock, manager: Any, listed: Mapping[str, Decimal], currency: str = "EUR"
) -> None:
    """What partners pay, what must be advertised, the guard's setting and the costs, from before the first order."""
    at, promise = clock.opening, plan["promise"]
    agreed = {"at": at, "valid_from": at, "actor": manager, "reason": "Partner price list"}
    for partner in ChannelPartner.objects.filter(kind__in=promise["kinds"]).order_by("pk"):
        for row in plan["discount"]:
            terms.agree(
                key=f"demo:{partner.code}:{row['product_class']}",
                partner_id=partner.pk,
                product_class=row["product_class"],
                discount_bp=row["percent"] * 100,
                **agreed,
            )
    for row in plan["price"]:
        terms.agree(
            key=f"demo:{row['partner']}:{row['sku']}",
            partner_id=ChannelPartner.objects.get(code=row["partner"]).pk,
            sku=row["sku"],
            price_minor=to_minor(listed[row["sku"]] * row["percent_of_list"] / 100, currency),
            currency=currency,
            **agreed,
        )
    for row in plan["advertised"]:
        minimum = to_minor(listed[row["sku"]] * row["percent_of_list"] / 100, currency)
        key = f"demo:advertised:{row['sku']}"
        terms.advertise(key=key, sku=row["sku"], price_minor=minimum, currency=currency, **agreed)
    guard.set_modes(at=at, actor=manager, **plan["guard"])
    for row in plan["cost"]:
        selling_costs.set_rate(
            kind=row["kind"],
            channel=row.get("channel", ""),
            rate_bp=round(row["percent"] * 100),
            flat_minor=to_minor(Decimal(row["per_order"]), currency),
            currency=currency,
            at=at,
            valid_from=at,
            actor=manager,
            reason=row["reason"],
        )


def ask_for_override(*, label: str, reason: str, at: datetime, by: Any, until: datetime) -> int:
    check = GuardCheck.objects.get(label=label)
    return overrides.request(check_id=check.pk, reason=reason, expires_at=until, at=at, actor=by).pk


def approve_override(override_id: int, *, reason: str, at: datetime, by: Any) -> None:
    overrides.decide(override_id=override_id, is_approved=True, reason=reason, at=at, actor=by)


def suspend(partner: ChannelPartner, reason: str, manager: Any, at: datetime) -> None:
    lifecycle.suspend(partner_id=partner.pk, at=at, actor=manager, reason=reason)


def settle_statements(*, at: datetime, finance: Any) -> int:
    """Approve and pay what closed statements ask for; what is above the limit waits for a second person."""
    paid = 0
    closed = Statement.objects.filter(state=Statement.State.CLOSED, payable_minor__gt=0, closed_at__lte=at)
    for statement in closed.filter(approvals=None).order_by("period_start", "pk"):
        if statements.approve(statement_id=statement.pk, at=at, by=finance).state != Statement.State.APPROVED:
            continue
        try:
            payout: Payout = payouts.create(statement_id=statement.pk, at=at, by=finance)
        except payouts.NothingOwed:
            continue
        payouts.record_payment(payout_id=payout.pk, reference=f"SEPA {statement.number}", at=at, by=finance)
        paid += 1
    return paid
