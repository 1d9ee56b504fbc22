"""The attribution policy as a form: every term a field, every mistake at its field, and what changed in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop

from channels.core.roles import Role
from channels.core.terms import TermsError
from channels.journeys.engine.models import MODELS
from channels.journeys.engine.policy import SITE_MODES, PolicyTerms
from channels.journeys.selectors import wording

# The roles that a touch may have; the others are given by a step of the precedence.
WEIGHED_ROLES = (Role.SOURCER, Role.INFLUENCER, Role.ADVISOR, Role.IMPLEMENTER, Role.CLOSER)
DAYS: dict[str, Any] = {"min_value": 1, "max_value": 3650}
PERCENT: dict[str, Any] = {"min_value": 0, "max_value": 100, "decimal_places": 2}
# Terms that the form shows as a percentage -> field
PERCENT_FIELDS = {
    "position_first_bp": "position_first",
    "position_last_bp": "position_last",
    "pick_share_bp": "pick_share",
}
PLAIN_FIELDS = (
    "window_days",
    "model",
    "half_life_days",
    "influence_pool",
    "incumbent",
    "house_order",
    "auto_steward",
)
MODEL_NOTES = {
    "first": noop("All to the touch that came first."),
    "last": noop("All to the touch that came last."),
    "last-non-direct": noop("All to the last touch of a partner, even when a direct visit came after it."),
    "linear": noop("The same for every touch."),
    "linear-distinct": noop("The same for every partner, however often it touched."),
    "position": noop("The ends get the shares below, the touches between them share the rest."),
    "time-decay": noop("A touch counts half as much as one that came a half-life later."),
    "w-shape": noop("30 % each to the first touch, the lead and the deal; the others share 10 %."),
    "role": noop("Each role has the weight below, shared by the partners in it."),
}


class DomainsField(forms.CharField):
    """Domains, one per line or separated by commas or spaces."""

    widget = forms.Textarea(attrs={"rows": 5})
    DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")

    def clean(self, value: Any) -> list[str]:
        words = [word.lower() for word in re.split(r"[,;\s]+", super().clean(value) or "") if word]
        wrong = [word for word in words if not self.DOMAIN.fullmatch(word)]
        if wrong:
            raise forms.ValidationError(_("Not a domain: %s. Write it like example.com.") % ", ".join(wrong[:5]))
        return sorted(set(words))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


def _mode_field(label: Any) -> forms.ChoiceField:
    choices = [(name, wording.MODELS[name]) for name in MODELS if name in wording.MODELS]
    return forms.ChoiceField(
        label=label, required=False, choices=[("", gettext_lazy("The model above")), *choices], widget=forms.Select
    )


class PolicyForm(forms.Form):
    """`base` holds the terms of the version that the draft starts from, and is compared with."""

    window_days = forms.IntegerField(
        label=gettext_lazy("Window (days)"),
        help_text=gettext_lazy("A touch counts when it is younger than this at the moment of the order."),
        **DAYS,
    )
    model = forms.ChoiceField(
        label=gettext_lazy("Model"),
        choices=[(name, wording.MODELS[name]) for name in MODELS if name in wording.MODELS],
        widget=forms.RadioSelect,
    )
    position_first = forms.DecimalField(label=gettext_lazy("First touch (%)"), **PERCENT)
    position_last = forms.DecimalField(label=gettext_lazy("Last touch (%)"), **PERCENT)
    half_life_days = forms.IntegerField(label=gettext_lazy("Half-life (days)"), **DAYS)
    pick_share = forms.DecimalField(
        label=gettext_lazy("The picked reseller's part of the resale pool (%)"),
        help_text=gettext_lazy("The model shares the rest among the other partners who touched the order."),
        **PERCENT,
    )
    influence_pool = forms.BooleanField(
        label=gettext_lazy("Other partners share an influence pool beside a picked reseller"), required=False
    )
    incumbent = forms.BooleanField(
        label=gettext_lazy("Without a touch, the partner of record is credited"), required=False
    )
    house_order = forms.BooleanField(
        label=gettext_lazy("Without one, the territory's only partner has the house order"), required=False
    )
    auto_steward = forms.BooleanField(
        label=gettext_lazy("Whoever wins a first subscription becomes its renewal steward"), required=False
    )
    free_mail = DomainsField(
        label=gettext_lazy("Free-mail domains"),
        required=False,
        help_text=gettext_lazy("Sharing one of these is no sign that the partner and the customer are the same."),
    )
    mode_inform = _mode_field(gettext_lazy("Where the store only informs"))
    mode_influence = _mode_field(gettext_lazy("Where the store sends buyers to resellers"))
    mode_facilitate = _mode_field(gettext_lazy("Where resellers come first"))
    mode_sell = _mode_field(gettext_lazy("Where the store sells"))
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    SECTIONS = (
        (gettext_lazy("What counts"), ("window_days",)),
        (gettext_lazy("How credit is shared"), ("model", "position_first", "position_last", "half_life_days")),
        (gettext_lazy("Another model by site mode"), tuple(f"mode_{mode}" for mode in SITE_MODES)),
        (gettext_lazy("Weights of the role-weighted model"), tuple(f"role_{role}" for role in WEIGHED_ROLES)),
        (gettext_lazy("When the buyer picks a reseller"), ("pick_share", "influence_pool")),
        (gettext_lazy("When nobody touched the order"), ("incumbent", "house_order")),
        (gettext_lazy("Afterwards"), ("auto_steward", "free_mail")),
        (gettext_lazy("Why"), ("reason",)),
    )

    def __init__(self, *args: Any, base: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = PolicyTerms.from_json(base).to_json()
        for role in WEIGHED_ROLES:
            self.fields[f"role_{role}"] = forms.IntegerField(
                label=f"{wording.role(role)} (%)", min_value=0, max_value=100, required=False
            )

    @classmethod
    def initial_of(cls, terms: Mapping[str, Any]) -> dict[str, Any]:
        full = PolicyTerms.from_json(terms)
        known = full.to_json()
        return {
            **{name: known[name] for name in PLAIN_FIELDS},
            **{field: Decimal(getattr(full, name)) / 100 for name, field in PERCENT_FIELDS.items()},
            **{f"role_{role}": full.role_weights.get(role, 0) for role in WEIGHED_ROLES},
            **{f"mode_{mode}": full.mode_models.get(mode, "") for mode in SITE_MODES},
            "free_mail": sorted(full.free_mail),
        }

    def clean(self) -> dict[str, Any]:
        """Ask the terms themselves, so that the form and every other way in refuse the same things."""
        data = super().clean() or {}
        if not self.errors:
            self.terms = self._terms(data)
            try:
                PolicyTerms.from_json(self.terms)
            except TermsError as error:
                for problem in error.problems:
                    self._place(problem)
        return data

    def _terms(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The form's terms on top of those it does not show."""
        weights = dict(self.base["role_weights"])  # type: ignore[call-overload]
        weights |= {str(role): data[f"role_{role}"] or 0 for role in WEIGHED_ROLES}
        return {
            **self.base,
            **{name: data[name] for name in PLAIN_FIELDS},
            **{name: int(data[field] * 100) for name, field in PERCENT_FIELDS.items()},
            "role_weights": {role: weight for role, weight in weights.items() if weight or role == Role.SOURCER},
            "mode_models": {mode: data[f"mode_{mode}"] for mode in SITE_MODES if data[f"mode_{mode}"]},
            "free_mail": data["free_mail"],
        }

    def _place(self, problem: str) -> None:
        where, _sep, text = problem.partition(": ")
        field = PERCENT_FIELDS.get(where, where)
        if where == "role_weights":
            total = sum(self.cleaned_data.get(f"role_{role}") or 0 for role in WEIGHED_ROLES)
            field = f"role_{WEIGHED_ROLES[0]}"
            text = _("The weights sum to %(total)d. They must sum to 100, or all be 0.") % {"total": total}
        elif where == "position_first_bp":
            text = _("First and last together are above 100 %.")
        self.add_error(field if field in self.fields else None, text)

    def sections(self) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        """The fields in their groups, each with what it is in the version before."""
        before = self.initial_of(self.base)
        for title, names in self.SECTIONS:
            yield (
                title,
                [
                    {"field": self[name], "before": shown(name, before[name]) if name in before else ""}
                    for name in names
                ],
            )

    def model_notes(self) -> list[tuple[str, str]]:
        return [(str(wording.MODELS[name]), _(MODEL_NOTES[name])) for name in MODEL_NOTES]


@dataclass(frozen=True, slots=True)
class Change:
    """One term that two versions differ in."""

    label: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between the terms of two versions, field by field, in the order of the form."""
    form = PolicyForm(base=before)
    old, new = form.initial_of(before), form.initial_of(after)
    return [
        Change(str(form.fields[name].label), shown(name, old[name]), shown(name, new[name]))
        for _title, names in form.SECTIONS
        for name in names
        if name in old and old[name] != new[name]
    ]


def terms_in_words(terms: Mapping[str, Any]) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return all terms of a version by section: (label, value)."""
    form = PolicyForm(base=terms)
    values = form.initial_of(terms)
    return [
        (title, [(str(form.fields[name].label), shown(name, values[name])) for name in names if name in values])
        for title, names in form.SECTIONS
        if any(name in values for name in names)
    ]


def shown(name: str, value: Any) -> str:
    """Return a field's value in words."""
    if name.startswith("mode_") and not value:
        return _("The model above")
    if name == "model" or name.startswith("mode_"):
        label: str | Promise = wording.MODELS.get(value, value)
        return str(label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return str(value)
