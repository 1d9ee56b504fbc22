"""The rules of a programme as sentences that can be read aloud, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rules import BRACKET_KINDS, Rule
from channels.commissions.selectors.rule_words import Words, amounts, any_of, capitalised, listed, percent

WHO: dict[str, str | Promise] = {
    "RESALE": gettext_lazy("resellers"),
    "REFERRAL": gettext_lazy("partners who refer the customer"),
    "INFLUENCE": gettext_lazy("partners who influence the sale"),
    "RENEWAL": gettext_lazy("renewal stewards"),
    "OVERRIDE": gettext_lazy("distributors"),
    "EXPANSION": gettext_lazy("partners who expand a customer"),
    "BONUS": gettext_lazy("partners"),
}
# With kinds named, such as agents; resale and renewals go without saying.
KINDS_OF_TYPE: dict[str, str | Promise] = {
    "REFERRAL": gettext_lazy("%(who)s who refer the customer"),
    "INFLUENCE": gettext_lazy("%(who)s who influence the sale"),
    "EXPANSION": gettext_lazy("%(who)s who expand a customer"),
}
KINDS: dict[str, str | Promise] = {
    "reseller": gettext_lazy("resellers"),
    "var": gettext_lazy("value-added resellers"),
    "distributor": gettext_lazy("distributors"),
    "agent": gettext_lazy("agents"),
    "integrator": gettext_lazy("system integrators"),
    "affiliate": gettext_lazy("referral affiliates"),
}
# What is sold, by the kind of business: with products named, and without.
BUSINESS: dict[str, tuple[str | Promise, str | Promise]] = {
    "any": (gettext_lazy("%(products)s"), gettext_lazy("every sale")),
    "new": (gettext_lazy("new %(products)s"), gettext_lazy("new business")),
    "first": (gettext_lazy("a customer's first purchase of %(products)s"), gettext_lazy("a customer's first purchase")),
    "expansion": (gettext_lazy("additional %(products)s"), gettext_lazy("expansions")),
    "renewal": (gettext_lazy("renewals of %(products)s"), gettext_lazy("renewals")),
}
BASES: dict[str, str | Promise] = {
    "margin": gettext_lazy("%(rate)s of the margin"),
    "uplift": gettext_lazy("%(rate)s of the uplift over the hold-out"),
}
PERIODS: dict[str, str | Promise] = {
    "month": gettext_lazy("in a month"),
    "quarter": gettext_lazy("in a quarter"),
    "year": gettext_lazy("in a year"),
}
BRACKETS: dict[str, str | Promise] = {
    "slab": gettext_lazy("each sale whole at the rate reached %(period)s"),
    "marginal": gettext_lazy("each part at its own rate, counted %(period)s"),
    "retroactive": gettext_lazy("the rate reached also for everything before it %(period)s"),
}
LIMITS: dict[str, str | Promise] = {
    "cap": gettext_lazy("at most %(amount)s %(scope)s"),
    "floor": gettext_lazy("at least %(amount)s %(scope)s"),
}
SCOPES: dict[str, str | Promise] = {
    "line": gettext_lazy("per order line"),
    "order": gettext_lazy("per order"),
    "customer": gettext_lazy("per customer"),
    "month": gettext_lazy("a month"),
    "quarter": gettext_lazy("a quarter"),
    "year": gettext_lazy("a year"),
}
EITHER: dict[str, dict[str, str | Promise]] = {
    "deal_registered": {"yes": gettext_lazy("with a registered deal"), "no": gettext_lazy("without a registered deal")},
    "own_territory": {"yes": gettext_lazy("in their own territory"), "no": gettext_lazy("outside their own territory")},
    "acquired": {
        "direct": gettext_lazy("to customers that we acquired"),
        "partner": gettext_lazy("to customers that a partner acquired"),
    },
}
CHANNELS: dict[str, str | Promise] = {
    "DIRECT": gettext_lazy("bought directly"),
    "RESELLER": gettext_lazy("bought through a reseller"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence, and the rules that it tells, in their order."""

    text: str
    rule_ids: tuple[str, ...]


def sentence(rule: Rule, words: Words | None = None) -> str:
    """Return one rule as a sentence."""
    words = words or Words()
    return _told(_subject(rule, words), [_earning(rule, words)])


