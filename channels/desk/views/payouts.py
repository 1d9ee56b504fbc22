"""Paying: what is due and how, batches with their progress, the bank's files, and payments that came back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from channels.commissions.models import Payout, PayoutBatch, Rail, Statement
from channels.commissions.rails import sepa
from channels.commissions.selectors import payouts as selectors
from channels.commissions.selectors.payees import history, whereabouts
from channels.commissions.services import bank_reports, payout_batches, payouts
from channels.desk.forms import BankReportForm, PaymentForm, PayoutFilter, TextFilter
from channels.desk.pages import DeskAct, DeskForm, DeskList, DeskPermission, DeskTemplate, paged, sentence
from channels.desk.views.money import STATEMENT_TRAIL
from channels.partners.models import ChannelPartner

PAYOUT_TRAIL = (("desk_payouts", gettext_lazy("Payouts")),)
BATCH_TRAIL = (*PAYOUT_TRAIL, ("desk_payout_batches", gettext_lazy("Batches")))
SECONDS_BETWEEN_LOOKS = "3"
ITEMS_PER_PAGE = 100


class DueList(DeskList):
    """Statements that ask for money, to be approved and sent many at a time."""

    permission = "channels_commissions.view_payout"
    act_permission = "channels_commissions.add_payout"
    page_title = gettext_lazy("Payouts")
    header_icon = "download"
    template_name = "channels/desk/payout_list.html"
    filter_form = PayoutFilter
    paginate_by = 100

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Statement]:
        found = selectors.due(now=timezone.now())
        if query := wanted.pop("q", ""):
            found = found.filter(Q(number__icontains=query) | Q(partner__name__icontains=query))
        return found.filter(**wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        may_approve = self.request.user.has_perm("channels_commissions.change_statement")
        rows = selectors.described(context["page_obj"].object_list, now=timezone.now())
        return {**context, "rows": rows, "may_approve": may_approve}


class ManyAct(DeskPermission, View):
    """A POST with the statements that were ticked."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        ticked = [int(text) for text in request.POST.getlist("statement") if text.isdecimal() and len(text) < 19]
        if not ticked:
            messages.error(request, _("Tick the statements first."))
            return redirect("desk_payouts")
        return self.act(ticked, timezone.now())

    def act(self, ticked: list[int], now: datetime) -> HttpResponse:
        raise NotImplementedError


class ApproveMany(ManyAct):
    """Approve the ticked statements; above the limit it takes two people, each at their own login."""

    permission = "channels_commissions.change_statement"

    def act(self, ticked: list[int], now: datetime) -> HttpResponse:
        due = selectors.due(now=now).filter(pk__in=ticked).values_list("pk", flat=True)
        done = payout_batches.approve_many(statement_ids=list(due), at=now, by=self.request.user)
        if done.ready:
            text = ngettext("%d payout is ready to be sent.", "%d payouts are ready to be sent.", done.ready)
            messages.success(self.request, text % done.ready)
        if done.waiting:
            text = ngettext("%d waits for a second person.", "%d wait for a second person.", done.waiting)
            messages.warning(self.request, text % done.waiting)
        for refusal in done.refused[:10]:
            messages.error(self.request, sentence(ValueError(refusal)))
        return redirect("desk_payouts")


class SendMany(ManyAct):
    """Send the ticked ones that are approved: one batch for each rail. By hand is for each by itself."""

    permission = "channels_commissions.add_payout"

    def act(self, ticked: list[int], now: datetime) -> HttpResponse:
        due = list(selectors.due(now=now).filter(pk__in=ticked))
        made: list[PayoutBatch] = []
        for rail in (Rail.STRIPE, Rail.SEPA):
            wanted = [row.pk for row in due if getattr(row, "rail", "") == rail]
            ready = payout_batches.prepare(statement_ids=wanted, at=now, by=self.request.user)
            if ready:
                made.append(payout_batches.create(payout_ids=ready, rail=rail, at=now, by=self.request.user))
        by_hand = sum(getattr(row, "rail", "") == Rail.MANUAL for row in due)
        if by_hand:
            text = ngettext(
                "%d is paid by hand: open its statement and record the reference.",
                "%d are paid by hand: open each statement and record the reference.",
                by_hand,
            )
            messages.info(self.request, text % by_hand)
        if not made:
            messages.error(self.request, _("None of them can be sent in a batch. They need an approval first."))
            return redirect("desk_payouts")
        return redirect("desk_payout_batch", pk=made[0].pk) if len(made) == 1 else redirect("desk_payout_batches")


class BatchList(DeskList):
    """Every batch, the latest first."""

    permission = "channels_commissions.view_payoutbatch"
    page_title = gettext_lazy("Batches")
    template_name = "channels/desk/payout_batch_list.html"
    trail = PAYOUT_TRAIL
    filter_form = TextFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[PayoutBatch]:
        query = wanted.get("q", "")
        return selectors.batches().filter(Q(message_id__icontains=query) | Q(rail__icontains=query)).order_by("-pk")


