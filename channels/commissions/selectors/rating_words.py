"""What a rating found, in the reader's language, for staff. Ratings keep codes, facts and English (engine/wording.py)."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.engine.facts import Cut, RatingSkip, Target
from channels.commissions.selectors.rule_words import any_of, percent
from channels.core.money import BASIS, written

SKIPS: dict[str, str | Promise] = {
    "no_rule": gettext_lazy("The programme has no %(type)s rule."),
    "rejected": gettext_lazy("A person looked at this credit and rejected it."),
    "total_cap": gettext_lazy("All partners together get at most %(share)s of the line: cap reached."),
    "other_product_class": gettext_lazy("Rule %(rule)s asks for product class %(wanted)s; this is %(actual)s."),
    "other_category": gettext_lazy("Rule %(rule)s asks for category %(wanted)s; this is %(actual)s."),
    "other_sku": gettext_lazy("Rule %(rule)s asks for product %(wanted)s; this is %(actual)s."),
    "other_segment": gettext_lazy("Rule %(rule)s asks for segment %(wanted)s; this is %(actual)s."),
    "other_partner_kind": gettext_lazy("Rule %(rule)s asks for partner kind %(wanted)s; this is %(actual)s."),
    "other_tier": gettext_lazy("Rule %(rule)s asks for tier %(wanted)s; this is %(actual)s."),
    "other_role": gettext_lazy("Rule %(rule)s asks for role %(wanted)s; this is %(actual)s."),
    "other_channel": gettext_lazy("Rule %(rule)s asks for channel %(wanted)s; this is %(actual)s."),
    "other_country": gettext_lazy("Rule %(rule)s asks for country %(wanted)s; this is %(actual)s."),
    "other_campaign": gettext_lazy("Rule %(rule)s asks for campaign %(wanted)s; this is %(actual)s."),
    "other_currency": gettext_lazy("Rule %(rule)s asks for currency %(wanted)s; this is %(actual)s."),
    "other_acquisition": gettext_lazy("Rule %(rule)s asks for a customer acquired by %(wanted)s; this is %(actual)s."),
    "not_certified": gettext_lazy("Rule %(rule)s asks for certification %(wanted)s; this is %(actual)s."),
    "term_too_short": gettext_lazy("Rule %(rule)s asks for a term of %(wanted)s months; this has %(actual)s."),
    "term_too_long": gettext_lazy("Rule %(rule)s asks for a term of at most %(wanted)s months; this has %(actual)s."),
    "too_few": gettext_lazy("Rule %(rule)s asks for %(wanted)s units; this is %(actual)s."),
    "too_many": gettext_lazy("Rule %(rule)s asks for at most %(wanted)s units; this is %(actual)s."),
    "other_cycle": gettext_lazy("Rule %(rule)s pays %(wanted)s business; this is %(actual)s."),
    "no_deal": gettext_lazy("Rule %(rule)s asks for a registered deal; there is none."),
    "deal_registered": gettext_lazy("Rule %(rule)s pays sales without a registered deal; this has one."),
    "outside_territory": gettext_lazy("Rule %(rule)s pays inside the partner's territory; this is outside."),
    "inside_territory": gettext_lazy("Rule %(rule)s pays outside the partner's territory; this is inside."),
    "too_early": gettext_lazy("Rule %(rule)s pays orders from %(wanted)s on; this is of %(actual)s."),
    "too_late": gettext_lazy("Rule %(rule)s pays orders before %(wanted)s; this is of %(actual)s."),
    "not_accepted": gettext_lazy("Rule %(rule)s asks that the steward has accepted the customer; it has not."),
    "no_activity": gettext_lazy("Rule %(rule)s asks for an activity at the customer in the %(wanted)s days before the order; there is none."),
    "not_first_sale": gettext_lazy("Rule %(rule)s pays the customer's first purchase; this is a later one."),
    "outside_duration": gettext_lazy("Rule %(rule)s pays for %(months)s months from %(anchor)s."),
    "held_out": gettext_lazy("Rule %(rule)s compares stewards with customers renewed without one; this customer is among those."),
    "unknown_cost": gettext_lazy("Rule %(rule)s pays on the margin; the purchase cost of this line is not known, so there is none."),
    "line_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per line: cap reached."),
    "order_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per order: cap reached."),
    "customer_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per customer: cap reached."),
    "month_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per month: cap reached."),
    "quarter_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per quarter: cap reached."),
    "year_cap": gettext_lazy("Rule %(rule)s pays at most %(limit)s per year: cap reached."),
    "override_inside": gettext_lazy("Rule %(rule)s pays from what the distributor's part, %(limit)s, leaves: that is nothing."),
    "override_bound": gettext_lazy("Rule %(rule)s pays no more than the partner below earns, %(limit)s."),
}  # fmt: skip
CUTS: dict[str, str | Promise] = {
    "line_cap": gettext_lazy("cap reached, at most %(limit)s per line: %(after)s"),
    "order_cap": gettext_lazy("cap reached, at most %(limit)s per order: %(after)s"),
    "customer_cap": gettext_lazy("cap reached, at most %(limit)s per customer, of which %(before)s went before: %(after)s"),
    "month_cap": gettext_lazy("cap reached, at most %(limit)s per month, of which %(before)s went before: %(after)s"),
    "quarter_cap": gettext_lazy("cap reached, at most %(limit)s per quarter, of which %(before)s went before: %(after)s"),
    "year_cap": gettext_lazy("cap reached, at most %(limit)s per year, of which %(before)s went before: %(after)s"),
    "line_floor": gettext_lazy("lifted to the least per line, %(limit)s: %(after)s"),
    "order_floor": gettext_lazy("lifted to the least per order, %(limit)s: %(after)s"),
    "customer_floor": gettext_lazy("lifted to the least per customer, %(limit)s: %(after)s"),
    "month_floor": gettext_lazy("lifted to the least per month, %(limit)s: %(after)s"),
    "quarter_floor": gettext_lazy("lifted to the least per quarter, %(limit)s: %(after)s"),
    "year_floor": gettext_lazy("lifted to the least per year, %(limit)s: %(after)s"),
    "override_inside": gettext_lazy("less the distributor's part, %(limit)s: %(after)s"),
    "override_bound": gettext_lazy("no more than the partner below earns, %(limit)s: %(after)s"),
    "total_cap": gettext_lazy("cap reached, all partners together get at most %(share)s of the line, %(limit)s: %(after)s"),
}  # fmt: skip
_BASES: dict[str, str | Promise] = {
    "net": gettext_lazy("%(rate)s of %(base)s (%(share)s of the line's net)"),
    "margin": gettext_lazy("%(rate)s of %(base)s (%(share)s of the line's margin)"),
    "uplift": gettext_lazy("%(rate)s of %(base)s (%(share)s of the line's uplift)"),
}


def skip(found: RatingSkip) -> str:
    """Return why a rule did not pay a credit."""
    told: dict[str, str] = {name: _told(value, name) for name, value in found.facts.items()}
    if isinstance(limit := found.facts.get("limit_minor"), int):
        told["limit"] = written(limit, told["currency"])
    if isinstance(share := found.facts.get("share_bp"), int):
        told["share"] = percent(share)
    return str(SKIPS[found.reason]) % {"type": found.type, "rule": found.rule_id, **told}


def target(found: Target) -> str:
    """Return how an amount came about, and what limited it."""
    told = {
        "rule": found.label or found.rule_id,
        "how": _HOW[found.rate_kind](found),
        "amount": written(found.uncapped_minor, found.currency),
    }
    return "; ".join([_("%(rule)s: %(how)s is %(amount)s") % told, *(_cut(one, found.currency) for one in found.cuts)])


def _cut(found: Cut, currency: str) -> str:
    return str(CUTS[found.reason]) % {
        "limit": written(found.limit_minor, currency),
        "before": written(found.before_minor, currency),
        "after": written(found.after_minor, currency),
        "share": percent(found.limit_bp),
    }


def _rate(found: Target) -> str:
    return str(_BASES[found.base_kind]) % {
        "rate": percent(found.rate_bp),
        "base": written(found.base_minor, found.currency),
        "share": percent(found.share_bp),
    }


def _flat(found: Target) -> str:
    flat = {"flat": written(found.flat_minor, found.currency)}
    text = (_("%(flat)s per unit") if found.rate_kind == "per_unit" else _("%(flat)s per order")) % flat
    return text if found.share_bp == BASIS else _("%(flat)s, of which %(share)s") % {
        "flat": text, "share": percent(found.share_bp)
    }  # fmt: skip


def _brackets(found: Target) -> str:
    told = {"sum": _rate(found), "before": written(found.counted_minor, found.currency)}
    if found.rate_kind == "slab":
        return _("%(sum)s, all of it at the rate reached after %(before)s in the period,") % told
    if found.rate_kind == "marginal":
        return _("%(sum)s, bracket by bracket after %(before)s in the period,") % told
    return _("%(sum)s, everything at the rate reached after %(before)s in the period,") % told


_HOW: Mapping[str, Callable[[Target], str]] = {
    "percent": _rate,
    "per_unit": _flat,
    "per_order": _flat,
    "slab": _brackets,
    "marginal": _brackets,
    "retroactive": _brackets,
}


def _told(value: str | int | Sequence[str], name: str) -> str:
    if isinstance(value, str | int):
        return str(value) or _("nothing")
    words = [str(one) for one in value if one]
    return (", ".join(words) if name == "actual" else any_of(words)) or _("nothing")
