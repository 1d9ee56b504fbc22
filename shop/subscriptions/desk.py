"""Renewals in the Wagtail admin: what renews soon, what is at risk, what is past due; one subscription; the forecast."""

import csv
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from channels import api
from channels.contracts import from_minor
from shop.operations.back_office import StaffAct, StaffList, StaffOnly, StaffTemplate
from shop.operations.csv_cells import InertRows
from shop.subscriptions import selectors, wording
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import RenewalReview, Subscription
from shop.subscriptions.services import cancelling, collecting, history, renewals
from shop.subscriptions.services.locking import day_of

PARENT = ("subscriptions_desk", gettext_lazy("Renewals"))
VIEW, CHANGE = "shop_subscriptions.view_subscription", "shop_subscriptions.change_subscription"
SOON_DAYS = 120
STATES = (
    ("", gettext_lazy("The next 120 days")),
    ("risk", gettext_lazy("At risk")),
    ("past_due", gettext_lazy("Past due")),
    ("ending", gettext_lazy("Ending")),
    ("all", gettext_lazy("All")),
)


class RenewalFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Company or product"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("Show"), choices=STATES, required=False)
    mine = forms.BooleanField(label=gettext_lazy("My customers only"), required=False)


def found(user: Any, *, q: str = "", state: str = "", mine: bool = False, now: datetime) -> QuerySet[Subscription]:
    """Return what the filter asks, what is due first; `mine` are the customers whose sales representative the user is."""
    today = day_of(now)
    open_review = RenewalReview.objects.filter(
        subscription=OuterRef("pk"), due_on=OuterRef("next_due_on"), decision=RenewalReview.Decision.NONE
    )
    rows = selectors.with_renewal(Subscription.objects.annotate(is_asked=Exists(open_review)))
    late = Q(status__in=(Subscription.Status.PAST_DUE, Subscription.Status.SUSPENDED))
    running = Q(status__in=Subscription.RUNNING)
    rows = rows.filter(
        {
            "": running & Q(next_due_on__lt=today + timedelta(days=SOON_DAYS)),
            "risk": late | running & (Q(is_asked=True) | Q(ends_on__isnull=False)),
            "past_due": late,
            "ending": running & Q(ends_on__isnull=False),
            "all": Q(),
        }[state]
    )
    if q:
        rows = rows.filter(Q(company__name__icontains=q) | Q(product__title__icontains=q))
    if mine:
        rows = rows.filter(company__sales_rep=user)
    return rows.order_by("next_due_on", "pk")


class RenewalList(StaffList):
    """What renews in the next 120 days, or what is at risk."""

    permission_required = VIEW
    template_name = "shop/subscriptions/renewals.html"
    page_title = gettext_lazy("Renewals")
    header_icon = "date"
    filter_form = RenewalFilter

    def rows(self, q: str = "", state: str = "", **wanted: Any) -> QuerySet[Subscription]:
        return found(self.request.user, q=q, state=state, mine=bool(wanted.get("mine")), now=timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for row in context["object_list"]:
            row.net = history.expected_net(row)
        return {**context, "query": self.request.GET.urlencode()}


class RenewalCsv(StaffOnly, View):
    """The same rows as a file."""

    permission_required = VIEW
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        form = RenewalFilter(request.GET)
        form.is_valid()
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="renewals.csv"'
        rows = InertRows(csv.writer(response))
        rows.writerow([
            _("Company"), _("Product"), _("Quantity"), _("Renews"), _("Net"), _("Currency"), _("State"),
            _("Sales representative"),
        ])  # fmt: skip
        for row in found(request.user, now=timezone.now(), **form.cleaned_data):
            rep = row.company.sales_rep
            rows.writerow([
                row.company.name, row.product.get_title(), row.quantity, row.next_due_on.isoformat(),
                history.expected_net(row), row.currency, row.get_status_display(), rep.email if rep else "",
            ])  # fmt: skip
        return response


class OfSubscription:
    """The subscription that the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def subscription(self) -> Subscription:
        rows = Subscription.objects.select_related("company__sales_rep", "product__parent", "plan", "user")
        return get_object_or_404(rows, pk=self.kwargs["pk"])


class RenewalPage(OfSubscription, StaffTemplate):
    """One subscription with what happened to it."""

    permission_required = VIEW
    act_permission = CHANGE
    parent = PARENT
    template_name = "shop/subscriptions/renewal.html"
    header_icon = "date"

    def get_page_title(self) -> str:
        return str(self.subscription)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subscription = self.subscription
        return {
            **super().get_context_data(**kwargs),
            "subscription": subscription,
            "net": history.expected_net(subscription),
            "review": selectors.review_of(subscription),
            "underway": collecting.underway(subscription),
            "timeline": wording.items(subscription, selectors.timeline(subscription), is_buyer=False),
        }


class RenewNow(OfSubscription, StaffAct):
    """Try a renewal again that is due and did not go through."""

    permission_required = (VIEW, CHANGE)
    refusals = (SubscriptionRefused,)

    def act(self, now: datetime, **kwargs: Any) -> Any:
        done = renewals.try_now(subscription_id=self.subscription.pk, now=now)
        return _("Renewed.") if done else _("Nothing was renewed. The history says why.")

    def back(self, **kwargs: Any) -> str:
        return reverse("subscription_desk", args=[self.subscription.pk])


class UndoCancellation(OfSubscription, StaffAct):
    """Take a cancellation back when the customer calls."""

    permission_required = (VIEW, CHANGE)
    refusals = (SubscriptionRefused,)

    def act(self, now: datetime, **kwargs: Any) -> Any:
        cancelling.undo(subscription_id=self.subscription.pk, at=now, by=self.request.user)
        return _("It runs on as before.")

    def back(self, **kwargs: Any) -> str:
        return reverse("subscription_desk", args=[self.subscription.pk])


class ForecastPage(StaffTemplate):
    """What renews by month, and the renewal commission that it earns partners."""

    permission_required = VIEW
    parent = PARENT
    template_name = "shop/subscriptions/forecast.html"
    page_title = gettext_lazy("Forecast")
    header_icon = "date"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [
            {
                "month": row.month,
                "currency": row.currency,
                "renewals": row.renewals,
                "value": from_minor(row.value_minor, row.currency),
                "commission": from_minor(row.commission_minor, row.currency),
            }
            for row in api.forecast_renewals(at=timezone.now())
        ]
        return {**super().get_context_data(**kwargs), "rows": rows}
