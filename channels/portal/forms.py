"""Filters of the lists, and the form of a partner link."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from channels.commissions.models import Rail, Statement
from channels.journeys.services import codes
from channels.portal.selectors.orders import OrderFilter
from channels.portal.wording import STATES, TYPES
from channels.tries import TooManyTries, is_password_of

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


def day_field(label: Any, **values: Any) -> forms.DateField:
    """Return an optional day, far enough from the ends of the calendar to compute with."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "control"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        **values,
    )


class OrderFilterForm(forms.Form):
    """Narrows the credited orders. A value that cannot be is told of and not used."""

    q = forms.CharField(label=_("Order number"), required=False, max_length=100, strip=True)
    type = forms.ChoiceField(label=_("Type"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    customer = forms.TypedChoiceField(label=_("Customer"), required=False, coerce=int, empty_value=None)
    since = day_field(_("Placed from"))
    until = day_field(_("Placed until"))

    def __init__(self, *args: Any, customers: list[tuple[int, str]] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(code, label) for code, (label, _tone) in STATES.items()]
        self._choose("type", _("All types"), TYPES.items())
        self._choose("state", _("All states"), states)
        if customers is None:
            del self.fields["customer"]
        else:
            self._choose("customer", _("All customers"), customers)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "control")

    def _choose(self, name: str, every: Any, options: Iterable[tuple[Any, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [("", every), *options]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This is before the first day."))
        return cleaned

    def wanted(self) -> OrderFilter:
        """Return the filter of what is valid; the last day is included."""
        self.is_valid()
        values = self.cleaned_data
        since, until = values.get("since"), values.get("until")
        return OrderFilter(
            query=values.get("q", ""),
            type=values.get("type", ""),
            state=values.get("state", ""),
            company_id=values.get("customer"),
            placed_from=datetime.combine(since, time.min, tzinfo=UTC) if since else None,
            placed_before=datetime.combine(until + timedelta(days=1), time.min, tzinfo=UTC) if until else None,
        )


class PayoutDetailsForm(forms.Form):
    """Where the money goes; whoever changes it shows once more who they are."""

    rail = forms.ChoiceField(label=_("How you want to be paid"), widget=forms.RadioSelect)
    iban = forms.CharField(
        label=_("IBAN"),
        max_length=42,
        required=False,
        help_text=_("Of your company's account, such as NO93 8601 1117 947."),
    )
    holder = forms.CharField(
        label=_("Account holder"), max_length=70, required=False, help_text=_("As the bank knows your company.")
    )
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput, help_text=_("To make sure that it is you.")
    )

    def __init__(self, *args: Any, rails: Iterable[str], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.is_blocked = user, False
        offered = set(rails)
        cast("forms.ChoiceField", self.fields["rail"]).choices = [
            (value, label) for value, label in Rail.choices if value in offered
        ]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            is_right = is_password_of(self.user, password)
        except TooManyTries as error:
            self.is_blocked = True
            raise forms.ValidationError(
                _("Too many wrong passwords. Nothing was changed. Wait a quarter of an hour, then try again.")
            ) from error
        if not is_right:
            raise forms.ValidationError(_("This is not your password."))
        return password


class LinkForm(forms.Form):
    """A new partner link. What the service refuses is told beside its field."""

    label = forms.CharField(
        label=_("What is it for?"), max_length=100, help_text=_("For you alone, such as “Newsletter, March”.")
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The end of the link: small letters, digits, hyphens. It cannot be changed once it is printed."),
    )
    landing_path = forms.CharField(
        label=_("Landing page"),
        max_length=200,
        initial="/",
        help_text=_("Where the visitor arrives: a page of this shop, such as /catalogue/."),
    )
    campaign = forms.CharField(
        label=_("Campaign"), max_length=60, required=False, help_text=_("Groups links of one action in your reports.")
    )
    expires_on = day_field(_("Last day"), help_text=_("Leave it empty for a link without an end."))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "control")
        self.fields["code"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if not codes.PATTERN.fullmatch(code):
            raise forms.ValidationError(
                _("Use letters a to z, digits, hyphens and underscores; start with a letter or digit.")
            )
        return code

    def clean_landing_path(self) -> str:
        path: str = self.cleaned_data["landing_path"]
        if not codes.is_safe_path(path):
            raise forms.ValidationError(_("Give a page of this shop that starts with /, and is not a partner link."))
        return path

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day and day < self.now.date():
            raise forms.ValidationError(_("This day has passed."))
        return day

    def expires_at(self) -> datetime | None:
        """Return the first moment at which the link no longer works: the last day counts."""
        day: date | None = self.cleaned_data["expires_on"]
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC) if day else None


class StatementFilterForm(forms.Form):
    """Narrows the statements to a year, a currency or a state."""

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, own: QuerySet[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = sorted(set(own.order_by().values_list("period_start__year", "currency")))
        years = sorted({year for year, _currency in rows}, reverse=True)
        options: dict[str, Iterable[tuple[Any, Any]]] = {
            "year": [(year, year) for year in years],
            "currency": [(code, code) for code in sorted({currency for _year, currency in rows})],
            "state": Statement.State.choices,
        }
        for name, choices in options.items():
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [("", _("All")), *choices]
            field.widget.attrs["class"] = "control"

    def wanted(self) -> dict[str, Any]:
        """Return lookups for what was asked and can be."""
        self.is_valid()
        found = self.cleaned_data
        return {
            "period_start__year": found.get("year"), "currency": found.get("currency"), "state": found.get("state"),
        }  # fmt: skip


class MovementFilterForm(forms.Form):
    """Narrows the movements of one statement."""

    q = forms.CharField(label=_("Order number"), required=False, max_length=100, strip=True)
    kind = forms.ChoiceField(label=_("Movement"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", _("All")), *kinds]
        for field in self.fields.values():
            field.widget.attrs["class"] = "control"

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {"kind": self.cleaned_data.get("kind", ""), "query": self.cleaned_data.get("q", "")}
