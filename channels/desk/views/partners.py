"""Channel partners and their people."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.audit.models import AuditEvent
from channels.commissions.selectors.balances import balances
from channels.desk.forms import AgreementForm, MemberForm, ParentForm, PartnerFilter, PartnerForm, RegisterPartnerForm
from channels.desk.pages import DeskAct, DeskForm, DeskList, DeskTemplate
from channels.partners.models import ChannelPartner
from channels.partners.services import agreements, lifecycle, members, organisations

VIEW = "channels_partners.view_channelpartner"
CHANGE = "channels_partners.change_channelpartner"
TRAIL = (("desk_partners", gettext_lazy("Partners")),)
Status = ChannelPartner.Status

# What a person may do next, by status; the service checks it again under its lock.
STEPS: dict[str, tuple[tuple[str, Any, bool], ...]] = {
    Status.APPLIED: (("start_review", gettext_lazy("Start review"), False),),
    Status.IN_REVIEW: (
        ("approve", gettext_lazy("Approve"), False),
        ("request_information", gettext_lazy("Ask for more"), True),
        ("reject", gettext_lazy("Reject"), True),
    ),
    Status.INFO_REQUESTED: (
        ("start_review", gettext_lazy("Continue review"), False),
        ("reject", gettext_lazy("Reject"), True),
    ),
    Status.APPROVED: (("activate", gettext_lazy("Activate"), False),),
    Status.ACTIVE: (("suspend", gettext_lazy("Suspend"), True), ("terminate", gettext_lazy("Terminate"), True)),
    Status.SUSPENDED: (("reinstate", gettext_lazy("Reinstate"), True), ("terminate", gettext_lazy("Terminate"), True)),
}


class PartnerList(DeskList):
    """All partners, whatever their status."""

    permission = VIEW
    act_permission = "channels_partners.add_channelpartner"
    page_title = gettext_lazy("Partners")
    template_name = "channels/desk/partner_list.html"
    filter_form = PartnerFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[ChannelPartner]:
        found = ChannelPartner.objects.select_related("parent")
        if query := wanted.pop("q", ""):
            found = found.filter(Q(name__icontains=query) | Q(code__icontains=query) | Q(city__icontains=query))
        return found.filter(**wanted).order_by("name", "pk")


class PartnerDetail(DeskTemplate):
    """One partner: what it is, its money, people, agreements, links and history."""

    permission = VIEW
    act_permission = CHANGE
    template_name = "channels/desk/partner_detail.html"
    trail = TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(ChannelPartner.objects.select_related("parent"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.partner.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        partner = self.partner
        history = AuditEvent.objects.filter(subject_type=partner._meta.label_lower, subject_id=str(partner.pk))
        return {
            **super().get_context_data(**kwargs),
            "partner": partner,
            "steps": STEPS.get(partner.status, ()),
            "balances": balances(partner),
            "members": partner.members.select_related("user"),
            "agreements": partner.agreements.all(),
            "certifications": partner.certifications.select_related("end"),
            "codes": partner.codes.all()[:20],
            "children": partner.children.all(),
            "relationships": partner.relationships.select_related("company", "end")[:20],
            "history": history.select_related("actor")[:20],
            "parent_form": ParentForm(initial={"parent": partner.parent_id}),
        }


class ReasonMissing(Exception):
    """This step is told to the partner, and needs a reason."""


class PartnerStep(DeskAct):
    """Move a partner one step of its life: approve, suspend, reinstate and so on."""

    permission = CHANGE
    refusals = (lifecycle.StepNotAllowed, lifecycle.AgreementMissing, ReasonMissing)

    def act(self, now: datetime, reason: str, *, pk: int, step: str) -> str:
        partner = get_object_or_404(ChannelPartner, pk=pk)
        known = {name: needs_reason for steps in STEPS.values() for name, _label, needs_reason in steps}
        if step not in known:
            raise lifecycle.StepNotAllowed(_("There is no such step."))
        if known[step] and not reason:
            raise ReasonMissing(_("Write the reason: the partner will read it."))
        getattr(lifecycle, step)(partner_id=pk, at=now, actor=self.request.user, reason=reason)
        partner.refresh_from_db()
        return _("%(partner)s is now: %(status)s.") % {"partner": partner.name, "status": partner.get_status_display()}

    def back(self, *, pk: int, step: str) -> str:
        return reverse("desk_partner", args=[pk])


class PartnerEdit(DeskForm):
    """Change the facts of a partner; the audit trail keeps each old and new value."""

    permission = CHANGE
    form_class = PartnerForm
    trail = TRAIL
    refusals = (ValidationError,)

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(ChannelPartner, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Edit %s") % self.partner.name

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: the form writes into its instance, and the service must still see what was there before.
        return {**super().get_form_kwargs(), "instance": ChannelPartner.objects.get(pk=self.partner.pk)}

    def act(self, data: dict[str, Any], now: datetime) -> None:
        organisations.change(partner_id=self.partner.pk, changes=data, at=now, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("desk_partner", args=[self.partner.pk])


class PartnerParent(DeskAct):
    """Put a partner under a distributor, or take it out."""

    permission = CHANGE
    refusals = (organisations.CircularChain,)

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        partner = get_object_or_404(ChannelPartner, pk=pk)
        form = ParentForm(self.request.POST)
        parent = form.cleaned_data["parent"] if form.is_valid() else partner.parent
        organisations.set_parent(
            partner_id=pk, parent_id=parent.pk if parent else None, at=now, actor=self.request.user, reason=reason
        )
        return _("Saved.")

    def back(self, *, pk: int) -> str:
        return reverse("desk_partner", args=[pk])


class MemberStep(DeskAct):
    """Take a person out of a partner's portal."""

    permission = CHANGE
    refusals = (members.LastOwner,)

    def act(self, now: datetime, reason: str, *, pk: int, member: int) -> str:
        partner = get_object_or_404(ChannelPartner, pk=pk)
        row = get_object_or_404(partner.members, pk=member)
        members.deactivate(member_id=row.pk, at=now, actor=self.request.user, reason=reason)
        return _("%s no longer reaches the portal.") % row.user

    def back(self, *, pk: int, member: int) -> str:
        return reverse("desk_partner", args=[pk])


