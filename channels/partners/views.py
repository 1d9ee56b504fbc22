"""The public partner directory and the profile of one partner."""

from typing import Any
from urllib.parse import urlsplit

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers
from django.views.generic import TemplateView

from channels.contracts import PartnerCard
from channels.partners import selectors, specialities

PER_PAGE = 24
FILTERS = ("country", "speciality", "tier")


@method_decorator(vary_on_headers("HX-Request", "HX-Target"), name="dispatch")
class DirectoryView(TemplateView):
    """Filters by country, speciality and tier, searches, pages; htmx swaps the results alone."""

    template_name = "channels/directory/list.html"

    def get_template_names(self) -> list[str]:
        request = self.request
        swaps_results = getattr(request, "htmx", False) and request.htmx.target == "directory-results"  # type: ignore[attr-defined]
        return ["channels/directory/results.html" if swaps_results else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = {name: self.request.GET.get(name, "").replace("\x00", "")[:60] for name in FILTERS}
        query = self.request.GET.get("q", "").replace("\x00", "").strip()[:100]
        partners = selectors.listed_for(**wanted, query=query)
        page = Paginator(partners, PER_PAGE).get_page(self.request.GET.get("page"))
        facets = selectors.facets()
        selects = [
            {"name": name, "label": label, "every": every, "options": options, "current": wanted[name]}
            for name, label, every, options in (
                ("country", _("Country"), _("All countries"), facets.countries),
                ("speciality", _("Speciality"), _("All specialities"), facets.specialities),
                ("tier", _("Tier"), _("All tiers"), facets.tiers),
            )
        ]
        return super().get_context_data(
            **kwargs,
            page=page,
            partners=[tile(selectors.card(partner)) for partner in page.object_list],
            selects=selects,
            query=query,
            is_filtered=bool(query or any(wanted.values())),
            breadcrumbs=[{"title": _("Partners"), "url": reverse("partner_directory")}],
        )


class ProfileView(TemplateView):
    """A listed, active partner; anybody else is not found, suspended ones included."""

    template_name = "channels/directory/profile.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = selectors.partner_card(code=kwargs["code"])
        if card is None:
            raise Http404(_("There is no such partner."))
        return super().get_context_data(
            **kwargs,
            partner=card,
            tile=tile(card),
            website_name=urlsplit(card.website).netloc.removeprefix("www."),
            territories=sorted(selectors.country_name(country) for country in card.territories or (card.country,)),
            breadcrumbs=[
                {"title": _("Partners"), "url": reverse("partner_directory")},
                {"title": card.name, "url": ""},
            ],
        )


def tile(card: PartnerCard) -> dict[str, Any]:
    """Return what components/partner_card.html shows of a partner."""
    country = selectors.country_name(card.country)
    return {
        "name": card.name,
        "href": reverse("partner_profile", args=[card.code]),
        "kind": card.kind_label,
        "place": f"{card.city}, {country}" if card.city else country,
        "tier": card.tier,
        "tier_label": card.tier_label,
        "text": card.summary,
        "specialities": [specialities.label(slug) for slug in card.specialities],
    }
