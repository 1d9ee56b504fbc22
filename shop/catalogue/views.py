"""Lists, search and the product page. Each takes one cached value and adds what belongs to the visitor."""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.generic import View
from oscar.apps.catalogue.models import Product

from channels.api import partner_of_record
from shop.catalogue import search, shells
from shop.catalogue.cards import cards_for
from shop.catalogue.detail import ProductPage, entries, make, product_page
from shop.catalogue.engine.filters import clean_query, parse
from shop.catalogue.engine.snapshot import Node, Snapshot
from shop.catalogue.listing import ListPage, category_href, list_page
from shop.catalogue.models import CatalogueEntry
from shop.catalogue.selectors import snapshot
from shop.catalogue.services.version import current as current_version
from shop.catalogue.visibility import mode_of, sees_product
from shop.offering.configuration import Offered
from shop.offering.selectors import offered
from shop.pricing.contexts import of_request
from shop.pricing.gating import is_open

SUGGESTIONS = 6
ALTERNATIVES = 8


def company_key_of(request: HttpRequest) -> str:
    return getattr(request, "company_key", "")


class CatalogueAccess(View):
    """A page of the catalogue, which may be for customers alone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_open(sees_prices=of_request(request).sees_prices):
            return super().dispatch(request, *args, **kwargs)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path(), reverse("customer:login"))


class KeptPage(CatalogueAccess):
    """One that somebody about whom nothing is known may get as it was kept."""

    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kept = shells.find(request, version=current_version())
        return finish(kept) if kept else super().dispatch(request, *args, **kwargs)


class ListView(KeptPage):
    """A list in full, or for htmx its changing parts."""

    is_search = False

    def respond(self, catalogue: Snapshot, *, category: Node | None, context: dict[str, Any]) -> HttpResponse:
        request = self.request
        mode = mode_of(company_key_of(request))
        filters = parse(dict(request.GET.lists()))
        page = list_page(
            catalogue,
            filters,
            path=request.path,
            category=category,
            context=of_request(request),
            mode=mode,
            is_search=self.is_search,
        )
        if request.headers.get("HX-Request") == "true":
            response = render(request, "oscar/catalogue/partials/changed.html", {"page": page})
            response["HX-Push-Url"] = page.address
        else:
            full = {**self.links(page), **context, "page": page, "mode": mode}
            response = shells.render(request, "oscar/catalogue/browse.html", full, version=catalogue.state)
        return finish(response)

    def links(self, page: ListPage) -> dict[str, Any]:
        return {
            "canonical": settings.BASE_URL + page.canonical,
            "previous": settings.BASE_URL + page.previous if page.previous else "",
            "next": settings.BASE_URL + page.next if page.next else "",
            "form_action": self.request.path,
        }


def finish(response: HttpResponse) -> HttpResponse:
    """Every page holds a token, and perhaps a company's prices: no shared cache may keep it."""
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_cache=True)
    return response


class CatalogueView(ListView):
    def get(self, request: HttpRequest) -> HttpResponse:
        crumbs = [{"title": _("Products"), "url": ""}]
        context = {
            "heading": _("Products"),
            "breadcrumbs": crumbs,
            "text": _("Everything we make, and what keeps it running."),
        }
        return self.respond(snapshot(company_key_of(request)), category=None, context=context)


class CategoryView(ListView):
    def get(self, request: HttpRequest, category_slug: str, pk: int) -> HttpResponse:
        catalogue = snapshot(company_key_of(request))
        node = catalogue.nodes.get(int(pk))
        if node is None:
            return gone(request, catalogue, words=category_slug, status=404)
        href = category_href(node)
        if unquote(href) != unquote(request.path):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{href}?{query}" if query else href)
        way = catalogue.path_to(node.id)
        crumbs = [{"title": _("Products"), "url": reverse("catalogue:index")}]
        crumbs += [{"title": step.name, "url": category_href(step)} for step in way]
        context = {"heading": node.name, "text": node.description, "breadcrumbs": crumbs, "category": node}
        return self.respond(catalogue, category=node, context=context)


class SearchView(ListView):
    is_search = True

    def get(self, request: HttpRequest) -> HttpResponse:
        query = clean_query(request.GET.get("q", ""))
        catalogue = snapshot(company_key_of(request))
        if not query and request.headers.get("HX-Request") != "true":
            return HttpResponseRedirect(reverse("catalogue:index"))
        heading = _("Results for “%(query)s”") % {"query": query}
        context = {"heading": heading, "query": query, "breadcrumbs": [{"title": _("Search"), "url": ""}]}
        return self.respond(catalogue, category=None, context=context)


