"""The customers of a partner, as far as its agreement shows them."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.commissions.services.stewards import NotSteward, accept
from channels.journeys.models import Relationship, SubscriptionProfile
from channels.journeys.selectors.sharing import asked_of
from channels.journeys.services import partner_changes
from channels.partners.selectors import country_name
from channels.portal import numbers
from channels.portal.access import Capability, MemberView
from channels.portal.disclosure import Disclosure
from channels.portal.selectors.customers import Customer, customers, quotas, standing
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class StewardAcceptView(MemberView):
    """The partner's word that it looks after a customer of which it is the renewal steward."""

    capability = Capability.STEWARD
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            accept(
                relationship_id=pk,
                partner_id=self.partner.pk,
                at=timezone.now(),
                by=cast("AbstractBaseUser", request.user),
            )
        except NotSteward:
            raise Http404 from None
        messages.success(request, _("Thank you. You look after this customer's renewals now."))
        return HttpResponseRedirect(reverse("portal:customers"))


class PartnerChangesView(PortalPage):
    """Companies that would like the partner as their partner of record."""

    capability = Capability.CUSTOMERS
    section = "customers"
    template_name = "channels/portal/partner_changes.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        return {"wishes": list(asked_of(self.partner))}


class PartnerChangeAnswerView(MemberView):
    """The partner's answer to such a wish."""

    capability = Capability.STEWARD
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        is_accepted = "accept" in request.POST
        try:
            change = partner_changes.answer(
                change_id=pk,
                partner_id=self.partner.pk,
                is_accepted=is_accepted,
                at=timezone.now(),
                actor=cast("AbstractBaseUser", request.user),
            )
        except partner_changes.NotAsked:
            raise Http404 from None
        text = _("You look after %(company)s from %(day)s.") if is_accepted else _("You declined %(company)s.")
        day = date_format(change.effective_on, "j F Y")
        messages.success(request, text % {"company": change.company.name, "day": day})
        return HttpResponseRedirect(reverse("portal:partner-changes"))


class CustomersView(PortalPage):
    capability = Capability.CUSTOMERS
    section = "customers"
    template_name = "channels/portal/customers.html"
    partial_template = "channels/portal/customers_results.html"
    partial_target = "customer-results"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        disclosure, now = self.disclosure(), timezone.now()
        if not disclosure.shows_customers:
            told = quotas(self.partner, now=now)
            roles = [(Relationship.Role(role).label, companies) for role, companies in told.roles]
            return {"disclosure": disclosure, "quotas": told, "roles": roles, "is_empty": not told.customers}
        query = self.request.GET.get("q", "").replace("\x00", "").strip()[:100]
        page = Paginator(customers(self.partner, query=query), PER_PAGE).get_page(self.request.GET.get("page"))
        return {
            "disclosure": disclosure,
            "query": query,
            "is_empty": not query and not page.paginator.count,
            "page": page,
            "rows": [_row(customer, disclosure) for customer in standing(self.partner, page.object_list, now=now)],
        }


def _row(customer: Customer, disclosure: Disclosure) -> dict[str, Any]:
    company = customer.company
    country = disclosure.country(company)
    return {
        "name": disclosure.customer(company),
        "domain": disclosure.domain(company),
        "country": country_name(country) if country else "",
        "since": customer.since,
        "is_current": customer.is_current,
        "roles": [
            {
                "label": Relationship.Role(role.role).label,
                "since": role.since,
                "until": role.until,
                "is_running": role.is_running,
                "is_accepted": role.is_accepted,
                "accept_url": reverse("portal:steward-accept", args=[role.pk]) if role.may_accept else "",
            }
            for role in customer.roles
        ],
        "orders": customer.orders,
        "orders_url": f"{reverse('portal:orders')}?customer={company.pk}",
        "totals": [numbers.money(total, currency) for currency, total in sorted(customer.totals.items())],
        "last_order_at": customer.last_order_at,
        "renewals": [_renewal(subscription, disclosure) for subscription in customer.renewals],
    }


def _renewal(subscription: SubscriptionProfile, disclosure: Disclosure) -> dict[str, Any]:
    value = disclosure.renewal_value_minor(subscription)
    return {
        "on": disclosure.renewal_date(subscription),
        "title": disclosure.renewal_title(subscription),
        "value": "" if value is None else numbers.money(value, subscription.currency),
    }