class PartnerAdd(DeskForm):
    """Take on an application; review, agreement and activation follow on the partner's page."""

    permission = "channels_partners.add_channelpartner"
    page_title = gettext_lazy("Take on a partner")
    form_class = RegisterPartnerForm
    trail = TRAIL
    refusals = (ValidationError,)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        self.partner = organisations.register(at=now, actor=self.request.user, **data)

    def get_success_url(self) -> str:
        partner = getattr(self, "partner", None)
        return reverse("desk_partner", args=[partner.pk]) if partner else reverse("desk_partners")


class OfPartner(DeskForm):
    """A form below one partner."""

    permission = CHANGE
    trail = TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(ChannelPartner, pk=kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("desk_partner", args=[self.partner.pk])


class AgreementSign(OfPartner):
    """Put the next version of the agreement in force."""

    form_class = AgreementForm
    submit_label = gettext_lazy("Sign")

    def get_page_title(self) -> str:
        return _("Agreement with %s") % self.partner.name

    def act(self, data: dict[str, Any], now: datetime) -> None:
        agreements.sign(partner_id=self.partner.pk, at=now, actor=self.request.user, **data)


class MemberAdd(OfPartner):
    """Let a person of the partner into the portal."""

    form_class = MemberForm
    refusals = (members.AlreadyMember,)
    success_message = gettext_lazy(
        "Added. Somebody new sets a password by “Forgotten your password?” on the sign-in page."
    )

    def get_page_title(self) -> str:
        return _("Add a person to %s") % self.partner.name

    def act(self, data: dict[str, Any], now: datetime) -> None:
        members.invite(partner_id=self.partner.pk, at=now, actor=self.request.user, **data)
