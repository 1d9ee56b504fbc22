"""What a commitment comes to, what a product costs as chosen, and products beside each other."""

import json
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from oscar.apps.catalogue.models import Product

from shop.catalogue import detail, product_offers
from shop.catalogue.selectors import snapshot
from shop.catalogue.views import company_key_of, finish
from shop.forks.customer.redirects import safe_next
from shop.offering import comparison, quantities
from shop.offering.configuration import requested
from shop.offering.engine.quantities import snap
from shop.offering.errors import NotOffered
from shop.offering.selectors import configuration
from shop.pricing.contexts import PriceContext, of_request
from shop.pricing.resolver import PriceQuestion, resolve_prices
from shop.tax.engine.rounding import tax_on
from shop.tax.shown import shares_for


def number(text: str, *, default: int) -> int:
    """Return a whole number from an address; what is none, or out of all bounds, is the default."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


class CommitmentView(View):
    """The terms of a product for a quantity: a part of its page for htmx, otherwise a page of its own."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        catalogue = snapshot(company_key_of(request))
        if not catalogue.has(pk):
            raise Http404
        entry = detail.entries().get(pk=pk)
        found = product_offers.calculation(
            catalogue,
            entry,
            context=of_request(request),
            today=timezone.localdate(),
            quantity=number(request.GET.get("quantity", ""), default=1),
            chosen=number(request.GET.get("term", ""), default=pk),
        )
        if not found.terms:
            raise Http404
        context = {"calculation": found, "entry": entry, "breadcrumbs": detail.crumbs_of(catalogue, entry)}
        name = "partials/commitment.html" if request.htmx else "commitment.html"  # type: ignore[attr-defined]
        return finish(render(request, f"oscar/catalogue/{name}", context))


class AsChosenView(View):
    """What the quantity, the version and the options chosen on a product page cost together."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not snapshot(company_key_of(request)).has(pk):
            raise Http404
        sold = Product.objects.select_related("quantity_rule", "parent__quantity_rule").filter(is_public=True)
        child = number(request.GET.get("child_id", ""), default=0)
        product = get_object_or_404(sold, pk=child, parent=pk) if child else get_object_or_404(sold, pk=pk)
        context = self.priced(request, product, asked=number(request.GET.get("quantity", ""), default=1))
        return finish(render(request, "oscar/catalogue/partials/as_chosen.html", context))

    def priced(self, request: HttpRequest, product: Any, *, asked: int) -> dict[str, Any]:
        strategy = request.strategy  # type: ignore[attr-defined]
        rule = quantities.rule_of(product)
        snapped = snap(asked, rule)
        try:
            made = configuration(product, requested(request.GET), company_key=strategy.context.company_key)
        except NotOffered as refusal:
            return {"refusal": str(refusal)}
        record = strategy.fetch_for_product(product).stockrecord
        question = PriceQuestion(key=product.pk, product=product, stockrecord=record, quantity=snapped.quantity)
        answers = resolve_prices(context=strategy.context, questions=[question])
        price = strategy.configured(strategy._policy(answers.get(product.pk)), made)
        shown = shown_amount(price, product, context=strategy.context)
        return {
            "price": price,
            "each": shown,
            "includes_vat": strategy.context.includes_vat,
            "quantity": snapped.quantity,
            "packs": quantities.in_packs(snapped.quantity, rule),
            "total": shown * snapped.quantity if shown is not None else None,
            "note": quantities.words(rule, snapped),
            "plan": made.plan,
        }


def shown_amount(price: Any, product: Any, *, context: PriceContext) -> Decimal | None:
    """Return what a unit costs as the visitor is shown prices; None without a price."""
    if not price.exists:
        return None
    net: Decimal = price.excl_tax
    if not context.includes_vat:
        return net
    share = shares_for([product.pk], company_key=context.company_key, on=context.on)[product.pk]
    return net + tax_on(net, share)


class CompareView(View):
    """Up to four products beside each other; what is the same for all is left out unless `all` asks for it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        cards, rows = comparison.table(comparison.ids(request), prices=of_request(request))
        is_whole = "all" in request.GET or len(cards) < 2
        context = {
            "cards": cards,
            "rows": rows if is_whole else [row for row in rows if row.differs],
            "same": sum(not row.differs for row in rows),
            "is_whole": is_whole,
            "breadcrumbs": [
                {"title": _("Products"), "url": reverse("catalogue:index")},
                {"title": _("Compare"), "url": ""},
            ],
        }
        return finish(render(request, "shop/offering/compare.html", context))


class CompareChangeView(View):
    """Put a product into the comparison, take one out, or empty it."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        text, tone = self.change(request)
        if request.htmx:  # type: ignore[attr-defined]
            return self.changed_bar(request, text, tone)
        messages.add_message(request, getattr(messages, tone.upper()), text)
        return redirect(safe_next(request, default=reverse("offering:compare")))

    def changed_bar(self, request: HttpRequest, text: str, tone: str) -> HttpResponse:
        """Show the bar, which says what changed to who cannot see it; only a refusal needs a toast besides."""
        context = {"compared": comparison.chosen(request), "said": "" if tone == "warning" else text}
        response = render(request, "components/compare_bar.html", context)
        if tone == "warning":
            response["HX-Trigger"] = json.dumps({"toast": {"message": text, "tone": tone}})
        return response

    def change(self, request: HttpRequest) -> tuple[str, str]:
        if "clear" in request.POST:
            comparison.clear(request)
            return _("The comparison is empty."), "info"
        if "remove" in request.POST:
            comparison.remove(request, number(request.POST["remove"], default=0))
            return _("Taken out of the comparison."), "info"
        try:
            found = comparison.add(request, number(request.POST.get("add", ""), default=0))
        except comparison.Full:
            text = _("You can compare up to %(most)d products. Take one out first.")
            return text % {"most": comparison.MOST}, "warning"
        if not found:
            return _("This product cannot be compared: it is no longer in the catalogue."), "warning"
        return _("Added to the comparison."), "success"
