"""The store looked at as a company, or as a visitor about whom nothing is known."""

from typing import Any

from django import forms
from django.utils import timezone

from shop.operations.back_office import StaffTemplate
from shop.segments.selectors import NOBODY, Audience, audience_of


class CustomerView(StaffTemplate):
    """A page that asks in its address whose view to look at; the form has a field `company`."""

    form_class: type[forms.Form]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form_class(self.request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        company = asked.get("company")
        audience = audience_of(str(company.key), at=timezone.now()) if company else NOBODY
        found = {**asked, **self.found(asked, audience)}
        return super().get_context_data(filter_form=form, **found, **kwargs)

    def found(self, asked: dict[str, Any], audience: Audience) -> dict[str, Any]:
        """Return what the page shows of what the clean form asks; {} is asked of a form that is wrong."""
        raise NotImplementedError
