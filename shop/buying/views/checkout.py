"""The first steps of the checkout: how to buy, and where to deliver."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from oscar.apps.address.forms import UserAddressForm
from oscar.apps.address.models import Country

from channels import api
from channels.contracts import Channel, PartnerChoice
from shop import facts
from shop.buying import basket_page, checkout_state, selectors, totals
from shop.buying.checkout_state import Choices, address_choice
from shop.buying.services.entitlement import location_for
from shop.catalogue.visibility import mode_of, routes_of
from shop.companies.models import Company, Membership
from shop.companies.selectors import addresses_of, location_addresses_of, order_permission
from shop.forks.shipping.repository import Repository
from shop.fulfilment.forms import RequestedDayForm
from shop.segments import wording

MOST_PARTNERS_SHOWN = 8


class CheckoutView(View):
    """A step. Sends everybody back to the basket who cannot order it as it is, with the reason."""

    step = ""
    membership: Membership
    company: Company
    choices: Choices
    routes: tuple[str, ...]  # the channels through which this company may order
    _address: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.basket_offers_later = True  # type: ignore[attr-defined]
        membership = request.membership  # type: ignore[attr-defined]
        permission = order_permission(user=request.user, membership=membership)
        if not permission.is_allowed:
            messages.warning(request, str(permission.reason))
            return redirect("basket:summary")
        self.membership, self.company = membership, membership.company
        self.choices = checkout_state.load(request)
        self.routes = routes_of(str(self.company.key))
        if not self.routes:
            messages.warning(request, wording.refusal(mode_of(str(self.company.key))))
            return redirect("basket:summary")
        if self.choices.channel and self.choices.channel not in self.routes:
            self.choices.forget_channel()
        return self.stopped(request) or super().dispatch(request, *args, **kwargs)

    def stopped(self, request: HttpRequest) -> HttpResponse | None:
        """Return the way back for a basket that cannot be ordered."""
        basket = request.basket  # type: ignore[attr-defined]
        if basket.is_empty:
            messages.info(request, _("Your basket is empty. Add something to order."))
            return redirect("basket:summary")
        problems = [row for row in basket_page.rows(basket) if row.problem]
        for row in problems:
            messages.warning(request, f"“{row.title}”: {row.problem}")
        return redirect("basket:summary") if problems else None

    @property
    def is_shipped(self) -> bool:
        return bool(self.request.basket.is_shipping_required())  # type: ignore[attr-defined]

    def address(self) -> Any:
        if not self.is_shipped:
            return None
        if self._address is None or address_choice(self._address) != self.choices.address:
            self._address = checkout_state.chosen_address(self.choices, membership=self.membership)
        return self._address

    def country(self, address: Any = None) -> str:
        return address.country_id if address else self.company.country

    def totals(self, address: Any = None) -> totals.Totals:
        return totals.compute(
            self.request.basket,  # type: ignore[attr-defined]
            company=self.company,
            user=self.membership.user,
            now=timezone.now(),
            country=self.country(address),
            shipping_address=address,
            shipping_code=self.choices.shipping_code,
            location=location_for(self.membership, address),
        )

    def partner_choices(self, *, country: str, query: str = "") -> list[PartnerChoice]:
        basket = self.request.basket  # type: ignore[attr-defined]
        return api.partner_choices(
            company_key=str(self.company.key),
            country=country,
            product_classes=facts.product_classes(line.product for line in basket.all_lines()),
            at=timezone.now(),
            query=query,
        )

    def show(self, template: str, ship_to: Any = None, status: int = 200, /, **context: Any) -> HttpResponse:
        priced = context.pop("priced", None) or self.totals(ship_to)
        return render(
            self.request,
            f"oscar/checkout/{template}.html",
            {
                "steps": steps(self.step, is_shipped=self.is_shipped),
                "company": self.company,
                "choices": self.choices,
                "totals": priced,
                "rows": basket_page.rows(priced.basket),
                "is_shipped": self.is_shipped,
                "underway": selectors.payment_underway(user=self.request.user),
                **context,
            },
            status=status,
        )


def steps(current: str, *, is_shipped: bool) -> list[dict[str, str]]:
    """Return the progress bar; a digital basket has no delivery step."""
    known = [("how-to-buy", _("How to buy")), ("delivery", _("Delivery")), ("preview", _("Payment and review"))]
    names = [(name, label) for name, label in known if is_shipped or name != "delivery"]
    names.append(("done", _("Confirmation")))
    position = [name for name, _label in names].index(current)
    return [
        {
            "label": label,
            "state": "done" if index < position else "current" if index == position else "todo",
            "url": reverse(f"checkout:{name}") if index < position and current != "done" else "",
        }
        for index, (name, label) in enumerate(names)
    ]


class IndexView(CheckoutView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("checkout:how-to-buy")


class HowToBuyView(CheckoutView):
    """Directly, or through a reseller: the partner of record is suggested first."""

    step = "how-to-buy"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.get("q", "").strip()[:80]
        found = self.partner_choices(country=self.country(self.address()), query=query)
        selected = request.GET.get("seller") or self.choices.seller or self.suggested(found)
        if request.htmx:  # type: ignore[attr-defined]
            return render(
                request, "oscar/checkout/partials/partners.html", self.partner_context(found, selected, query)
            )
        return self.page(found, selected, query)

    def post(self, request: HttpRequest) -> HttpResponse:
        seller = request.POST.get("seller", "")
        found = self.partner_choices(country=self.country(self.address()))
        codes = {f"partner:{choice.card.code}" for choice in found}
        if seller == "direct" and Channel.DIRECT not in self.routes:
            return self.page(found, "", "", error=wording.refusal(mode_of(str(self.company.key))), status=422)
        if seller != "direct" and seller not in codes:
            text = _("This partner cannot take the order at the moment. Please choose again.") if seller else ""
            error = text or _("Please choose how you want to buy.")
            return self.page(found, "", "", error=error, status=422)
        self.choices.choose_seller(seller)
        checkout_state.save(request, self.choices)
        return redirect("checkout:delivery" if self.is_shipped else "checkout:preview")

    def suggested(self, found: list[PartnerChoice]) -> str:
        """The partner of record; else what the store does here says who comes first."""
        first = found[0] if found and self.routes[0] == Channel.RESELLER else None
        record = next((choice for choice in found if choice.is_partner_of_record), first)
        return f"partner:{record.card.code}" if record else "direct"

    def partner_context(self, found: list[PartnerChoice], selected: str, query: str) -> dict[str, Any]:
        shown = found[:MOST_PARTNERS_SHOWN]
        chosen = next((choice for choice in found if f"partner:{choice.card.code}" == selected), None)
        if chosen and chosen not in shown:
            shown = [*shown, chosen]
        return {"partners": shown, "hidden": len(found) - len(shown), "selected": selected, "query": query}

    def page(
        self, found: list[PartnerChoice], selected: str, query: str, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        context = self.partner_context(found, selected, query)
        has_any = bool(found) or bool(query)
        context |= {"has_partners": has_any, "has_direct": Channel.DIRECT in self.routes}
        return self.show("how_to_buy", self.address(), status, error=error, **context)


class DeliveryView(CheckoutView):
    """The address, from the company's book or new, and the delivery method that serves it."""

    step = "delivery"

    def stopped(self, request: HttpRequest) -> HttpResponse | None:
        back = super().stopped(request)
        if back or (self.is_shipped and self.choices.has_channel):
            return back
        return redirect("checkout:preview" if not self.is_shipped else "checkout:how-to-buy")

    def get(self, request: HttpRequest) -> HttpResponse:
        book = self.book()
        address = (
            self.address_from(request.GET.get("address", ""), book) or self.address() or (book[0] if book else None)
        )
        if request.htmx:  # type: ignore[attr-defined]
            is_new = request.GET.get("address") == "new"
            country = request.GET.get("country", "") if is_new else self.country(address)
            context = self.method_context(None if is_new else address, country or self.company.country)
            return render(request, "oscar/checkout/partials/methods.html", context)
        return self.page(book, address, self.address_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        book = self.book()
        is_new = request.POST.get("address") == "new" or not book
        form = self.address_form(request.POST if is_new else None)
        address = None if is_new else self.address_from(request.POST.get("address", ""), book)
        if is_new and form.is_valid():
            address = form.save()
        if address is None:
            error = "" if is_new else _("Please choose a delivery address.")
            return self.page(book, None, form, is_new=is_new, error=error, status=422)
        self.choices.address = address_choice(address)
        methods = {method.code: method for method in self.methods(address, address.country_id)}
        wanted = methods.get(request.POST.get("shipping_code", ""))
        if wanted is None:
            checkout_state.save(request, self.choices)
            error = _("Please choose a delivery method for this address.") if methods else _("We do not deliver there.")
            return self.page(self.book(), address, self.address_form(), error=error, status=422)
        self.choices.shipping_code = wanted.code
        day = RequestedDayForm(request.POST, today=timezone.localdate(), first_day=wanted.first_day)
        if not day.is_valid():
            checkout_state.save(request, self.choices)
            return self.page(self.book(), address, self.address_form(), day=day, status=422)
        self.choices.requested_on = day.cleaned_data["requested_on"]
        checkout_state.save(request, self.choices)
        return redirect("checkout:preview")

    def book(self) -> list[Any]:
        """Return the addresses without repetition, the own location's first: colleagues often keep the same one."""
        people = addresses_of(user=self.membership.user, company=self.company)
        places = sorted(
            location_addresses_of(self.membership),
            key=lambda address: address.location_id != self.membership.location_id,
        )
        found = {address.generate_hash(): address for address in [*reversed(people), *reversed(places)]}
        if chosen := self.address():
            found[chosen.generate_hash()] = chosen
        for address in found.values():
            address.choice = address_choice(address)
        return list(reversed(found.values()))

    def address_from(self, text: str, book: list[Any]) -> Any:
        return next((address for address in book if address.choice == text), None)

    def address_form(self, data: Any = None) -> UserAddressForm:
        user = self.membership.user
        initial = {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "country": Country.objects.filter(pk=self.company.country).first(),
        }
        form = UserAddressForm(user, data, initial=initial, prefix="new")
        form.fields["notes"].widget.attrs["rows"] = 3
        return form

    def day_form(self) -> RequestedDayForm:
        return RequestedDayForm(initial={"requested_on": self.choices.requested_on}, today=timezone.localdate())

    def methods(self, address: Any, country: str) -> list[Any]:
        basket = self.request.basket  # type: ignore[attr-defined]
        return Repository().get_shipping_methods(basket, shipping_addr=address, country=country)

    def method_context(self, address: Any, country: str) -> dict[str, Any]:
        basket = self.totals(address).basket
        offered = [(method, method.calculate(basket)) for method in self.methods(address, country)]
        codes = [method.code for method, _charge in offered]
        chosen = self.choices.shipping_code if self.choices.shipping_code in codes else codes[0] if codes else ""
        return {"offered": offered, "chosen_method": chosen, "currency": basket.currency}

    def page(
        self,
        book: list[Any],
        address: Any,
        form: Any,
        *,
        is_new: bool = False,
        error: str = "",
        day: RequestedDayForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        is_new = is_new or not book
        country = self.country(None if is_new else address)
        methods = self.method_context(None if is_new else address, country)
        return self.show(
            "delivery",
            None if is_new else address,
            status,
            book=book,
            address=address,
            form=form,
            is_new=is_new,
            error=error,
            day=day or self.day_form(),
            **methods,
        )
