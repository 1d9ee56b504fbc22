"""What a partner reads about a rule: why it paid nothing, how an amount came about, and what limited it.

Ratings keep codes and facts; the sentences are made here, in the reader's language. A code without a sentence falls back
on the English one that was kept with the rating.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.partners.models import ChannelPartner
from channels.portal import numbers

REFUSALS: dict[str, str | Promise] = {
    "other_product_class": gettext_lazy("%(rule)s pays for the product class %(wanted)s; this is %(actual)s."),
    "other_category": gettext_lazy("%(rule)s pays for the category %(wanted)s; this is %(actual)s."),
    "other_sku": gettext_lazy("%(rule)s pays for %(wanted)s; this is %(actual)s."),
    "other_segment": gettext_lazy("%(rule)s pays in the segment %(wanted)s; this customer's is %(actual)s."),
    "other_partner_kind": gettext_lazy("%(rule)s is for partners of the type %(wanted)s; yours was %(actual)s."),
    "other_tier": gettext_lazy("%(rule)s is for the tier %(wanted)s; yours was %(actual)s."),
    "other_role": gettext_lazy("%(rule)s is for the role %(wanted)s; yours was %(actual)s."),
    "other_channel": gettext_lazy("%(rule)s is for orders through another channel."),
    "other_country": gettext_lazy("%(rule)s is for orders from %(wanted)s; this one is from %(actual)s."),
    "other_campaign": gettext_lazy("%(rule)s pays for the campaign %(wanted)s, which none of your touches belongs to."),
    "other_currency": gettext_lazy("%(rule)s has amounts in %(wanted)s; this order is in %(actual)s."),
    "other_acquisition": gettext_lazy("%(rule)s is for customers who first came to us in another way."),
    "other_cycle": gettext_lazy("%(rule)s is for another kind of business: a first purchase, a further one or a renewal."),
    "not_certified": gettext_lazy("%(rule)s asks for the certification %(wanted)s, which was not valid on the day of the order."),
    "term_too_short": gettext_lazy("%(rule)s asks for a term of %(wanted)s months or more; this one has %(actual)s."),
    "term_too_long": gettext_lazy("%(rule)s is for terms of up to %(wanted)s months; this one has %(actual)s."),
    "too_few": gettext_lazy("%(rule)s asks for %(wanted)s units or more; this line has %(actual)s."),
    "too_many": gettext_lazy("%(rule)s is for up to %(wanted)s units; this line has %(actual)s."),
    "no_deal": gettext_lazy("%(rule)s asks for a registered deal, and there was none."),
    "deal_registered": gettext_lazy("%(rule)s is for sales without a registered deal."),
    "outside_territory": gettext_lazy("%(rule)s pays inside your territory, and this order came from outside it."),
    "inside_territory": gettext_lazy("%(rule)s pays outside your territory, and this order came from inside it."),
    "too_early": gettext_lazy("%(rule)s pays for orders from %(wanted)s on."),
    "too_late": gettext_lazy("%(rule)s paid for orders before %(wanted)s."),
    "not_accepted": gettext_lazy("%(rule)s asks that you accept to look after the customer before it renews."),
    "no_activity": gettext_lazy("%(rule)s asks for a call, visit, demonstration or event at the customer in the %(wanted)s days before the order."),
    "not_first_sale": gettext_lazy("%(rule)s pays for the customer's first purchase, and this is a later one."),
    "outside_duration": gettext_lazy("%(rule)s pays for %(months)s months from %(anchor)s, and they are over."),
    "held_out": gettext_lazy("%(rule)s compares stewards with customers who renew without one, and this is one of those."),
    "unknown_cost": gettext_lazy("%(rule)s pays on our margin, and what this product cost us is not known for the day of the order."),
    "line_cap": gettext_lazy("%(rule)s pays at most %(limit)s per line."),
    "order_cap": gettext_lazy("%(rule)s pays at most %(limit)s per order."),
    "customer_cap": gettext_lazy("%(rule)s pays at most %(limit)s per customer, and that is reached."),
    "month_cap": gettext_lazy("%(rule)s pays at most %(limit)s per month, and that is reached."),
    "quarter_cap": gettext_lazy("%(rule)s pays at most %(limit)s per quarter, and that is reached."),
    "year_cap": gettext_lazy("%(rule)s pays at most %(limit)s per year, and that is reached."),
    "total_cap": gettext_lazy("All partners together get at most a fixed part of the line, and others come first."),
    "override_inside": gettext_lazy("Your distributor's part leaves nothing of it."),
    "override_bound": gettext_lazy("Your part comes out of what the partner below you earns, and that is nothing."),
}  # fmt: skip
CUTS: dict[str, str | Promise] = {
    "line_cap": gettext_lazy("at most %(limit)s per line"),
    "order_cap": gettext_lazy("at most %(limit)s per order"),
    "customer_cap": gettext_lazy("at most %(limit)s per customer, of which %(before)s went before"),
    "month_cap": gettext_lazy("at most %(limit)s per month, of which %(before)s went before"),
    "quarter_cap": gettext_lazy("at most %(limit)s per quarter, of which %(before)s went before"),
    "year_cap": gettext_lazy("at most %(limit)s per year, of which %(before)s went before"),
    "line_floor": gettext_lazy("at least %(limit)s per line"),
    "order_floor": gettext_lazy("at least %(limit)s per order"),
    "customer_floor": gettext_lazy("at least %(limit)s per customer"),
    "month_floor": gettext_lazy("at least %(limit)s per month"),
    "quarter_floor": gettext_lazy("at least %(limit)s per quarter"),
    "year_floor": gettext_lazy("at least %(limit)s per year"),
    "override_inside": gettext_lazy("less your distributor's part"),
    "override_bound": gettext_lazy("no more than the partner below you earns"),
}
# The rule fits; what it pays comes to nothing.
LEAVES_NOTHING = frozenset({*CUTS, "total_cap", "unknown_cost"})
_LABELS: dict[str, Mapping[str, Any]] = {
    "other_tier": dict(ChannelPartner.Tier.choices),
    "other_partner_kind": dict(ChannelPartner.Kind.choices),
}


def refusal(row: Mapping[str, Any]) -> str:
    """Return why a rule paid the partner nothing, from a rating's `skips`."""
    sentence, told = REFUSALS.get(row["reason"]), row.get("facts")
    if sentence is None or told is None:
        return str(row["text"])
    labels = _LABELS.get(row["reason"], {})
    words = {name: _words(value, labels, _between(name)) for name, value in told.items()}
    if "limit_minor" in told:
        words["limit"] = numbers.money(told["limit_minor"], told["currency"])
    return str(sentence) % {"rule": row.get("label") or row["rule"], "actual": "", **words}


