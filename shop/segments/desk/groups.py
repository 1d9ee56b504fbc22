"""Customer groups: the list, the form with a preview of the members, and members by hand."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.companies.models import Company
from shop.operations.back_office import StaffAct, StaffForm, StaffList
from shop.segments.desk.forms import GroupForm, MemberForm
from shop.segments.engine.conditions import Conditions
from shop.segments.members import matching
from shop.segments.models import CustomerGroup
from shop.segments.services import groups
from shop.segments.wording import rule_sentences

MOST_SHOWN = 50
PARENT = ("customer_groups", gettext_lazy("Customer groups"))


class GroupList(StaffList):
    """Groups with their rule in words and their members counted."""

    permission_required = "shop_segments.view_customergroup"
    act_permission = "shop_segments.change_customergroup"
    template_name = "shop/segments/group_list.html"
    page_title = gettext_lazy("Customer groups")
    header_icon = "group"

    def rows(self, **wanted: Any) -> QuerySet[CustomerGroup]:
        by_hand = Count("members", filter=Q(members__is_by_hand=True))
        return CustomerGroup.objects.annotate(size=Count("members"), by_hand=by_hand).order_by("name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rules = [Conditions.from_json(group.rule) for group in context["object_list"]]
        return {**context, "rows": list(zip(context["object_list"], rule_sentences(rules), strict=True))}


class GroupFormPage(StaffForm):
    """The form; "Preview" shows who the rule would bring in, and saves nothing."""

    form_class = GroupForm
    parent = PARENT
    template_name = "shop/segments/group_form.html"
    group: CustomerGroup | None = None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "group": self.group}

    def form_valid(self, form: GroupForm) -> HttpResponse:
        if "preview" not in self.request.POST:
            return super().form_valid(form)
        found = matching(form.conditions, at=timezone.now()) if not form.conditions.asks_nothing else set()
        companies = Company.objects.filter(pk__in=sorted(found)[:MOST_SHOWN])
        preview = {"count": len(found), "companies": companies, "sentence": rule_sentences([form.conditions])[0]}
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def act(self, form: GroupForm, now: datetime) -> None:
        self.group = groups.save(group=self.group, rule=form.conditions, **form.own_values)

    def get_success_url(self) -> str:
        return reverse("customer_group", args=[self.group.pk]) if self.group else reverse(PARENT[0])


class GroupAdd(GroupFormPage):
    permission_required = "shop_segments.add_customergroup"
    page_title = gettext_lazy("New customer group")
    success_message = gettext_lazy("Saved. Companies that meet the rule join in a moment.")


class GroupEdit(GroupFormPage):
    permission_required = "shop_segments.change_customergroup"
    success_message = gettext_lazy("Saved. The members follow the rule in a moment.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.group = get_object_or_404(CustomerGroup, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return str(self.group)

    def get_initial(self) -> dict[str, Any]:
        assert self.group is not None  # noqa: S101  setup found it
        return GroupForm.initial_of(self.group)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.group is not None  # noqa: S101  setup found it
        members = self.group.members.select_related("company", "added_by").order_by("company__name", "pk")
        return {
            "members": members[:MOST_SHOWN],
            "size": members.count(),
            "member_form": MemberForm(),
            **super().get_context_data(**kwargs),
        }


class GroupDelete(StaffAct):
    parent = PARENT
    refusals = (groups.GroupRefused,)
    permission_required = "shop_segments.delete_customergroup"

    def act(self, now: datetime, **kwargs: Any) -> str:
        group = get_object_or_404(CustomerGroup, pk=kwargs["pk"])
        groups.delete(group_id=group.pk)
        return _("The group %s is deleted.") % group.name


class MemberAct(StaffAct):
    """What is done by hand to the members of a group."""

    permission_required = "shop_segments.change_customergroup"
    refusals = (groups.GroupRefused,)

    def back(self, **kwargs: Any) -> str:
        return reverse("customer_group", args=[kwargs["pk"]])


class MemberAdd(MemberAct):
    """Put a company in."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = MemberForm(request.POST)
        if not self.form.is_valid():
            messages.error(request, " ".join(str(error) for error in self.form.errors["company"]))
            return redirect(self.back(**kwargs))
        return super().post(request, *args, **kwargs)

    def act(self, now: datetime, **kwargs: Any) -> str:
        group, company = get_object_or_404(CustomerGroup, pk=kwargs["pk"]), self.form.cleaned_data["company"]
        groups.add_member(group_id=group.pk, company=company, actor=self.request.user, now=now)
        return _("%(company)s is in “%(group)s”, by hand.") % {"company": company.name, "group": group.name}


class MemberRemove(MemberAct):
    """Take back what was done."""

    def act(self, now: datetime, **kwargs: Any) -> str:
        group = get_object_or_404(CustomerGroup, pk=kwargs["pk"])
        company = get_object_or_404(Company, pk=kwargs["company"], group_memberships__group=group)
        groups.remove_member(group_id=group.pk, company=company, now=now)
        return _("%(company)s was taken out of “%(group)s”.") % {"company": company.name, "group": group.name}
