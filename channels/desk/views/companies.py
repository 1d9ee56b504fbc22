"""Companies as channels knows them: who is who, and two records that turn out to be one company."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.desk.company_forms import MergeForm, ReasonForm
from channels.desk.forms import TextFilter
from channels.desk.pages import DeskForm, DeskList, DeskTemplate
from channels.journeys.models import CompanyMerge, CompanyProfile, OrderRecord, Touchpoint, Visitor, VisitorLogin
from channels.journeys.selectors import companies
from channels.journeys.services import merges

TRAIL = (("desk_companies", gettext_lazy("Companies")),)
MOST_ROWS = 50
WARNINGS = {
    "countries_differ": gettext_lazy("They are in different countries."),
    "vat_ids_differ": gettext_lazy("They have different VAT ids."),
    "domains_differ": gettext_lazy("They have different e-mail domains."),
    "two_stewards": gettext_lazy(
        "Both have a renewal steward. The one who began later will look after the renewals of both."
    ),
}


class CompanyList(DeskList):
    """All companies, with what they were merged into, and the ones that look like one company."""

    permission = "channels_journeys.view_companyprofile"
    act_permission = "channels_journeys.add_companymerge"
    page_title = gettext_lazy("Companies")
    template_name = "channels/desk/company_list.html"
    filter_form = TextFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[CompanyProfile]:
        now = timezone.now()
        own = OrderRecord.objects.filter(company=OuterRef("pk")).order_by()
        orders = own.values("company").annotate(number=Count("pk")).values("number")
        found = CompanyProfile.objects.annotate(order_count=Coalesce(Subquery(orders), 0))
        if query := wanted.pop("q", ""):
            words = Q(name__icontains=query) | Q(vat_id__icontains=query) | Q(email_domain__icontains=query)
            found = found.filter(words | Q(key=query))
        merged = companies.merges_at(now).select_related("survivor")
        return found.prefetch_related(Prefetch("merges", merged, to_attr="merged")).order_by("name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        is_start = not self.request.GET
        duplicates = companies.possible_duplicates(at=timezone.now()) if is_start else []
        return {**context, "duplicates": duplicates}


class CompanyDetail(DeskTemplate):
    """One company: its people and browsers, its relationships, and its merges."""

    permission = "channels_journeys.view_companyprofile"
    act_permission = "channels_journeys.add_companymerge"
    template_name = "channels/desk/company_detail.html"
    trail = TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.company = get_object_or_404(CompanyProfile, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.company.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        ids = companies.companies_as_one([self.company.pk], at=now)
        history = CompanyMerge.objects.filter(Q(company__in=ids) | Q(survivor__in=ids) | Q(company=self.company))
        survivor = companies.survivor_of(self.company, at=now)
        logins = VisitorLogin.objects.filter(company__in=ids).select_related("user", "visitor")
        touches = Touchpoint.objects.filter(Q(company__in=ids) | Q(visitor__company__in=ids))
        return {
            **super().get_context_data(**kwargs),
            "company": self.company,
            "survivor": survivor if survivor != self.company else None,
            "members": CompanyProfile.objects.filter(pk__in=ids - {self.company.pk}),
            "relationships": companies.relationships_of(ids),
            "logins": logins.annotate(people=Count("visitor__logins")).order_by("-at", "-pk")[:MOST_ROWS],
            "browsers": Visitor.objects.filter(company__in=ids).count(),
            "touches": touches.select_related("partner", "company").order_by("-at", "-pk")[:MOST_ROWS],
            "touch_count": touches.count(),
            "merges": history.select_related("company", "survivor", "recorded_by", "end__recorded_by"),
        }


class CompanyMergeView(DeskForm):
    """Choose the company that stays, look at what would join, and merge with a reason."""

    permission = "channels_journeys.add_companymerge"
    form_class = MergeForm
    template_name = "channels/desk/company_merge.html"
    trail = TRAIL
    refusals = (merges.MergeNotAllowed,)
    submit_label = gettext_lazy("Merge from now on")
    success_message = gettext_lazy(
        "Merged. Orders placed from now on see one company; earlier orders stay as they are."
    )

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.company = get_object_or_404(CompanyProfile, pk=kwargs["pk"])
        self.now = timezone.now()

    def get_page_title(self) -> str:
        return _("Merge %s") % self.company.name

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "company": self.company, "at": self.now}

    def get_initial(self) -> dict[str, Any]:
        return {"survivor": self.request.GET.get("survivor", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        survivor = context["form"].chosen()
        if survivor is None:
            return {**context, "company": self.company}
        preview = companies.preview(self.company, survivor, at=self.now)
        warnings = [WARNINGS[code] for code in preview.warnings]
        return {**context, "company": self.company, "preview": preview, "warnings": warnings}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def act(self, data: dict[str, Any], now: datetime) -> None:
        self.survivor = data["survivor"]
        merges.merge(
            company_id=self.company.pk, survivor_id=data["survivor"].pk, reason=data["reason"], at=now,
            actor=self.request.user,
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_company", args=[self.company.pk])


class MergeUndo(DeskForm):
    """Take a merge back, with the reason."""

    permission = "channels_journeys.add_companymergeend"
    form_class = ReasonForm
    trail = TRAIL
    refusals = (merges.MergeNotAllowed,)
    submit_label = gettext_lazy("Separate from now on")
    success_message = gettext_lazy("Separated. Orders placed from now on see two companies.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.merge = get_object_or_404(CompanyMerge.objects.select_related("company", "survivor"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        names = {"company": self.merge.company.name, "survivor": self.merge.survivor.name}
        return _("Separate %(company)s from %(survivor)s") % names

    def act(self, data: dict[str, Any], now: datetime) -> None:
        merges.undo(merge_id=self.merge.pk, reason=data["reason"], at=now, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("desk_company", args=[self.merge.company_id])