def reckoning(row: Mapping[str, Any], currency: str) -> str:
    """Return how an amount came about where it is no plain percentage; "" where it is. From a rating's `targets`."""
    say = _HOW.get(row.get("rate_kind", "percent"))
    return say(row, currency) if say else ""


def limits(row: Mapping[str, Any], currency: str) -> list[str]:
    """Return what a rule's own limits and the distributor's part changed after the rate, in their order.

    The cap on all partners together has a sentence of its own.
    """
    return [
        str(CUTS[cut["reason"]])
        % {
            "limit": numbers.money(cut["limit_minor"], currency),
            "before": numbers.money(cut["before_minor"], currency),
        }
        for cut in row.get("cuts", ())
        if cut["reason"] in CUTS
    ]


def _flat(row: Mapping[str, Any], currency: str) -> str:
    told = {
        "flat": numbers.money(row["flat_minor"], currency),
        "amount": numbers.money(row["uncapped_minor"], currency),
    }
    if row["rate_kind"] == "per_unit":
        return _("%(flat)s per unit: %(amount)s") % told
    return _("%(flat)s per order, this line's part: %(amount)s") % told


def _brackets(row: Mapping[str, Any], currency: str) -> str:
    told = {
        "base": numbers.money(row["base_minor"], currency),
        "before": numbers.money(row["counted_minor"], currency),
        "rate": numbers.percent(row["rate_bp"]),
        "amount": numbers.money(row["uncapped_minor"], currency),
    }
    if row["rate_kind"] == "slab":
        return _("%(base)s after %(before)s in the period, all of it at %(rate)s: %(amount)s") % told
    if row["rate_kind"] == "marginal":
        return _("%(base)s after %(before)s in the period, bracket by bracket up to %(rate)s: %(amount)s") % told
    return _("%(base)s after %(before)s in the period, everything now at %(rate)s: %(amount)s") % told


_HOW: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "per_unit": _flat,
    "per_order": _flat,
    "slab": _brackets,
    "marginal": _brackets,
    "retroactive": _brackets,
}


def _between(name: str) -> str:
    return ", " if name == "actual" else _(" or ")


def _words(value: Any, labels: Mapping[str, Any], between: str) -> str:
    if isinstance(value, list | tuple):
        return between.join(str(labels.get(one, one)) for one in value) or _("none")
    return str(value)
