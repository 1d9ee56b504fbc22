"""What we agree with a company: how it pays, and the terms and tax profile of each location. Inside the Wagtail admin."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.companies.models import Company, Location
from shop.companies.services import places
from shop.operations.back_office import StaffTemplate


def offer_sales_reps(field: Any) -> None:
    """Let a form choose among our staff, by name."""
    field.queryset = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("first_name", "email")
    field.label_from_instance = lambda user: user.get_full_name() or user.email


class TermsForm(forms.ModelForm):
    """`payment_methods` with none chosen is every method."""

    payment_methods = forms.MultipleChoiceField(
        label=gettext_lazy("Payment methods"),
        choices=Company.PaymentMethod.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all."),
    )

    class Meta:
        model = Company
        fields = ("payment_terms_days", "payment_methods", "po_required", "po_pattern", "sales_rep")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sales_reps(self.fields["sales_rep"])


LocationTerms = forms.modelformset_factory(Location, fields=("payment_terms_days", "tax_profile"), extra=0)


class TermsView(StaffTemplate):
    permission_required = ("shop_companies.view_company", "shop_companies.change_company")
    parent = ("companies", gettext_lazy("Companies"))
    header_icon = "user"
    template_name = "shop/companies/terms.html"

    @cached_property
    def company(self) -> Company:
        return get_object_or_404(Company, pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Terms of %(company)s") % {"company": self.company.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filled = {"form": TermsForm(instance=self.company), "rows": self.locations()} if "form" not in kwargs else {}
        return {**super().get_context_data(**kwargs), **filled, "company": self.company}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form, rows = TermsForm(request.POST, instance=self.company), self.locations(request.POST)
        if not form.is_valid() or not rows.is_valid():
            return self.render_to_response(self.get_context_data(form=form, rows=rows), status=422)
        if any(row.instance.company_id != self.company.pk for row in rows):  # a formset takes any row's id
            raise Http404
        places.save_terms(
            company=form.save(commit=False), locations=rows.save(commit=False), at=timezone.now(), actor=request.user
        )
        messages.success(request, _("Saved."))
        return redirect("company_terms", pk=pk)

    def locations(self, data: Any = None) -> Any:
        return LocationTerms(data, queryset=Location.objects.filter(company=self.company))
