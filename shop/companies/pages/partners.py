"""The partner of record, and what each partner learns and may do."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels import api
from channels.contracts import SharingLevel
from shop.companies.capabilities import Capability
from shop.companies.pages.base import CompanyPage

LEVELS = (
    (SharingLevel.QUOTAS, gettext_lazy("Nothing by name: numbers only")),
    (SharingLevel.TRANSACTIONS, gettext_lazy("Our name, order totals and renewal dates")),
    (SharingLevel.FULL, gettext_lazy("Everything that their agreement with the shop shows")),
)


class ChangePartnerForm(forms.Form):
    partner = forms.ChoiceField(label=gettext_lazy("New partner"))
    effective_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}), localize=False
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["partner"].choices = [("", _("Choose a partner")), *choices]  # type: ignore[attr-defined]
        self.fields["effective_on"].initial = today

    def clean_effective_on(self) -> Any:
        day = self.cleaned_data["effective_on"]
        if day < self.today:
            raise forms.ValidationError(_("Choose today or a later day: what was earned until now stays as it is."))
        return day


class SharingForm(forms.Form):
    level = forms.TypedChoiceField(label=gettext_lazy("The partner sees"), choices=LEVELS, coerce=int)
    is_told = forms.BooleanField(label=gettext_lazy("Tell the partner of our orders"), required=False)
    may_order = forms.BooleanField(label=gettext_lazy("The partner may order for us"), required=False)


class PartnersPage(CompanyPage):
    """Who stands for the company, the wish to change it, and the consent given to each partner."""

    capability = Capability.MANAGE_COMPANY
    section = "company-partners"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.partners_page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if "withdraw" in request.POST:
            api.withdraw_partner_change(company_key=self.key, at=now, actor=self.actor)
            messages.success(request, _("Your wish is withdrawn. Everything stays as it is."))
            return redirect("customer:company-partners")
        form = self.form(request.POST)
        if not form.is_valid():
            return self.partners_page(form, status=422)
        api.request_partner_change(
            company_key=self.key,
            partner_code=form.cleaned_data["partner"],
            effective_on=form.cleaned_data["effective_on"],
            at=now,
            actor=self.actor,
        )
        messages.success(request, _("We asked the partner. You get an e-mail with the answer."))
        return redirect("customer:company-partners")

    @property
    def key(self) -> str:
        return str(self.company.key)

    def form(self, data: Any = None) -> ChangePartnerForm:
        found = api.partner_choices(
            company_key=self.key, country=self.company.country, product_classes=frozenset(), at=timezone.now()
        )
        choices = [(choice.card.code, choice.card.name) for choice in found if not choice.is_partner_of_record]
        return ChangePartnerForm(data, choices=choices, today=timezone.localdate())

    def partners_page(self, form: ChangePartnerForm, *, status: int = 200) -> HttpResponse:
        now = timezone.now()
        return self.page(
            "partners",
            _("Partners"),
            status=status,
            of_record=api.partner_of_record(company_key=self.key, at=now),
            wish=api.partner_change(company_key=self.key),
            sharing=[
                (consent, SharingForm(initial=asdict(consent), auto_id=f"id_{consent.partner_code}_%s"))
                for consent in api.sharing_of(company_key=self.key, at=now)
            ],
            form=form,
        )


class SharingView(CompanyPage):
    """Set what one partner learns and may do."""

    capability = Capability.MANAGE_COMPANY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        now, key = timezone.now(), str(self.company.key)
        if code not in {consent.partner_code for consent in api.sharing_of(company_key=key, at=now)}:
            raise Http404
        form = SharingForm(request.POST)
        if form.is_valid():
            api.set_sharing(company_key=key, partner_code=code, at=now, actor=self.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("Choose what the partner sees."))
        return redirect("customer:company-partners")