class SuggestView(CatalogueAccess):
    """The list below a search field while someone types."""

    def get(self, request: HttpRequest) -> HttpResponse:
        query, company_key = clean_query(request.GET.get("q", "")), company_key_of(request)
        catalogue = snapshot(company_key)
        wanted = search.words_of(query) if len(query) > 1 else []
        ids = search.ranked_ids(query, catalogue)[:SUGGESTIONS] if wanted else []
        nodes = [
            node
            for node in catalogue.nodes.values()
            if wanted and all(word in node.name.casefold() for word in wanted) and catalogue.within(node.id)
        ]
        context = {
            "cards": cards_for(ids, context=of_request(request), mode=mode_of(company_key)) if ids else [],
            "categories": [{"name": node.name, "href": category_href(node)} for node in nodes[:2]],
            "query": query,
        }
        return finish(render(request, "oscar/search/partials/suggestions.html", context))


class ProductView(KeptPage):
    """Oscar's `product_viewed` signal is not sent: its receivers write to the database on every view of a page.

    What a visit was worth is recorded by channels, once per touch.
    """

    def get(self, request: HttpRequest, product_slug: str, pk: int) -> HttpResponse:
        catalogue, product_id = snapshot(company_key_of(request)), int(pk)
        wanted = request.GET.get("variant", "")
        asked = {
            "context": of_request(request),
            "base_url": settings.BASE_URL,
            "today": timezone.localdate(),
            "mode": mode_of(company_key_of(request)),
            "chosen": int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None,
        }
        page = product_page(catalogue, product_id, **asked)
        if page is None:
            return self.unlisted(request, catalogue, product_id, product_slug, asked)
        if unquote(page.href) != unquote(request.path):
            return HttpResponsePermanentRedirect(page.href)
        return self.show(request, page, version=catalogue.state)

    def show(self, request: HttpRequest, page: ProductPage, *, version: str, is_preview: bool = False) -> HttpResponse:
        company_key = company_key_of(request)
        context = {
            "page": page,
            "ways": ways_of(page, company_key),
            "breadcrumbs": page.crumbs,
            "canonical": settings.BASE_URL + page.href,
            "is_preview": is_preview,
            "company_key": company_key,
            "mode": mode_of(company_key),
            "partner": partner_of_record(company_key=company_key, at=timezone.now()) if company_key else None,
        }
        if is_preview:
            return finish(render(request, "oscar/catalogue/detail.html", context))
        return finish(shells.render(request, "oscar/catalogue/detail.html", context, version=version))

    def unlisted(
        self, request: HttpRequest, catalogue: Snapshot, product_id: int, slug: str, asked: dict[str, Any]
    ) -> HttpResponse:
        """A child leads to its parent; what is withdrawn says so; staff may look at what is not public yet.

        What is hidden from the visitor answers like what has never been.
        """
        product = Product.objects.filter(pk=product_id).first()
        if product and not sees_product(company_key_of(request), product.parent_id or product.pk):
            product = None
        if product and product.parent_id and catalogue.has(product.parent_id) and product.is_public:
            parent = CatalogueEntry.objects.only("slug").get(pk=product.parent_id)
            href = reverse("catalogue:detail", kwargs={"product_slug": parent.slug, "pk": parent.pk})
            return HttpResponseRedirect(f"{href}?variant={product.pk}")
        if product and not product.parent_id and request.user.is_staff:
            entry = entries().filter(pk=product_id).first()
            if entry:
                return self.show(request, make(catalogue, entry, **asked), version=catalogue.state, is_preview=True)
        words = product.get_title() if product else slug
        return gone(request, catalogue, words=words, status=410 if product else 404)


def ways_of(page: ProductPage, company_key: str) -> tuple[Offered, ...]:
    """Return how the product is offered to whom may buy it; () when there is nothing to choose."""
    if not (page.has_offerings and page.can_be_bought):
        return ()
    return offered([Product(pk=page.product_id)], company_key=company_key)[page.product_id]


def gone(request: HttpRequest, catalogue: Snapshot, *, words: str, status: int) -> HttpResponse:
    """Say that it is not here, and show what is like it: hits of the words in its address, the rarest last."""
    terms = search.words_of(words.replace("-", " ").replace("_", " "))
    ids: list[int] = []
    for term in sorted(terms, key=len, reverse=True)[:3]:
        ids += search.ranked_ids(term, catalogue)[:ALTERNATIVES]
    ids = ids or catalogue.pick(catalogue.everything, catalogue.orders.get("", []), 0, 4)
    cards = cards_for(list(dict.fromkeys(ids))[:4], context=of_request(request), mode=mode_of(company_key_of(request)))
    context = {"cards": cards, "withdrawn": status == 410, "words": " ".join(terms)}
    return finish(render(request, "oscar/catalogue/gone.html", context, status=status))
