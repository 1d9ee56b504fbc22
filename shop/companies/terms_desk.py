"""What we agree with a company: how it pays, and the terms and tax profile of each location. Inside the Wagtail admin."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.companies.models import Company, Location
from shop.companies.services import places


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


class TermsView(PermissionRequiredMixin, View):
    permission_required = ("shop_companies.view_company", "shop_companies.change_company")
    raise_exception = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=pk)
        return self.page(company, TermsForm(instance=company), self.locations(company))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=pk)
        form, rows = TermsForm(request.POST, instance=company), self.locations(company, request.POST)
        if not form.is_valid() or not rows.is_valid():
            return self.page(company, form, rows, status=422)
        if any(row.instance.company_id != company.pk for row in rows):  # a formset takes any row's id
            raise Http404
        places.save_terms(
            company=form.save(commit=False), locations=rows.save(commit=False), at=timezone.now(), actor=request.user
        )
        messages.success(request, _("Saved."))
        return redirect("company_terms", pk=pk)

    def locations(self, company: Company, data: Any = None) -> Any:
        return LocationTerms(data, queryset=Location.objects.filter(company=company))

    def page(self, company: Company, form: TermsForm, rows: Any, *, status: int = 200) -> HttpResponse:
        context = {"company": company, "form": form, "rows": rows}
        return render(self.request, "shop/companies/terms.html", context, status=status)
