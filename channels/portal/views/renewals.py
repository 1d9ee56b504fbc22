"""Help renew: what renews soon at the customers that the partner looks after, and what its people do about it."""

from datetime import UTC
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.selectors.renewal_forecast import Expected, RenewalForecast, by_month, expected_renewals
from channels.journeys.models import RenewalActivity, SubscriptionProfile
from channels.journeys.services.renewals import Activity, ActivityRefused, log_activity
from channels.portal import numbers
from channels.portal.access import Capability, MemberView
from channels.portal.disclosure import Disclosure
from channels.portal.forms import day_field
from channels.portal.selectors.renewals import Renewal, looked_after, pipeline, with_activities
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class ActivityForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What did you do?"), choices=RenewalActivity.Kind.choices)
    on = day_field(gettext_lazy("Day"))
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_step = forms.CharField(label=gettext_lazy("Next step"), max_length=200, required=False)
    next_on = day_field(gettext_lazy("By"))
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].required = True
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "control")

    def activity(self) -> Activity:
        values = self.cleaned_data
        return Activity(**{name: values[name] for name in ("kind", "on", "note", "next_step", "next_on")})


class RenewalsView(PortalPage):
    """The pipeline, and the months to come."""

    capability = Capability.CUSTOMERS
    section = "renewals"
    template_name = "channels/portal/renewals.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        disclosure, now = self.disclosure(), timezone.now()
        if not disclosure.shows_customers:
            return {"disclosure": disclosure, "count": pipeline(self.partner, now=now).count()}
        page = Paginator(_named(pipeline(self.partner, now=now), disclosure), PER_PAGE).get_page(
            self.request.GET.get("page")
        )
        expected = expected_renewals(now=now, partner=self.partner)
        shown = [row for row in expected if disclosure.renewal_value_minor(row.subscription) is not None]
        return {
            "disclosure": disclosure,
            "page": page,
            "rows": [_row(renewal, disclosure, shown) for renewal in with_activities(self.partner, page.object_list)],
            "forecast": [_month(row) for row in by_month(shown, at=now)],
            "left_out": len(expected) - len(shown),
        }


class RenewalView(PortalPage):
    """One renewal, its activities, and the form for another one."""

    capability = Capability.CUSTOMERS
    section = "renewals"
    template_name = "channels/portal/renewal.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        subscription, disclosure = _visible(self, kwargs["pk"])
        return self.shown(
            subscription, disclosure, ActivityForm(initial={"on": timezone.now().date(), "token": uuid4()})
        )

    def shown(self, subscription: SubscriptionProfile, disclosure: Disclosure, form: ActivityForm) -> dict[str, Any]:
        (renewal,) = with_activities(self.partner, [subscription])
        expected = expected_renewals(now=timezone.now(), partner=self.partner)
        return {"disclosure": disclosure, "renewal": _row(renewal, disclosure, expected), "form": form}


class RenewalActivityView(MemberView):
    """Note what was done."""

    capability = Capability.STEWARD
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, _disclosure = _visible(self, pk)
        form = ActivityForm(request.POST)
        try:
            if not form.is_valid():
                raise ActivityRefused(_("Say what you did, and on which day."))
            log_activity(
                subscription=subscription,
                partner=self.partner,
                activity=form.activity(),
                token=form.cleaned_data["token"],
                at=timezone.now(),
                by=cast("AbstractBaseUser", request.user),
            )
        except ActivityRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Noted."))
        return HttpResponseRedirect(reverse("portal:renewal", args=[pk]))


def _visible(view: MemberView, pk: int) -> tuple[SubscriptionProfile, Disclosure]:
    """Return a renewal that the partner looks after, of a company that shows itself to it."""
    subscription = looked_after(view.partner, now=timezone.now()).filter(pk=pk).first()
    disclosure = view.disclosure()
    if subscription is None or not disclosure.of(subscription.company_id).shows_customers:
        raise Http404
    return subscription, disclosure


def _named(rows: Any, disclosure: Disclosure) -> Any:
    """Leave out the companies that show the partner nothing by name."""
    hidden = [company for company in disclosure.caps if not disclosure.of(company).shows_customers]
    return rows.exclude(company__in=hidden) if hidden else rows


def _row(renewal: Renewal, disclosure: Disclosure, expected: list[Expected]) -> dict[str, Any]:
    subscription, latest = renewal.subscription, renewal.latest
    today = timezone.now().astimezone(UTC).date()
    value = disclosure.renewal_value_minor(subscription)
    earns = next((row.commission_minor for row in expected if row.subscription.pk == subscription.pk), None)
    return {
        "pk": subscription.pk,
        "customer": disclosure.customer(subscription.company),
        "on": subscription.renews_on,
        "is_overdue": subscription.renews_on is not None and subscription.renews_on < today,
        "title": disclosure.renewal_title(subscription),
        "value": "" if value is None else numbers.money(value, subscription.currency),
        "earns": "" if value is None or earns is None else numbers.money(earns, subscription.currency),
        "is_past_due": subscription.status == "past_due",
        "answer_by": subscription.answer_by,
        "latest": latest,
        "is_late": bool(latest and latest.next_on and latest.next_on < today),
        "activities": renewal.activities,
    }


def _month(row: RenewalForecast) -> dict[str, Any]:
    return {
        "month": row.month,
        "renewals": row.renewals,
        "value": numbers.money(row.value_minor, row.currency),
        "commission": numbers.money(row.commission_minor, row.currency),
    }
