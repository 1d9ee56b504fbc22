"""Credit in the Wagtail admin: who owes how much, limits, holds, deposits, and every entry."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.credit import forms, selectors
from shop.credit.errors import CreditChangeRefused
from shop.credit.models import CreditAccount
from shop.credit.services import accounts, deposits
from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffTemplate, paged

PARENT = ("credit_accounts", gettext_lazy("Credit"))
VIEW, MANAGE = "shop_credit.view_creditaccount", "shop_credit.manage_credit"
NEAR = Decimal("0.2")


class AccountList(StaffList):
    """What every company owes and may still buy, those nearest to their limit first."""

    permission_required = VIEW
    act_permission = MANAGE
    template_name = "shop/credit/account_list.html"
    page_title = gettext_lazy("Credit")
    header_icon = "doc-full-inverse"
    filter_form = forms.AccountFilter

    def rows(self, q: str = "", state: str = "", **wanted: Any) -> QuerySet[CreditAccount]:
        rows = selectors.accounts(at=timezone.now())
        if q:
            rows = rows.filter(Q(company__name__icontains=q) | Q(company__vat_id__icontains=q))
        narrowed = {
            "held": ~Q(hold=""),
            "near": Q(limit__gt=0, left__lt=F("limit") * NEAR),
            "owing": Q(balance__gt=0),
            "ahead": Q(advance__gt=0),
        }.get(state)
        rows = rows.filter(narrowed) if narrowed else rows
        return rows.order_by(F("left").asc(nulls_last=True), "company__name", "pk")


class OfAccount:
    """The account that the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def account(self) -> CreditAccount:
        return get_object_or_404(CreditAccount.objects.select_related("company"), pk=self.kwargs["pk"])


class AccountPage(OfAccount, StaffTemplate):
    """One account with its entries, the newest first."""

    permission_required = VIEW
    act_permission = MANAGE
    parent = PARENT
    template_name = "shop/credit/account.html"
    header_icon = "doc-full-inverse"

    def get_page_title(self) -> str:
        return str(self.account)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account, now = self.account, timezone.now()
        entries = account.entries.select_related("order", "by", "account")
        return {
            **super().get_context_data(**kwargs),
            "account": account,
            "standing": selectors.standing_of(account, held=selectors.held(account, at=now)),
            "holds": account.holds.filter(released_at=None, expires_at__gt=now),
            **paged(self.request, entries),
        }


class AccountAdd(StaffForm):
    permission_required = MANAGE
    parent = PARENT
    form_class = forms.AccountForm
    page_title = gettext_lazy("Agree on a limit")

    def act(self, form: Any, now: datetime) -> None:
        data = form.cleaned_data
        accounts.set_limit(
            company=data["company"], currency=data["currency"], limit=data["limit"], note=data["note"],
            key=f"limit:{data['key']}", at=now, by=self.request.user,
        )  # fmt: skip


class AccountFormPage(OfAccount, StaffForm):
    permission_required = MANAGE
    parent = PARENT
    refusals = (CreditChangeRefused,)

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": self.get_success_url(), "label": str(self.account)}]

    def get_success_url(self) -> str:
        return reverse("credit_account", args=[self.account.pk])


class LimitPage(AccountFormPage):
    form_class = forms.LimitForm
    page_title = gettext_lazy("Limit")

    def get_initial(self) -> dict[str, Any]:
        return {"limit": self.account.limit}

    def act(self, form: Any, now: datetime) -> None:
        account, data = self.account, form.cleaned_data
        accounts.set_limit(
            company=account.company, currency=account.currency, limit=data["limit"], note=data["note"],
            key=f"limit:{data['key']}", at=now, by=self.request.user,
        )  # fmt: skip


class HoldPage(AccountFormPage):
    form_class = forms.HoldForm
    page_title = gettext_lazy("Stop buying on invoice")
    submit_label = gettext_lazy("Stop")
    success_message = gettext_lazy("Nothing more goes on invoice. Other ways of payment stay open.")

    def act(self, form: Any, now: datetime) -> None:
        accounts.hold(account_id=self.account.pk, reason=form.cleaned_data["reason"], at=now, by=self.request.user)


class ReleaseAct(StaffAct):
    permission_required = MANAGE

    def act(self, now: datetime, **kwargs: Any) -> str:
        account = get_object_or_404(CreditAccount, pk=kwargs["pk"])
        freed = accounts.release(account_id=account.pk, at=now, by=self.request.user)
        return _("The company buys on invoice again.") if freed else _("Nothing stopped the company.")

    def back(self, **kwargs: Any) -> str:
        return reverse("credit_account", args=[kwargs["pk"]])


class DepositPage(AccountFormPage):
    form_class = forms.MoneyForm
    page_title = gettext_lazy("Record a deposit")
    success_message = gettext_lazy(
        "Recorded. It pays open invoices, the oldest first, and then the next orders on invoice."
    )

    def act(self, form: Any, now: datetime) -> None:
        account, data = self.account, form.cleaned_data
        deposits.record(
            company=account.company, currency=account.currency, amount=data["amount"], reference=data["reference"],
            key=f"deposit:{data['key']}", at=now, by=self.request.user,
        )  # fmt: skip


class PayOutPage(AccountFormPage):
    form_class = forms.MoneyForm
    page_title = gettext_lazy("Record money paid back")

    def act(self, form: Any, now: datetime) -> None:
        data = form.cleaned_data
        deposits.pay_out(
            account_id=self.account.pk, amount=data["amount"], reference=data["reference"],
            key=f"paid-out:{data['key']}", at=now, by=self.request.user,
        )  # fmt: skip


class CorrectionPage(AccountFormPage):
    form_class = forms.CorrectionForm
    page_title = gettext_lazy("Correct the balance")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "account": self.account}

    def act(self, form: Any, now: datetime) -> None:
        data = form.cleaned_data
        accounts.correct(
            account_id=self.account.pk, amount=data["amount"], note=data["note"],
            key=f"corrected:{data['key']}", at=now, by=self.request.user,
        )  # fmt: skip