def readings(terms: ProgrammeTerms, words: Words | None = None) -> list[Reading]:
    """Return the programme as it is read aloud: rules for the same partners that follow each other are one sentence."""
    words = words or Words()
    found = []
    for subject, rules in groupby(terms.rules, key=lambda rule: _subject(rule, words)):
        group = list(rules)
        found.append(Reading(_told(subject, _earnings(group, words)), tuple(rule.id for rule in group)))
    return found


def _told(subject: str, earnings: Sequence[str]) -> str:
    return _("%(who)s earn %(what)s.") % {"who": capitalised(subject), "what": ", ".join(earnings)}


def _earnings(rules: Sequence[Rule], words: Words) -> list[str]:
    """Return what each rule pays; one that goes on where the one before ends is its "then"."""
    found: list[str] = []
    before: Rule | None = None
    for rule in rules:
        if before is not None and before.duration_months and _goes_on(before, rule):
            found.append(_("then %(rate)s") % {"rate": _rate(rule)})
        else:
            found.append(_earning(rule, words))
        before = rule
    return found


def _goes_on(before: Rule, rule: Rule) -> bool:
    asked = replace(before, id=rule.id, label=rule.label, rate_bp=rule.rate_bp, duration_months=rule.duration_months)
    return asked == rule and rule.duration_months is None and not rule.step_down


def _subject(rule: Rule, words: Words) -> str:
    asked = rule.conditions
    who = str(WHO[rule.type])
    if asked.partner_kinds:
        kinds = listed(str(KINDS.get(kind, kind)) for kind in asked.partner_kinds)
        who = str(KINDS_OF_TYPE.get(rule.type, "%(who)s")) % {"who": kinds}
    if asked.tiers:
        who = _("%(tiers)s %(who)s") % {"tiers": listed(words.tier(tier) for tier in asked.tiers), "who": who}
    if asked.certifications:
        who = _("%(who)s certified for %(what)s") % {"who": who, "what": any_of(asked.certifications)}
    if asked.roles:
        who = _("%(who)s (as %(role)s)") % {"who": who, "role": any_of(words.role(role) for role in asked.roles)}
    return who


def _earning(rule: Rule, words: Words) -> str:
    """Return the rate, on what, when, for how long and within which limits."""
    parts = [_rate(rule), _object(rule, words), *_circumstances(rule, words)]
    text = " ".join(part for part in parts if part)
    for step, until in _steps(rule):
        text = _("%(text)s for %(until)s, then %(rate)s") % {"text": text, "until": until, "rate": step}
    extras = [*_times(rule), *_limits(rule)]
    return _("%(text)s (%(extras)s)") % {"text": text, "extras": "; ".join(extras)} if extras else text


def _rate(rule: Rule) -> str:
    if rule.rate_kind in ("per_unit", "per_order"):
        return amounts(rule.flat_minor)
    if rule.rate_kind in BRACKET_KINDS:
        rates = [percent(rule.brackets[0].rate_bp)] if rule.brackets else []
        rates += [
            _("%(rate)s above %(amount)s") % {"rate": percent(step.rate_bp), "amount": amounts(step.from_minor)}
            for step in rule.brackets[1:]
        ]
        how = str(BRACKETS[rule.rate_kind]) % {"period": str(PERIODS[rule.bracket_period])}
        return _("%(rates)s – %(how)s –") % {"rates": listed(rates), "how": how}
    rate = percent(rule.rate_bp)
    return str(BASES[rule.base]) % {"rate": rate} if rule.base in BASES else rate


def _object(rule: Rule, words: Words) -> str:
    asked = rule.conditions
    named = [words.product_class(slug) for slug in asked.product_classes]
    products = listed(named) if named else ""
    if asked.categories:
        where = any_of(words.category(slug) for slug in asked.categories)
        products = _("%(products)s in %(category)s") % {"products": products or _("products"), "category": where}
    if asked.skus:
        products = _("%(products)s %(skus)s") % {"products": products or _("the products"), "skus": any_of(asked.skus)}
    renews = rule.type == "RENEWAL" and asked.cycle == "any"
    with_products, without = BUSINESS["renewal" if renews else asked.cycle]
    what = str(with_products) % {"products": products} if products else str(without)
    if rule.type == "OVERRIDE":
        what = (
            _("what their resellers sell (%(what)s)") % {"what": what} if products else _("what their resellers sell")
        )
    if rule.rate_kind == "per_unit":
        return _("for each unit of %(what)s") % {"what": what}
    if rule.rate_kind == "per_order":
        return _("for each order with %(what)s") % {"what": what}
    return _("on %(what)s") % {"what": what}