class BatchDetail(DeskTemplate):
    """One batch: how far it is, and what came of each payout. While it is being sent the page looks again by itself."""

    permission = "channels_commissions.view_payoutbatch"
    act_permission = "channels_commissions.add_payout"
    template_name = "channels/desk/payout_batch.html"
    trail = BATCH_TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.batch = get_object_or_404(selectors.batches(), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Batch %d") % self.batch.pk

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if self.batch.state == PayoutBatch.State.SENDING:
            answer["Refresh"] = SECONDS_BETWEEN_LOOKS
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = self.batch.items.select_related("payout__statement__partner", "attempt").order_by("pk")
        return {
            **super().get_context_data(**kwargs),
            "batch": self.batch,
            **paged(self.request, items, ITEMS_PER_PAGE),
            "reports": self.batch.status_files.select_related("by"),
            "can_be_sent_again": selectors.can_be_sent_again(self.batch),
        }


class BatchAct(DeskAct):
    """An act on one batch, which ends on its page."""

    permission = "channels_commissions.add_payout"

    def back(self, *, pk: int) -> str:
        return reverse("desk_payout_batch", args=[pk])


class RetryBatch(BatchAct):
    """Send in a new batch what failed or was left out."""

    refusals = (payout_batches.EmptyBatch,)

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        get_object_or_404(PayoutBatch, pk=pk)
        self.made = payout_batches.retry(batch_id=pk, at=now, by=self.request.user)
        return _("What was left is sent again, in a batch of its own.")

    def back(self, *, pk: int) -> str:
        made = getattr(self, "made", None)
        return super().back(pk=made.pk if made else pk)


class ExecutedBatch(BatchAct):
    """The account's statement shows that the bank executed the file."""

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        get_object_or_404(PayoutBatch.objects.exclude(file_at=None), pk=pk)
        count = bank_reports.confirm_executed(batch_id=pk, at=now, by=self.request.user)
        return ngettext("%d payout is marked as paid.", "%d payouts are marked as paid.", count) % count


class BatchFile(DeskPermission, View):
    """The file for the bank: the same bytes each time. It holds whole account numbers, so not every reader gets it."""

    permission = "channels_commissions.add_payout"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = get_object_or_404(PayoutBatch, pk=pk)
        if not batch.file:
            raise Http404
        answer = HttpResponse(batch.file.encode(), content_type="application/xml")
        answer["Content-Disposition"] = f'attachment; filename="{batch.message_id}.xml"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class ImportReport(DeskForm):
    """Take in the bank's answer to a SEPA file."""

    permission = "channels_commissions.add_payout"
    form_class = BankReportForm
    page_title = gettext_lazy("Take in a bank report")
    trail = PAYOUT_TRAIL
    refusals = (sepa.UnreadableFile, bank_reports.UnknownBatch)
    submit_label = gettext_lazy("Take it in")
    success_message = gettext_lazy("The report is taken in. What it said of each payout is below.")
    batch_id = 0

    def act(self, data: dict[str, Any], now: datetime) -> None:
        taken = bank_reports.import_status(content=data["file"].read(), at=now, by=self.request.user)
        self.batch_id = taken.batch_id

    def get_success_url(self) -> str:
        return reverse("desk_payout_batch", args=[self.batch_id]) if self.batch_id else reverse("desk_payouts")


class PartnerPayoutDetails(DeskTemplate):
    """Where a partner's money goes, and who changed that when."""

    permission = "channels_commissions.view_payoutdetails"
    template_name = "channels/desk/payout_details.html"
    trail = PAYOUT_TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(ChannelPartner, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.partner.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = whereabouts(self.partner.pk, now=timezone.now())
        return {
            **super().get_context_data(**kwargs),
            "partner": self.partner,
            "place": place,
            "rows": history(self.partner.pk),
        }


class PayStatement(DeskForm):
    """Record the transfer that pays an approved statement."""

    permission = "channels_commissions.add_payout"
    form_class = PaymentForm
    trail = STATEMENT_TRAIL
    refusals = (payouts.NotApproved, payouts.NothingOwed, payouts.WrongState, payouts.OnHold)
    submit_label = gettext_lazy("Record the payment")
    success_message = gettext_lazy("Payment recorded; the partner sees it as paid.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.statement = get_object_or_404(Statement, number=kwargs["number"])

    def get_page_title(self) -> str:
        return _("Pay %s") % self.statement.number

    def act(self, data: dict[str, Any], now: datetime) -> None:
        payout = payouts.create(statement_id=self.statement.pk, at=now, by=self.request.user)
        payouts.record_payment(payout_id=payout.pk, reference=data["reference"], at=now, by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("desk_statement", args=[self.statement.number])


class PayoutAct(DeskAct):
    """An act on the payout of a statement, which ends on the statement's page."""

    permission = "channels_commissions.change_payout"

    def back(self, *, number: str) -> str:
        return reverse("desk_statement", args=[number])


class ReturnPayout(PayoutAct):
    """Record that the bank sent a payment back: the amount is owed again."""

    refusals = (payouts.WrongState,)

    def act(self, now: datetime, reason: str, *, number: str) -> str:
        payout = get_object_or_404(Payout, statement__number=number)
        payouts.returned(payout_id=payout.pk, at=now, reason=reason or _("Returned by the bank"), by=self.request.user)
        return _("The payment came back; the amount is payable again.")


class RecallPayout(PayoutAct):
    """Ask Stripe for a transfer back. It may say no."""

    refusals = (payout_batches.NotPaid,)

    def act(self, now: datetime, reason: str, *, number: str) -> str:
        payout = get_object_or_404(Payout, statement__number=number)
        payout_batches.recall(payout_id=payout.pk, reason=reason or _("Taken back"), at=now, by=self.request.user)
        return _("Stripe is asked for the transfer. What it answers stands with the payout.")
