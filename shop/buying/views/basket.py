"""The basket: change, remove, put back, codes. Every change works with and without htmx."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from oscar.apps.catalogue.models import Product
from oscar.apps.voucher.models import Voucher

from shop.buying import basket_page, selectors
from shop.buying.services import baskets
from shop.catalogue.visibility import mode_of, sees_product
from shop.companies.selectors import order_permission
from shop.forks.basket.models import Basket
from shop.forks.offer.applicator import Applicator
from shop.offering.configuration import options_of
from shop.offering.errors import NotOffered, QuantityRefused

UNDO_SALT = "basket.undo"
UNDO_SECONDS = 3600


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=baskets.LARGEST_QUANTITY)


class BasketPage(View):
    """The page, and what every change of the basket answers with."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "oscar/basket/basket.html", page_context(request, request.basket))  # type: ignore[attr-defined]

    def answer(
        self,
        request: HttpRequest,
        *,
        refused: Mapping[int, str] | None = None,
        removed: baskets.Removed | None = None,
        message: str = "",
        tone: str = "success",
    ) -> HttpResponse:
        """Show the changed basket: its part of the page for htmx, otherwise the page again."""
        if not request.htmx:  # type: ignore[attr-defined]
            for text in (refused or {}).values():
                messages.error(request, text)
            if removed:
                messages.info(request, _("“%(title)s” was removed.") % {"title": removed.title})
                request.session["basket_undo"] = undo_token(removed)
            if message:
                messages.add_message(request, getattr(messages, tone.upper()), message)
            return redirect("basket:summary")
        basket = reload(request)
        context = page_context(request, basket, refused=refused, removed=removed)
        response = render(request, "oscar/basket/partials/changed.html", context)
        if message:
            response["HX-Trigger"] = json.dumps({"toast": {"message": message, "tone": tone}})
        return response

    def refuse_ordered(self, request: HttpRequest) -> HttpResponse:
        return self.answer(
            request, message=_("This basket was ordered in another window. Here is your new one."), tone="warning"
        )


def reload(request: HttpRequest) -> Any:
    """Return the basket as it is in the database now, priced and with its offers, once."""
    old = request.basket  # type: ignore[attr-defined]
    found = Basket.open.filter(pk=old.pk).first() if old.pk else None
    basket = found or Basket(owner=request.user if request.user.is_authenticated else None)
    basket.strategy = request.strategy  # type: ignore[attr-defined]
    if basket.pk:
        Applicator().apply(basket, request.user, request)
    request.basket = basket  # type: ignore[attr-defined]
    return basket


def page_context(request: HttpRequest, basket: Any, **extra: Any) -> dict[str, Any]:
    removed = extra.get("removed")
    refused = extra.get("refused") or {}
    rows = basket_page.rows(basket, refused=refused)
    permission = order_permission(user=request.user, membership=request.membership)  # type: ignore[attr-defined]
    undo = undo_token(removed) if removed else request.session.pop("basket_undo", "")
    membership = request.membership  # type: ignore[attr-defined]
    country = membership.company.country if membership else ""
    return {
        "basket": basket,
        "rows": rows,
        "has_problems": any(row.problem and row.id not in refused for row in rows),
        "count": sum(row.quantity for row in rows),
        "net_before": basket.total_excl_tax_excl_discounts,
        "net": basket.total_excl_tax,
        "tax": basket_page.estimated_tax(basket, membership=membership, today=timezone.localdate()) if rows else None,
        "discounts": [*basket.offer_discounts, *basket.voucher_discounts],
        "vouchers": list(basket.vouchers.all()) if basket.pk else [],
        "until_free_delivery": basket_page.until_free_delivery(basket, country=country) if rows else None,
        "permission": permission,
        "mode": mode_of(request.company_key),  # type: ignore[attr-defined]
        "removed": removed,
        "undo": undo,
        "underway": selectors.payment_underway(user=request.user),
    }


def undo_token(removed: baskets.Removed) -> str:
    values = {"product": removed.product_id, "quantity": removed.quantity, "answers": dict(removed.answers)}
    return signing.dumps(values, salt=UNDO_SALT)


