"""Drafts shown to chosen partners, and what they write about them."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.models import DraftShare
from channels.commissions.selectors.consultations import own_result, thread
from channels.commissions.services import consultations
from channels.desk.pages import DeskAct, DeskForm
from channels.desk.programme_forms import CommentForm, ShareForm
from channels.desk.views.programmes import CHANGE, TRAIL, VIEW, VersionPage
from channels.partners.models import ChannelPartner


class ShareDraft(VersionPage, DeskForm):
    """Show a draft to chosen partners."""

    permission = CHANGE
    form_class = ShareForm
    trail = TRAIL
    refusals = (consultations.NotADraft,)
    submit_label = gettext_lazy("Share and tell them")
    success_message = gettext_lazy("Shared. They are told, and see their own result only.")

    def get_page_title(self) -> str:
        return _("Ask partners about %s") % self.draft

    def act(self, data: dict[str, Any], now: datetime) -> None:
        consultations.share(
            version_id=self.draft.pk,
            partner_ids=[partner.pk for partner in data["partners"]],
            message=data["message"],
            at=now,
            by=self.request.user,
        )

    def get_success_url(self) -> str:
        return reverse("desk_programme_version", args=[self.version.pk])


class UnshareDraft(DeskAct):
    """Take a draft back from a partner."""

    permission = CHANGE

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        shared = self._shared(pk)
        consultations.unshare(share_id=shared.pk, at=now, by=self.request.user)
        return _("%s does not see the draft any more.") % shared.partner

    def back(self, *, pk: int) -> str:
        return reverse("desk_programme_version", args=[self._shared(pk).version_id])

    def _shared(self, pk: int) -> DraftShare:
        return get_object_or_404(DraftShare.objects.select_related("partner"), pk=pk)


class Thread(VersionPage, DeskForm):
    """One partner's comments on a version, and the desk's answers."""

    permission = VIEW
    act_permission = CHANGE
    form_class = CommentForm
    template_name = "channels/desk/thread.html"
    trail = TRAIL
    refusals = (consultations.NothingSaid, consultations.NotShared)
    submit_label = gettext_lazy("Answer")
    success_message = gettext_lazy("Answered.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(ChannelPartner, code=kwargs["code"])
        if not self.version.shares.filter(partner=self.partner).exists():
            raise Http404

    def get_page_title(self) -> str:
        return _("%(partner)s on %(version)s") % {"partner": self.partner, "version": self.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "partner": self.partner,
            "comments": thread(self.version, self.partner),
            "own": own_result(self.version, self.partner),
        }

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(CHANGE):
            raise Http404
        return super().post(request, *args, **kwargs)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        consultations.answer(
            version_id=self.version.pk, partner_id=self.partner.pk, text=data["text"], at=now, by=self.request.user
        )

    def get_success_url(self) -> str:
        return reverse("desk_programme_thread", args=[self.version.pk, self.partner.code])
