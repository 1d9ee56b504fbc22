"""People and invitations."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.companies import selectors
from shop.companies.access import may_give
from shop.companies.capabilities import Capability
from shop.companies.models import Invitation, Membership
from shop.companies.pages.base import CompanyPage
from shop.companies.pages.forms import InvitationForm, LeaveForm, PersonForm
from shop.companies.services import invitations, people


class PeoplePage(CompanyPage):
    """Everybody that the reader manages, and the form that asks somebody new."""

    capability = Capability.MANAGE_PEOPLE
    section = "company-people"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.list_page(InvitationForm(manager=self.membership))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InvitationForm(request.POST, manager=self.membership)
        if not form.is_valid():
            return self.list_page(form, status=422)
        try:
            invitations.invite(company=self.company, at=timezone.now(), actor=request.user, **form.cleaned_data)
        except invitations.AlreadyMemberError as error:
            form.add_error("email", str(error))
            return self.list_page(form, status=422)
        messages.success(request, _("We sent an invitation to %(email)s.") % form.cleaned_data)
        return redirect("customer:company-people")

    def list_page(self, form: InvitationForm, *, status: int = 200) -> HttpResponse:
        now = timezone.now()
        return self.page(
            "people",
            _("People"),
            status=status,
            people=selectors.people_visible_to(self.membership).order_by("-is_active", "user__last_name", "pk"),
            invitations=[
                {"row": row, "is_expired": row.sent_at + invitations.WORKS_FOR <= now}
                for row in selectors.invitations_visible_to(self.membership)
            ],
            form=form,
        )


class PersonView(CompanyPage):
    """One colleague: role, location and limits. Another company's, or one of a higher role, is not found."""

    capability = Capability.MANAGE_PEOPLE
    section = "company-people"

    def person(self, pk: int) -> Membership:
        person = get_object_or_404(selectors.people_visible_to(self.membership), pk=pk)
        if not may_give(self.membership, person.role):
            raise Http404
        return person

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self.person(pk)
        return self.person_page(person, PersonForm(instance=person, manager=self.membership))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self.person(pk)
        form = PersonForm(request.POST, instance=person, manager=self.membership)
        if not form.is_valid():
            return self.person_page(self.person(pk), form, status=422)
        data = {"cost_centres": [], **form.cleaned_data}
        try:
            people.change(membership_id=pk, at=timezone.now(), actor=request.user, **data)
        except people.LastAdministratorError as error:
            form.add_error("role", str(error))
            return self.person_page(self.person(pk), form, status=422)
        messages.success(request, _("Saved."))
        return redirect("customer:company-people")

    def person_page(self, person: Membership, form: Any, *, leave: Any = None, status: int = 200) -> HttpResponse:
        return self.page(
            "person",
            person.user.get_full_name() or person.user.email,
            status=status,
            person=person,
            form=form,
            leave=leave or LeaveForm(leaving=person),
        )


class PersonLeaveView(PersonView):
    """Let a colleague leave, or come back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, now = self.person(pk), timezone.now()
        if "return" in request.POST:
            people.reactivate(membership_id=pk, at=now, actor=request.user)
            return redirect("customer:company-person", pk=pk)
        leave = LeaveForm(request.POST, leaving=person)
        if leave.is_valid():
            try:
                successor = leave.cleaned_data["successor"]
                people.deactivate(membership_id=pk, successor=successor, at=now, actor=request.user)
            except people.LastAdministratorError as error:
                leave.add_error(None, str(error))
            else:
                messages.success(request, _("%(name)s no longer acts for your company.") % {"name": person.user})
                return redirect("customer:company-people")
        form = PersonForm(instance=person, manager=self.membership)
        return self.person_page(person, form, leave=leave, status=422)


class InvitationActView(CompanyPage):
    """Send an invitation again, or withdraw it."""

    capability = Capability.MANAGE_PEOPLE
    http_method_names = ["post"]

    def invitations(self) -> QuerySet[Invitation]:
        return selectors.invitations_visible_to(self.membership)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = get_object_or_404(self.invitations(), pk=pk)
        if "withdraw" in request.POST:
            invitations.withdraw(invitation_id=pk, at=timezone.now(), actor=request.user)
            messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
        else:
            invitations.resend(invitation_id=pk, at=timezone.now())
            messages.success(request, _("We sent a new link to %(email)s.") % {"email": invitation.email})
        return redirect("customer:company-people")