class BasketChange(BasketPage):
    """A change by POST. Offers are worked out once, on the changed basket."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.basket_offers_later = True  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)


class LineView(BasketChange):
    """Set a line's quantity; 0, or the remove button, takes it out."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            if "remove" in request.POST:
                removed = baskets.remove_line(basket=request.basket, line_id=pk)  # type: ignore[attr-defined]
                return self.answer(request, removed=removed)
            form = QuantityForm(request.POST)
            if not form.is_valid():
                return self.answer(request, refused={pk: _("Enter a whole number.")})
            removed = baskets.set_quantity(
                basket=request.basket,  # type: ignore[attr-defined]
                line_id=pk,
                quantity=form.cleaned_data["quantity"],
            )
        except QuantityRefused as error:
            return self.answer(request, refused={pk: str(error)})
        except PermissionDenied:
            return self.refuse_ordered(request)
        message = " ".join(request.basket.quantity_notes)  # type: ignore[attr-defined]
        return self.answer(request, removed=removed, message=message, tone="warning")


class UndoView(BasketChange):
    """Put a removed line back."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            wanted = signing.loads(request.POST.get("undo", ""), salt=UNDO_SALT, max_age=UNDO_SECONDS)
            product = Product.objects.get(pk=wanted["product"])
            basket = request.basket  # type: ignore[attr-defined]
            if not sees_product(request.company_key, product.parent_id or product.pk):  # type: ignore[attr-defined]
                raise Product.DoesNotExist
            in_basket = basket.product_quantity(product)
            baskets.require_available(basket, product, quantity=in_basket + wanted["quantity"])
            basket.add_product(product, wanted["quantity"], options_of(wanted["answers"]))
        except (NotOffered, QuantityRefused) as error:
            return self.answer(request, message=str(error), tone="warning")
        except (signing.BadSignature, Product.DoesNotExist, ValueError):
            return self.answer(request, message=_("This can no longer be put back."), tone="warning")
        except PermissionDenied:
            return self.refuse_ordered(request)
        return self.answer(request)


class VoucherView(BasketChange):
    """Use an offer code, or leave one."""

    def post(self, request: HttpRequest) -> HttpResponse:
        basket = request.basket  # type: ignore[attr-defined]
        if basket.pk is None:
            return self.answer(request)
        if "remove" in request.POST:
            basket.vouchers.remove(*basket.vouchers.filter(code=request.POST["remove"]))
            return self.answer(request, message=_("The code was removed."), tone="info")
        code = request.POST.get("code", "").strip().upper()[:128]
        message, tone = self.use(request, basket, code)
        return self.answer(request, message=message, tone=tone)

    def use(self, request: HttpRequest, basket: Any, code: str) -> tuple[str, str]:
        """Add the voucher if it gives something; return what to say. Unknown and foreign codes sound alike."""
        voucher = Voucher.objects.filter(code=code).first() if code else None
        if voucher is None or not voucher.is_active():
            return _("This code is not valid, or no longer so."), "warning"
        is_available, reason = voucher.is_available_to_user(request.user)
        if not is_available:
            return str(reason), "warning"
        basket.vouchers.add(voucher)
        fresh = reload(request)
        if any(application["voucher"] == voucher for application in fresh.offer_applications):
            return _("The code “%(code)s” is used.") % {"code": code}, "success"
        fresh.vouchers.remove(voucher)
        return _("Your basket does not meet the conditions of this code."), "warning"


def added_text(basket: Any, *, title: str, quantity: int) -> str:
    """Say what was added, and why it is another quantity than asked for."""
    text = _("%(quantity)d × %(title)s is in your basket.") % {"quantity": quantity, "title": title}
    return " ".join([text, *basket.quantity_notes])


def added_response(request: HttpRequest, *, text: str) -> HttpResponse:
    """Answer an htmx "add to basket": the header's new number and a toast."""
    from shop.buying import basket_counts

    count = basket_counts.summary(request)["count"]
    html = render_to_string("components/basket_count.html", {"count": count, "oob": True}, request=request)
    response = HttpResponse(html)
    response["HX-Trigger"] = json.dumps({"toast": {"message": text, "tone": "success"}})
    response["HX-Reswap"] = "none"
    return response
