"""What a buyer decides: about the next renewal, a change within the period, a common date, the end."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.buying.errors import CannotPlace
from shop.companies.capabilities import Capability
from shop.companies.models import Company
from shop.subscriptions import selectors
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import RenewalReview, Subscription
from shop.subscriptions.pages.listing import AccountPage
from shop.subscriptions.pages.paying import to_payment_form
from shop.subscriptions.services import aligning, cancelling, changes, reviews
from shop.subscriptions.services.locking import day_of

MOST = 100_000


class AnswerForm(forms.Form):
    decision = forms.ChoiceField(choices=[choice for choice in RenewalReview.Decision.choices if choice[0]])
    quantity = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    product = forms.IntegerField(required=False)


class ChangeForm(forms.Form):
    product = forms.TypedChoiceField(label=gettext_lazy("Product"), coerce=int)
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), min_value=1, max_value=MOST)

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = [subscription.product, *selectors.substitutes_for(subscription)]
        self.fields["product"].choices = [(row.pk, row.get_title()) for row in products]  # type: ignore[attr-defined]


class AlignForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Common date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ConfirmForm(forms.Form):
    """What was seen on the page that is confirmed."""

    expected = forms.DecimalField(max_digits=12, decimal_places=2)
    key = forms.UUIDField()


class ReviewView(AccountPage):
    """The answer to a review."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, form = self.to_act_on(pk), AnswerForm(request.POST)
        review = get_object_or_404(subscription.reviews, due_on=subscription.next_due_on)
        try:
            if not form.is_valid():
                raise SubscriptionRefused(
                    _("Choose what should happen with this renewal, and a quantity of at least 1.")
                )
            reviews.answer(
                review_id=review.pk,
                decision=form.cleaned_data["decision"],
                quantity=form.cleaned_data["quantity"],
                product_id=form.cleaned_data["product"],
                at=timezone.now(),
                by=self.actor,
            )
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            day = date_format(review.answer_by, "j F Y")
            messages.success(request, _("Thank you. You can change your answer until %(day)s.") % {"day": day})
        return redirect("customer:subscription", pk=pk)


class ChangePage(AccountPage):
    """Choose, see what it costs until the next renewal, confirm."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription = self.to_act_on(pk)
        is_asked = "quantity" in request.GET
        initial = {"product": subscription.product_id, "quantity": subscription.quantity}
        form = ChangeForm(request.GET if is_asked else None, initial=initial, subscription=subscription)
        found, refusal = None, ""
        if is_asked and form.is_valid():
            today = day_of(timezone.now())
            try:
                found = changes.preview(
                    subscription,
                    product_id=form.cleaned_data["product"],
                    quantity=form.cleaned_data["quantity"],
                    on=today,
                )
            except SubscriptionRefused as error:
                refusal = str(error)
        return self.page(
            "subscription_change", _("Change"), subscription=subscription, form=form, found=found, refusal=refusal,
            key=uuid4(), credit=-found.amount if found and found.amount < 0 else None,
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, seen = self.to_act_on(pk), ConfirmForm(request.POST)
        form = ChangeForm(request.POST, subscription=subscription)
        if not seen.is_valid() or not form.is_valid():
            messages.error(request, _("Look at the change again before you confirm it."))
            return redirect("customer:subscription-change", pk=pk)
        if self.membership.on_behalf and subscription.payment_kind != Company.PaymentMethod.INVOICE:
            raise PermissionDenied(_("Only the company's own people can pay for this change."))
        try:
            made = changes.change(
                subscription_id=pk,
                product_id=form.cleaned_data["product"],
                quantity=form.cleaned_data["quantity"],
                at=timezone.now(),
                by=self.actor,
                **seen.cleaned_data,
            )
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("customer:subscription-change", pk=pk)
        except CannotPlace as refusal:
            for sentence in refusal.messages:
                messages.error(request, sentence)
            return redirect("customer:subscription-change", pk=pk)
        payment = changes.payment_of(made)
        if made.state == made.State.PAYING and payment is not None and payment.client_secret:
            return to_payment_form(request, subscription, payment)
        messages.success(request, _("Changed."))
        return redirect("customer:subscription", pk=pk)


class CancelPage(AccountPage):
    """The days on which it may end with what that costs; confirm, or take back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription = self.to_act_on(pk)
        endings = cancelling.endings(subscription) if subscription.is_running else []
        return self.page("subscription_cancel", _("End it"), subscription=subscription, endings=endings)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, now = self.to_act_on(pk), timezone.now()
        try:
            if "undo" in request.POST:
                cancelling.undo(subscription_id=subscription.pk, at=now, by=self.actor)
                messages.success(request, _("It runs on as before."))
            else:
                on = _day(request.POST.get("on", ""))
                cancelling.cancel(subscription_id=subscription.pk, at=now, by=self.actor, on=on)
                text = _("It ends on %(day)s. Until then you can take that back.")
                messages.success(request, text % {"day": date_format(on, "j F Y")})
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("customer:subscription", pk=pk)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SubscriptionRefused(_("Choose the day on which it should end.")) from None


class AlignPage(AccountPage):
    """Several subscriptions on one date: what the shorter periods cost, confirm."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, today = self.chosen(request.GET.getlist("s")), day_of(timezone.now())
        form = AlignForm(request.GET if "on" in request.GET else None, initial=self.initial(rows))
        found, refusal = [], ""
        if form.is_bound and form.is_valid():
            try:
                found = aligning.preview(rows, on=form.cleaned_data["on"], today=today)
            except SubscriptionRefused as error:
                refusal = str(error)
        elif len(rows) < 2:
            refusal = _("Choose at least two subscriptions.")
        return self.page("subscriptions_align", _("Common date"), rows=rows, form=form, found=found, refusal=refusal)

    def post(self, request: HttpRequest) -> HttpResponse:
        rows, form = self.chosen(request.POST.getlist("s")), AlignForm(request.POST)
        try:
            if not form.is_valid():
                raise SubscriptionRefused(_("Choose a day to come."))
            aligning.align(
                subscription_ids=[row.pk for row in rows], on=form.cleaned_data["on"], at=timezone.now(), by=self.actor
            )
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("They meet on a common date. Each runs on as it is until its next renewal."))
        return redirect("customer:subscriptions")

    def chosen(self, keys: list[str]) -> list[Subscription]:
        mine = selectors.visible_to(self.membership, Capability.ORDER).select_related(
            "plan", "product__parent", "company"
        )
        return list(mine.filter(pk__in=[int(key) for key in keys if key.isdecimal() and len(key) < 10]))

    def initial(self, rows: list[Subscription]) -> dict[str, date]:
        """Offer the last of their next renewals: until then nobody has paid twice."""
        return {"on": max(row.next_due_on for row in rows)} if rows else {}