def _circumstances(rule: Rule, words: Words) -> Iterable[str]:
    asked = rule.conditions
    lists: tuple[tuple[Sequence[str], str, Callable[[str], str]], ...] = (
        (asked.countries, _("in %s"), words.country),
        (asked.segments, _("to customers in %s"), words.segment),
        (asked.campaigns, _("from the campaign %s"), str),
    )
    for values, template, word in lists:
        if values:
            yield template % any_of(word(value) for value in values)
    if asked.channels:
        yield any_of(str(CHANNELS[name]) for name in asked.channels)
    for name, told in EITHER.items():
        if getattr(asked, name) != "any":
            yield str(told[getattr(asked, name)])
    yield from _ranges(rule)
    if asked.ordered_from:
        yield _("ordered from %s on") % words.day(asked.ordered_from)
    if asked.ordered_until:
        yield _("ordered before %s") % words.day(asked.ordered_until)
    if asked.steward_accepted:
        yield _("if the steward accepted the customer")
    if asked.activity_days:
        yield ngettext(
            "if active at the customer within the last %(n)d day", "if active at the customer within the last %(n)d days",
            asked.activity_days,
        ) % {"n": asked.activity_days}  # fmt: skip


def _ranges(rule: Rule) -> Iterable[str]:
    asked = rule.conditions
    if asked.min_term_months:
        yield _("with a term of at least %d months") % asked.min_term_months
    if asked.max_term_months is not None:
        yield _("with a term of at most %d months") % asked.max_term_months
    if asked.min_quantity:
        yield _("in quantities of at least %d") % asked.min_quantity
    if asked.max_quantity is not None:
        yield _("in quantities of at most %d") % asked.max_quantity


def _steps(rule: Rule) -> Iterable[tuple[str, str]]:
    for step in rule.step_down:
        yield percent(step.rate_bp), _months(step.after_months)
    if rule.duration_months and rule.step_down:
        yield _("nothing"), _months(rule.duration_months)


def _times(rule: Rule) -> Iterable[str]:
    if rule.duration_months and not rule.step_down:
        yield _("for %s from the customer's first order") % _months(rule.duration_months)
    if rule.first_sale_only:
        yield _("first sale only")
    if rule.renewal_rate == "frozen":
        yield _("at the rate of the day on which the customer first bought")


def _limits(rule: Rule) -> Iterable[str]:
    for limit in rule.limits:
        yield str(LIMITS[limit.kind]) % {"amount": amounts(limit.amount_minor), "scope": str(SCOPES[limit.per])}


def _months(number: int) -> str:
    return ngettext("%(n)d month", "%(n)d months", number) % {"n": number}


def general(terms: ProgrammeTerms) -> list[str]:
    """Return what holds for all rules: cap, override, holds, renewals, the least that is paid."""
    found = []
    if terms.total_cap_bp is not None:
        found.append(_("All partners together earn at most %s of an order line.") % percent(terms.total_cap_bp))
    if terms.override == "inside":
        found.append(_("A distributor's part is taken out of what its resellers earn."))
    held = {"days": terms.hold_days, "window": terms.return_window_days}
    found.append(
        _("Commission is held for %(days)d days after payment, and until %(window)d days after delivery.") % held
    )
    if terms.win_back_days is not None:
        found.append(_("A renewal that comes %d days late or later is new business.") % terms.win_back_days)
    if terms.steward_change == "by_days":
        found.append(_("When the renewal steward changes, the term is shared by days."))
    if terms.holdout_bp:
        found.append(
            _("%s of the customers are renewed without a steward, for comparison.") % percent(terms.holdout_bp)
        )
    found += _least(terms.minimum_payable_minor)
    return found


def _least(minimum: Mapping[str, int]) -> list[str]:
    if not any(minimum.values()):
        return []
    return [_("Less than %s is not paid out but carried over.") % amounts(minimum)]
