"""The form of one rule: every field of the engine's Rule by name, in the desk's words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.commissions.engine.facts import RULE_TYPES
from channels.commissions.engine.rules import Rule
from channels.contracts import Vocabulary
from channels.core.terms import TermsReader
from channels.desk.forms import DayInput
from channels.desk.rule_fields import AmountsField, BracketRows, LimitRows, PercentField, StepRows, WordsField
from channels.journeys.selectors import wording
from channels.partners.models import ChannelPartner

TYPES = {
    "RESALE": _("Resale"), "REFERRAL": _("Referral"), "INFLUENCE": _("Influence"), "RENEWAL": _("Renewal"),
    "OVERRIDE": _("Distributor override"), "EXPANSION": _("Expansion"), "BONUS": _("Bonus"),
}  # fmt: skip
EITHER = [("any", _("either")), ("yes", _("yes")), ("no", _("no"))]
CYCLES = [
    ("any", _("all business")), ("new", _("new business")), ("first", _("the customer's first purchase")),
    ("expansion", _("expansions")), ("renewal", _("renewals")),
]  # fmt: skip
RATE_KINDS = [
    ("percent", _("a percentage")), ("per_unit", _("an amount per unit")), ("per_order", _("an amount per order")),
    ("slab", _("brackets: the whole sale at the rate reached")),
    ("marginal", _("brackets: each part at its own rate")),
    ("retroactive", _("brackets: the rate reached, also for what came before")),
]  # fmt: skip
BASES = [("net", _("the net amount")), ("margin", _("the margin")), ("uplift", _("the uplift over the hold-out"))]
PERIODS = [("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))]
LISTS = (
    "product_classes", "categories", "skus", "segments", "partner_kinds", "tiers", "roles", "certifications", "channels",
    "countries", "campaigns",
)  # fmt: skip
SECTIONS: tuple[tuple[str, Any, tuple[str, ...], bool], ...] = (
    ("who", _("Who earns"), ("type", "tiers", "partner_kinds", "roles", "certifications"), True),
    ("what", _("On what"), ("cycle", "product_classes", "categories", "skus"), True),
    ("rate", _("How much"), ("rate_kind", "rate_bp", "base", "flat_minor"), True),
    (
        "where",
        _("Only where and when"),
        (
            "countries", "segments", "channels", "campaigns", "acquired", "deal_registered", "own_territory",
            "min_term_months", "max_term_months", "min_quantity", "max_quantity", "ordered_from", "ordered_until",
            "steward_accepted", "activity_days",
        ),
        False,
    ),
    ("time", _("For how long"), ("duration_months", "first_sale_only", "renewal_rate"), False),
)  # fmt: skip


def _boxes(label: Any, choices: Sequence[tuple[str, Any]] = (), **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **kwargs
    )


def _number(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, **{"min_value": 0, "max_value": 1_000_000, **kwargs})


class RuleForm(forms.Form):
    """Reads a rule's JSON and writes it back; what the engine finds wrong is said at the field it is about."""

    label = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What partners read on their statements, such as: Gold resellers.")
    )
    type = forms.ChoiceField(label=_("Commission"), choices=[(name.value, TYPES[name.value]) for name in RULE_TYPES])
    tiers = _boxes(_("Tiers (none: all)"), ChannelPartner.Tier.choices)
    partner_kinds = _boxes(_("Partner types (none: all)"), ChannelPartner.Kind.choices)
    roles = _boxes(_("Credited as (none: any role)"), list(wording.ROLES.items()))
    certifications = WordsField(label=_("Certified for"), required=False, help_text=_("Any of these, with commas."))
    cycle = forms.ChoiceField(label=_("Business"), choices=CYCLES)
    product_classes = _boxes(_("Products (none: all)"))
    categories = forms.MultipleChoiceField(label=_("Categories (none: all)"), required=False)
    skus = WordsField(label=_("Article numbers"), required=False, help_text=_("Only these, with commas. Empty: all."))
    rate_kind = forms.ChoiceField(label=_("Paid as"), choices=RATE_KINDS)
    rate_bp = PercentField(label=_("Rate (%)"), required=False)
    base = forms.ChoiceField(label=_("Of"), choices=BASES)
    bracket_period = forms.ChoiceField(label=_("Brackets count sales per"), choices=PERIODS, initial="year")
    countries = forms.MultipleChoiceField(label=_("Countries (none: all)"), required=False)
    segments = WordsField(label=_("Customer segments"), required=False)
    channels = _boxes(_("Bought"), [("DIRECT", _("directly")), ("RESELLER", _("through a reseller"))])
    campaigns = WordsField(label=_("Campaigns"), required=False)
    acquired = forms.ChoiceField(
        label=_("Customer acquired by"),
        choices=[("any", _("anybody")), ("direct", _("us")), ("partner", _("a partner"))],
    )
    deal_registered = forms.ChoiceField(label=_("Registered deal"), choices=EITHER)
    own_territory = forms.ChoiceField(label=_("In the partner's own territory"), choices=EITHER)
    min_term_months = _number(_("Shortest contract term (months)"))
    max_term_months = _number(_("Longest contract term (months)"))
    min_quantity = _number(_("Smallest quantity"))
    max_quantity = _number(_("Largest quantity"), min_value=1)
    ordered_from = forms.DateField(label=_("Ordered from"), required=False, widget=DayInput)
    ordered_until = forms.DateField(label=_("Ordered before"), required=False, widget=DayInput)
    steward_accepted = forms.BooleanField(label=_("Only if the steward accepted the customer"), required=False)
    activity_days = _number(_("Only if active at the customer within so many days"), max_value=3650)
    duration_months = _number(_("Months from the customer's first order"), min_value=1, help_text=_("Empty: for ever."))
    first_sale_only = forms.BooleanField(label=_("First sale only"), required=False)
    renewal_rate = forms.ChoiceField(
        label=_("Rate of renewals"),
        choices=[
            ("current", _("of the day of renewal")),
            ("frozen", _("of the day on which the customer first bought")),
        ],
    )

    def __init__(
        self,
        data: Any = None,
        *,
        rule: Mapping[str, Any],
        known: Vocabulary,
        currencies: Sequence[str],
        segments: Sequence[str] = (),
    ) -> None:
        asked = rule.get("conditions", {})
        super().__init__(data, initial={**_defaults(), **rule, **asked})
        self.rule = rule
        self.fields["flat_minor"] = AmountsField(label=_("Amount"), currencies=currencies)
        self._offer("product_classes", known.product_classes, asked)
        self._offer("categories", known.categories, asked)
        self._offer("countries", known.countries, asked)
        if segments:
            self.fields["segments"].help_text = _("Such as: %s") % ", ".join(segments[:12])
        rows = {"currencies": currencies}
        self.brackets = BracketRows(data, prefix="brackets", initial=rule.get("brackets", ()), form_kwargs=rows)
        self.steps = StepRows(data, prefix="steps", initial=rule.get("step_down", ()))
        self.limits = LimitRows(data, prefix="limits", initial=rule.get("limits", ()), form_kwargs=rows)

    def _offer(self, name: str, pairs: Sequence[tuple[str, str]], asked: Mapping[str, Any]) -> None:
        """Offer what the store sells, and what the rule names already even if the store has it no more."""
        known = dict(pairs)
        field = cast("forms.MultipleChoiceField", self.fields[name])
        field.choices = [*pairs, *((code, code) for code in asked.get(name, ()) if code not in known)]

    def sections(self) -> list[dict[str, Any]]:
        """Return the fields in groups; one that says nothing starts closed."""
        groups = []
        for name, title, fields, is_open in SECTIONS:
            said = any(self[field].errors or self._says(field) for field in fields)
            groups.append({
                "name": name, "title": title, "fields": [self[field] for field in fields], "open": is_open or said,
            })  # fmt: skip
        return groups

    def _says(self, field: str) -> bool:
        value = self[field].value()
        return value not in (None, "", [], (), False, "False", "any", "current", 0, "0")

    def is_valid(self) -> bool:
        rows = [self.brackets.is_valid(), self.steps.is_valid(), self.limits.is_valid()]
        if not (super().is_valid() and all(rows)):
            return False
        reader = TermsReader(self.rule_json())
        Rule.read(reader)
        for problem in reader.problems:
            path, _colon, text = problem.partition(": ")
            name = re.split(r"[.\[]", path.removeprefix("conditions."))[0]
            self.add_error(name if name in self.fields else None, _sentence(name, text))
        return not self.errors

    def rule_json(self) -> dict[str, Any]:
        """Return the rule as the form has it, with only what its kind of rate reads."""
        data = self.cleaned_data
        conditions = {name: data[name] for name in LISTS if data[name]}
        for name in ("cycle", "acquired", "deal_registered", "own_territory"):
            if data[name] != "any":
                conditions[name] = data[name]
        for name in ("min_term_months", "min_quantity", "activity_days", "steward_accepted"):
            if data[name]:
                conditions[name] = data[name]
        for name in ("max_term_months", "max_quantity"):
            if data[name] is not None:
                conditions[name] = data[name]
        for name in ("ordered_from", "ordered_until"):
            if data[name]:
                conditions[name] = data[name].isoformat()
        return {
            "id": self.rule.get("id", "new"),
            **{name: data[name] for name in ("type", "label", "base", "rate_kind", "duration_months", "renewal_rate")},
            "first_sale_only": data["first_sale_only"],
            "conditions": conditions,
            "limits": _rows(self.limits),
            **self._rate(data),
        }

    def _rate(self, data: Mapping[str, Any]) -> dict[str, Any]:
        kind = data["rate_kind"]
        if kind in ("per_unit", "per_order"):
            return {"rate_bp": 0, "flat_minor": data["flat_minor"]}
        if kind != "percent":
            return {"rate_bp": 0, "brackets": _rows(self.brackets), "bracket_period": data["bracket_period"]}
        return {"rate_bp": data["rate_bp"], "step_down": _rows(self.steps)}


