"""The sentences of a rating in English: for staff, and for pages that have no translation of a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from channels.core.money import BASIS, written

if TYPE_CHECKING:
    from channels.commissions.engine.facts import Cut, RatingSkip, Target

_ASKS_FOR = {
    "other_product_class": "product class",
    "other_category": "category",
    "other_sku": "product",
    "other_segment": "segment",
    "other_partner_kind": "partner kind",
    "other_tier": "tier",
    "other_role": "role",
    "other_channel": "channel",
    "other_country": "country",
    "other_campaign": "campaign",
    "other_currency": "currency",
    "other_acquisition": "a customer acquired by",
    "not_certified": "certification",
}
_PLAIN = {
    "term_too_short": "asks for a term of {wanted} months; this has {actual}",
    "term_too_long": "asks for a term of at most {wanted} months; this has {actual}",
    "too_few": "asks for {wanted} units; this is {actual}",
    "too_many": "asks for at most {wanted} units; this is {actual}",
    "other_cycle": "pays {wanted} business; this is {actual}",
    "no_deal": "asks for a registered deal; there is none",
    "deal_registered": "pays sales without a registered deal; this has one",
    "outside_territory": "pays inside the partner's territory; this is outside",
    "inside_territory": "pays outside the partner's territory; this is inside",
    "too_early": "pays orders from {wanted} on; this is of {actual}",
    "too_late": "pays orders before {wanted}; this is of {actual}",
    "not_accepted": "asks that the steward has accepted the customer; it has not",
    "no_activity": "asks for an activity at the customer in the {wanted} days before the order; there is none",
    "not_first_sale": "pays the customer's first purchase; this is a later one",
    "outside_duration": "pays for {months} months from {anchor}",
    "held_out": "compares stewards with customers renewed without one; this customer is among those",
    "unknown_cost": "pays on the margin; the purchase cost of this line is not known, so there is none",
    "line_cap": "pays at most {limit} per line: cap reached",
    "order_cap": "pays at most {limit} per order: cap reached",
    "customer_cap": "pays at most {limit} per customer: cap reached",
    "month_cap": "pays at most {limit} per month: cap reached",
    "quarter_cap": "pays at most {limit} per quarter: cap reached",
    "year_cap": "pays at most {limit} per year: cap reached",
    "override_inside": "pays from what the distributor's part, {limit}, leaves: that is nothing",
    "override_bound": "pays no more than the partner below earns, {limit}",
}
_CUTS: dict[str, str] = {
    "line_cap": "cap reached, at most {limit} per line",
    "order_cap": "cap reached, at most {limit} per order",
    "customer_cap": "cap reached, at most {limit} per customer, of which {before} went before",
    "month_cap": "cap reached, at most {limit} per month, of which {before} went before",
    "quarter_cap": "cap reached, at most {limit} per quarter, of which {before} went before",
    "year_cap": "cap reached, at most {limit} per year, of which {before} went before",
    "line_floor": "lifted to the least per line, {limit}",
    "order_floor": "lifted to the least per order, {limit}",
    "customer_floor": "lifted to the least per customer, {limit}",
    "month_floor": "lifted to the least per month, {limit}",
    "quarter_floor": "lifted to the least per quarter, {limit}",
    "year_floor": "lifted to the least per year, {limit}",
    "override_inside": "less the distributor's part, {limit}",
    "override_bound": "no more than the partner below earns, {limit}",
    "total_cap": "cap reached, all partners together get at most {share} of the line, {limit}",
}


def skip(found: RatingSkip) -> str:
    if found.reason == "no_rule":
        return f"The programme has no {found.type} rule."
    if found.reason == "rejected":
        return "A person looked at this credit and rejected it."
    if found.reason == "total_cap":
        return (
            f"All partners together get at most {percent(_number(found.facts['share_bp']))} of the line: cap reached."
        )
    told = {name: _words(value, ", " if name == "actual" else " or ") for name, value in found.facts.items()}
    asked = _ASKS_FOR.get(found.reason)
    if asked:
        return f"Rule {found.rule_id} asks for {asked} {told['wanted']}; this is {told['actual'] or 'nothing'}."
    if "limit_minor" in found.facts:
        told["limit"] = written(_number(found.facts["limit_minor"]), told["currency"])
    return f"Rule {found.rule_id} {_PLAIN[found.reason].format_map(told)}."


def target(found: Target) -> str:
    amount = written(found.uncapped_minor, found.currency)
    text = f"{found.label or found.rule_id}: {_HOW[found.rate_kind](found)} is {amount}"
    return "; ".join([text, *(cut(one, found.currency) for one in found.cuts)])


def cut(found: Cut, currency: str) -> str:
    text = _CUTS[found.reason].format(
        limit=written(found.limit_minor, currency),
        before=written(found.before_minor, currency),
        share=percent(found.limit_bp),
    )
    return f"{text}: {written(found.after_minor, currency)}"


def percent(basis_points: int) -> str:
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def _rate(found: Target) -> str:
    base = written(found.base_minor, found.currency)
    return f"{percent(found.rate_bp)} of {base} ({percent(found.share_bp)} of the line's {found.base_kind})"


def _flat(found: Target) -> str:
    share = "" if found.share_bp == BASIS else f", of which {percent(found.share_bp)}"
    return f"{written(found.flat_minor, found.currency)} {found.rate_kind.replace('_', ' ')}{share}"


def _brackets(found: Target) -> str:
    before = written(found.counted_minor, found.currency)
    return f"{_rate(found)}, {found.rate_kind} after {before} in the period,"


_HOW: Mapping[str, Callable[[Target], str]] = {
    "percent": _rate,
    "per_unit": _flat,
    "per_order": _flat,
    "slab": _brackets,
    "marginal": _brackets,
    "retroactive": _brackets,
}


def _words(value: str | int | Sequence[str], between: str) -> str:
    return str(value) if isinstance(value, str | int) else between.join(filter(None, value))


def _number(value: str | int | Sequence[str]) -> int:
    return value if isinstance(value, int) else 0
