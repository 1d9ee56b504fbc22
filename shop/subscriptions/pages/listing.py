"""The list of subscriptions, and one of them: what it costs next and why, what waits for an answer, what happened."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.buying.services.entitlement import methods_for
from shop.companies.capabilities import Capability
from shop.companies.pages.base import CompanyPage, Wanted
from shop.subscriptions import selectors, wording
from shop.subscriptions.models import Subscription
from shop.subscriptions.prices import next_price
from shop.subscriptions.services import cancelling, collecting, history, placing
from shop.subscriptions.services.locking import day_of
from shop.subscriptions.terms import NotRenewed, terms_of_next

PER_PAGE = 25


class AccountPage(CompanyPage):
    """A page for those who see the company's orders; it stands beside the company's in the account."""

    capability: ClassVar[Wanted] = Capability.VIEW_ORDERS

    def page(self, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return super().page(template, title, status=status, **{"active_tab": "subscriptions", "sections": []} | context)

    def mine(self, pk: int) -> Subscription:
        """Return a subscription that the person sees."""
        return get_object_or_404(_detailed(selectors.visible_to(self.membership)), pk=pk)

    def to_act_on(self, pk: int) -> Subscription:
        """Return one that the person may decide about."""
        return get_object_or_404(_detailed(selectors.visible_to(self.membership, Capability.ORDER)), pk=pk)


class SubscriptionsPage(AccountPage):
    """Everything that runs or ran, what renews next first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        rows = selectors.with_renewal(selectors.visible_to(self.membership))
        if state in Subscription.Status.values:
            rows = rows.filter(status=state)
        page = Paginator(rows.order_by("status", "next_due_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        for row in page:
            row.net = history.expected_net(row)  # type: ignore[attr-defined]
        acting = selectors.visible_to(self.membership, Capability.ORDER).filter(pk__in=[row.pk for row in page])
        return self.page(
            "subscriptions",
            _("Subscriptions"),
            page_obj=page,
            state=state,
            states=Subscription.Status.choices,
            alignable=set(acting.filter(status="active", ends_on=None).values_list("pk", flat=True)),
        )


class SubscriptionPage(AccountPage):
    """One subscription."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, today = self.mine(pk), day_of(timezone.now())
        review = selectors.review_of(subscription)
        is_open = review is not None and today <= review.answer_by and subscription.is_running
        may_act = selectors.visible_to(self.membership, Capability.ORDER).filter(pk=pk).exists()
        underway = collecting.underway(subscription)
        return self.page(
            "subscription",
            subscription.product.get_title(),
            subscription=subscription,
            next=self.next_of(subscription),
            review=review,
            review_is_open=is_open,
            substitutes=self.substitutes(subscription) if is_open and may_act else [],
            underway=underway,
            orders=self.orders(subscription),
            timeline=wording.items(subscription, selectors.timeline(subscription), is_buyer=True),
            may_act=may_act,
            may_pay=may_act and not self.membership.on_behalf,
            can_cancel=may_act and subscription.is_running and subscription.ends_on is None,
            can_change=may_act and subscription.status == "active" and not subscription.ends_on and review is None,
            ending=cancelling.endings(subscription)[0] if subscription.is_running else None,
            methods=methods_for(self.company, is_on_behalf=bool(self.membership.on_behalf)),
            method=placing.method_of(subscription),
        )

    def next_of(self, subscription: Subscription) -> dict[str, Any] | None:
        """Return what the next renewal is as far as it is decided, or why there is none."""
        if subscription.renews_on is None:
            return None
        try:
            terms = terms_of_next(subscription)
        except NotRenewed as end:
            return {"on": subscription.next_due_on, "problem": str(end)}
        return {"on": subscription.next_due_on, "terms": terms, "is_shorter": subscription.aligned_on is not None}

    def substitutes(self, subscription: Subscription) -> list[tuple[Any, Any]]:
        """Return (product, price) of what may be had instead."""
        found = [
            (product, next_price(subscription, product=product)) for product in selectors.substitutes_for(subscription)
        ]
        return [(product, price.amount) for product, price in found if price.amount is not None]

    def orders(self, subscription: Subscription) -> list[Any]:
        rows = subscription.occurrences.filter(order__isnull=False).select_related("order__purchase", "order__invoice")
        return list(rows.order_by("-cycle")[:12])


def _detailed(rows: Any) -> Any:
    return rows.select_related(
        "plan", "company", "user", "product__parent", "first_line__product", "first_line__order__purchase__company"
    )
