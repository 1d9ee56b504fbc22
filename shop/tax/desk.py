"""Taxes in the Wagtail admin: certificates to look at, rates, the seller and its registrations."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffOnly, StaffTemplate
from shop.tax import forms, selectors
from shop.tax.models import ExemptionCertificate, ProductRate, Registration, Seller, TaxRate
from shop.tax.pages import file_response
from shop.tax.services import certificates, rates

QUEUE = ("exemption_certificates", gettext_lazy("Exemption certificates"))
RATES = ("tax_rates", gettext_lazy("Tax rates"))
SELLER = ("tax_seller", gettext_lazy("Seller"))
SEE, DECIDE = "shop_tax.view_exemptioncertificate", "shop_tax.change_exemptioncertificate"


class CertificateQueue(StaffList):
    """Certificates in a state; those that wait, the oldest first, unless another is asked for."""

    permission_required = SEE
    act_permission = DECIDE
    template_name = "shop/tax/certificates.html"
    page_title = gettext_lazy("Exemption certificates")
    header_icon = "doc-full"
    filter_form = forms.CertificateFilter
    filter_defaults = {"state": ExemptionCertificate.State.WAITING}

    def rows(self, **wanted: Any) -> QuerySet[ExemptionCertificate]:
        return selectors.certificate_queue(**wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "today": timezone.localdate()}


class CertificateFile(StaffOnly, View):
    permission_required = SEE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return file_response(get_object_or_404(ExemptionCertificate, pk=pk))


class CertificateAccept(StaffAct):
    permission_required = DECIDE
    refusals = (certificates.NotPossible,)
    parent = QUEUE

    def act(self, now: datetime, *, pk: int) -> str:
        found = get_object_or_404(selectors.certificate_queue(), pk=pk)
        certificates.accept(certificate_id=found.pk, at=now, by=self.request.user)
        return _("%s is accepted and was told by mail.") % found


class CertificateRefuse(StaffForm):
    permission_required = DECIDE
    refusals = (certificates.NotPossible,)
    form_class = forms.RefusalForm
    parent = QUEUE
    submit_label = gettext_lazy("Refuse")
    success_message = gettext_lazy("Refused; the company was told by mail.")

    def get_page_title(self) -> str:
        return _("Refuse %s") % get_object_or_404(selectors.certificate_queue(), pk=self.kwargs["pk"])

    def act(self, form: forms.RefusalForm, now: datetime) -> None:
        found = get_object_or_404(ExemptionCertificate, pk=self.kwargs["pk"])
        reason = form.cleaned_data["reason"]
        certificates.refuse(certificate_id=found.pk, reason=reason, at=now, by=self.request.user)


class RateList(StaffList):
    """Every country's rates, the present ones before those of the past."""

    permission_required = "shop_tax.view_taxrate"
    act_permission = "shop_tax.change_taxrate"
    template_name = "shop/tax/rates.html"
    page_title = gettext_lazy("Tax rates")
    header_icon = "decimal"

    def rows(self, **wanted: Any) -> QuerySet[TaxRate]:
        return TaxRate.objects.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "today": timezone.localdate()}


class RateSave(StaffForm):
    """A new rate, or a mended one."""

    permission_required = "shop_tax.change_taxrate"
    form_class = forms.RateForm
    parent = RATES
    page_title = gettext_lazy("Tax rate")
    success_message = gettext_lazy("Saved. Orders from its first day on bear it; those placed already keep theirs.")

    def get_form_kwargs(self) -> dict[str, Any]:
        pk = self.kwargs.get("pk")
        return {**super().get_form_kwargs(), "instance": get_object_or_404(TaxRate, pk=pk) if pk else TaxRate()}

    def act(self, form: forms.RateForm, now: datetime) -> None:
        rates.save_rate(rate=form.save(commit=False), at=now, by=self.request.user)


class SellerPage(StaffTemplate):
    """Who sells, where it is registered, and which kinds of product bear another rate."""

    permission_required = "shop_tax.view_seller"
    act_permission = "shop_tax.change_seller"
    template_name = "shop/tax/seller.html"
    page_title = gettext_lazy("Seller")
    header_icon = "globe"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seller = Seller.objects.prefetch_related("registrations").get(is_current=True)
        product_rates = ProductRate.objects.select_related("product_class")
        return {**super().get_context_data(**kwargs), "seller": seller, "product_rates": product_rates}


class SellerForm(StaffForm):
    """A form about the seller; `made` is the row that it changes."""

    permission_required = "shop_tax.change_seller"
    parent = SELLER

    def made(self) -> Any:
        return Seller.objects.get(is_current=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.made()}

    def act(self, form: Any, now: datetime) -> None:
        rates.save(row=form.save(commit=False), at=now, by=self.request.user)


class SellerEdit(SellerForm):
    form_class = forms.SellerForm
    page_title = gettext_lazy("Where we sell from")
    success_message = gettext_lazy("Saved. New orders follow; those placed already keep how they were taxed.")


class RegistrationAdd(SellerForm):
    form_class = forms.RegistrationForm
    page_title = gettext_lazy("New registration")

    def made(self) -> Registration:
        return Registration(seller=super().made())


class ProductRateAdd(SellerForm):
    form_class = forms.ProductRateForm
    page_title = gettext_lazy("Rate of a kind of product")

    def made(self) -> ProductRate:
        return ProductRate()


class RuleRemove(StaffAct):
    """Remove a registration, or a kind of product's own rate."""

    permission_required = "shop_tax.change_seller"
    parent = SELLER
    model: type[Registration | ProductRate] = Registration

    def act(self, now: datetime, *, pk: int) -> str:
        row: Any = get_object_or_404(self.model, pk=pk)
        rates.remove(row=row, at=now, by=self.request.user)
        return _("Removed. New orders follow.")