def _rows(rows: Any) -> list[dict[str, Any]]:
    return [dict(row.cleaned_data) for row in rows if row.cleaned_data and not row.is_blank()]


def _defaults() -> dict[str, Any]:
    return {
        "type": "RESALE", "cycle": "any", "rate_kind": "percent", "base": "net", "bracket_period": "year",
        "acquired": "any", "deal_registered": "any", "own_territory": "any", "renewal_rate": "current",
    }  # fmt: skip


TOLD = {
    ("rate_bp", "is missing"): _("Write the rate."),
    ("flat_minor", "is missing"): _("Write an amount in at least one currency."),
    ("brackets", "are missing"): _("Brackets need at least one row: a rate from 0 on."),
    ("brackets", "must each name the same currencies"): _("Each bracket needs an amount in the same currencies."),
    ("step_down", "must come in the order of their months"): _("Steps come in the order of their months."),
    ("limits", "say the same twice"): _("Two limits say the same: keep one."),
    ("ordered_until", "must be after ordered_from"): _("The end comes after the beginning."),
    ("max_term_months", "is below min_term_months"): _("The longest term is below the shortest."),
    ("max_quantity", "is below min_quantity"): _("The largest quantity is below the smallest."),
    ("base", "uplift is for a RENEWAL rule"): _("An uplift is paid on renewals only."),
    ("renewal_rate", "frozen is for a RENEWAL rule of the rate kind percent"): _(
        "A kept rate is for a percentage on renewals."
    ),
}


def _sentence(name: str, text: str) -> Any:
    if text.startswith("must start at 0 and rise"):
        return _("Brackets start at 0 and rise from row to row.")
    return TOLD.get((name, text), f"{name.replace('_', ' ').capitalize()} {text}.")
