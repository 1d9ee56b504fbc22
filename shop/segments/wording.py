"""Rules read aloud."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from oscar.apps.address.models import Country
from oscar.templatetags.currency_filters import currency as money

from channels import api
from channels.contracts import from_minor
from shop.companies.models import Company
from shop.segments.engine.conditions import Conditions
from shop.segments.models import Level, SiteMode, VisibilityRule

CHANNELS: dict[str, str | Promise] = {
    "direct": gettext_lazy("buy directly from us"),
    "reseller": gettext_lazy("have a partner of record"),
}
ACQUISITIONS: dict[str, str | Promise] = {
    "direct": gettext_lazy("placed their first order directly"),
    "reseller": gettext_lazy("placed their first order through a reseller"),
}
MODES: dict[str, str | Promise] = {
    SiteMode.INFORM: gettext_lazy(
        "The store shows what there is. Nothing can be ordered here; the buyer is told to ask us."
    ),
    SiteMode.INFLUENCE: gettext_lazy(
        "The store sends the buyer to a reseller. Orders go through one; none is placed directly."
    ),
    SiteMode.FACILITATE: gettext_lazy("Resellers come first; a direct order is possible."),
    SiteMode.SELL: gettext_lazy("The buyer orders directly, or through a reseller."),
}


def rule_sentences(rules: Sequence[Conditions]) -> list[str]:
    """Return what each rule of a group asks, in one sentence; two queries at most for all of them."""
    codes = {code for rule in rules for code in rule.countries}
    countries = dict(Country.objects.filter(pk__in=codes).values_list("pk", "printable_name")) if codes else {}
    partners = {card.code: card.name for card in api.directory()} if any(rule.partner for rule in rules) else {}
    return [_sentence(list(_parts(rule, countries, partners))) for rule in rules]


def _sentence(parts: Sequence[str]) -> str:
    if not parts:
        return _("Companies are put in by hand.")
    return _("Companies that %(conditions)s.") % {"conditions": _(", and ").join(parts)}


def _parts(asked: Conditions, countries: Mapping[str, str], partners: Mapping[str, str]) -> Iterable[str]:
    if asked.countries:
        yield _("are in %s") % _any_of(countries.get(code, code) for code in asked.countries)
    if asked.segments:
        yield _("belong to the segment %s") % _any_of(asked.segments)
    if asked.statuses:
        labels = dict(Company.Status.choices)
        yield _("have the status “%s”") % _any_of(str(labels[status]) for status in asked.statuses)
    if asked.acquired:
        yield str(ACQUISITIONS[asked.acquired])
    if asked.spent_minor:
        amount = from_minor(asked.spent_minor, settings.OSCAR_DEFAULT_CURRENCY)
        yield ngettext(
            "ordered for at least %(amount)s in the last month",
            "ordered for at least %(amount)s in the last %(months)d months",
            asked.spent_months,
        ) % {"amount": money(amount, settings.OSCAR_DEFAULT_CURRENCY), "months": asked.spent_months}
    if asked.channel:
        yield str(CHANNELS[asked.channel])
    if asked.partner:
        yield _("have %s as their partner of record") % partners.get(asked.partner, asked.partner)
    if asked.registered_from:
        yield _("registered on or after %s") % date_format(asked.registered_from, "j F Y")


def _any_of(words: Iterable[str]) -> str:
    return _(" or ").join(words)


def visibility_sentence(rule: VisibilityRule) -> str:
    """Return what a visibility rule does, in one sentence."""
    subject = rule.product.get_title() if rule.product else _("everything in “%s”") % rule.category.name  # type: ignore[union-attr]
    text = (
        _("%(audience)s see %(subject)s.")
        if rule.effect == rule.Effect.SHOW
        else _("%(audience)s do not see %(subject)s.")
    )
    return text % {"audience": audience_name(rule), "subject": subject}


def audience_name(rule: VisibilityRule) -> str:
    if rule.level == Level.COMPANY and rule.company:
        return _("People of %s") % rule.company.name
    if rule.level == Level.GROUP and rule.group:
        return _("Companies in “%s”") % rule.group.name
    if rule.level == Level.CHANNEL:
        return _("Companies that %s") % CHANNELS[rule.channel]
    if rule.level == Level.COUNTRY:
        return _("Companies in %s") % rule.country
    return _("All visitors")


def refusal(mode: str) -> str:
    """Return why an order cannot be placed like this, and what to do instead; '' where everything can be ordered."""
    if mode == SiteMode.INFORM:
        return _("Nothing can be ordered in this store for your market. Ask us, and we tell you who can help.")
    if mode == SiteMode.INFLUENCE:
        return _("In your market we sell through resellers. Choose one to order.")
    return ""
