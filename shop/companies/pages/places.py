"""Locations, cost centres, and the company's own details."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.companies import selectors
from shop.companies.access import level_of
from shop.companies.capabilities import Capability, Level
from shop.companies.models import CostCentre, Location, LocationAddress
from shop.companies.pages.base import CompanyPage
from shop.companies.pages.forms import CostCentreForm, DetailsForm, LocationAddressForm, LocationForm
from shop.companies.services import places

Kind = LocationAddress.Kind


class LocationsPage(CompanyPage):
    capability = Capability.MANAGE_LOCATIONS
    section = "company-locations"

    def get(self, request: HttpRequest) -> HttpResponse:
        locations = selectors.locations_visible_to(self.membership).prefetch_related("addresses__country")
        return self.page("locations", _("Locations"), locations=locations, may_add=self.may_add())

    def may_add(self) -> bool:
        return level_of(self.membership, Capability.MANAGE_LOCATIONS) == Level.COMPANY


class LocationView(LocationsPage):
    """A location with its two addresses. An empty invoice address is the delivery address."""

    def location(self, pk: int | None) -> Location:
        if pk is not None:
            return get_object_or_404(selectors.locations_visible_to(self.membership), pk=pk)
        return get_object_or_404(Location.objects.none()) if not self.may_add() else Location(company=self.company)

    def forms(self, location: Location, data: Any = None) -> dict[str, Any]:
        kept = {address.kind: address for address in location.addresses.all()} if location.pk else {}
        same = not kept.get(Kind.INVOICE)
        has_invoice = data.get("separate_invoice") == "on" if data is not None else not same
        return {
            "form": LocationForm(data, instance=location, company=self.company, prefix="location"),
            "delivery": LocationAddressForm(data, instance=kept.get(Kind.DELIVERY), prefix="delivery"),
            "invoice": LocationAddressForm(
                data if has_invoice else None, instance=kept.get(Kind.INVOICE), prefix="invoice"
            ),
            "has_invoice": has_invoice,
        }

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        location = self.location(pk)
        return self.location_page(location, self.forms(location))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        location = self.location(pk)
        found = self.forms(location, request.POST)
        checked = [found["form"], found["delivery"], *([found["invoice"]] if found["has_invoice"] else [])]
        if any([not form.is_valid() for form in checked]):  # noqa: C419  every form tells its errors
            return self.location_page(location, found, status=422)
        places.save_location(
            location=found["form"].save(commit=False),
            delivery=found["delivery"].save(commit=False),
            invoice=found["invoice"].save(commit=False) if found["has_invoice"] else None,
            at=timezone.now(),
            actor=request.user,
        )
        messages.success(request, _("Saved."))
        return redirect("customer:company-locations")

    def location_page(self, location: Location, found: dict[str, Any], *, status: int = 200) -> HttpResponse:
        title = Location.objects.get(pk=location.pk).name if location.pk else _("Add a location")
        return self.page("location", title, status=status, location=location, **found)


class CostCentresPage(CompanyPage):
    """All cost centres, each to be switched on or off, and a form for another."""

    capability = Capability.MANAGE_COMPANY
    section = "company-cost-centres"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.list_page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.list_page(form, status=422)
        places.save_cost_centre(cost_centre=form.save(commit=False), at=timezone.now(), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("customer:company-cost-centres")

    def form(self, data: Any = None) -> CostCentreForm:
        form = CostCentreForm(data, instance=CostCentre(company=self.company), company=self.company)
        del form.fields["is_active"]
        return form

    def list_page(self, form: CostCentreForm, *, status: int = 200) -> HttpResponse:
        found = CostCentre.objects.filter(company=self.company)
        return self.page("cost_centres", _("Cost centres"), status=status, cost_centres=found, form=form)


class CostCentreView(CompanyPage):
    capability = Capability.MANAGE_COMPANY
    section = "company-cost-centres"

    def cost_centre(self, pk: int) -> CostCentre:
        return get_object_or_404(CostCentre, company=self.company, pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        cost_centre = self.cost_centre(pk)
        return self.form_page(CostCentreForm(instance=cost_centre, company=self.company), str(cost_centre))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cost_centre = self.cost_centre(pk)
        title, form = str(cost_centre), CostCentreForm(request.POST, instance=cost_centre, company=self.company)
        if not form.is_valid():
            return self.form_page(form, title, status=422)
        places.save_cost_centre(cost_centre=form.save(commit=False), at=timezone.now(), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("customer:company-cost-centres")

    def form_page(self, form: CostCentreForm, title: str, *, status: int = 200) -> HttpResponse:
        return self.page("form", title, status=status, form=form, back="customer:company-cost-centres")


class DetailsPage(CompanyPage):
    """What we know of the company, and the rules that it sets for its own orders."""

    capability = Capability.MANAGE_COMPANY
    section = "company-details"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("details", _("Details"), form=DetailsForm(instance=self.company))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DetailsForm(request.POST, instance=self.company)
        if not form.is_valid():
            return self.page("details", _("Details"), status=422, form=form)
        places.save_rules(company=self.company, at=timezone.now(), actor=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("customer:company-details")
