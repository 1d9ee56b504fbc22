"""Site profiles: what the store does for whom, and the look at it as a company."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.operations.back_office import StaffAct, StaffForm, StaffList
from shop.segments.desk.customers import CustomerView
from shop.segments.desk.forms import CompanyForm, ProfileForm
from shop.segments.engine.profiles import ROUTES
from shop.segments.models import SiteMode, SiteProfile
from shop.segments.selectors import Audience, mode_of
from shop.segments.services import profiles
from shop.segments.wording import MODES

PARENT = ("site_profiles", gettext_lazy("Site profiles"))
VIEW = "shop_segments.view_siteprofile"


class ProfileList(StaffList):
    permission_required = VIEW
    act_permission = "shop_segments.add_siteprofile"
    template_name = "shop/segments/profile_list.html"
    page_title = gettext_lazy("Site profiles")
    header_icon = "site"

    def rows(self, **wanted: Any) -> QuerySet[SiteProfile]:
        return SiteProfile.objects.select_related("group")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": [(profile, MODES[profile.mode]) for profile in context["object_list"]]}


class ProfileSave(StaffForm):
    """Set a mode; the one that was set for the same customers is replaced."""

    permission_required = "shop_segments.add_siteprofile"
    form_class = ProfileForm
    parent = PARENT
    page_title = gettext_lazy("Set a mode")
    success_message = gettext_lazy("Saved. Pages and checkout follow now.")

    def act(self, form: ProfileForm, now: datetime) -> None:
        profiles.save(**form.cleaned_data)


class ProfileDelete(StaffAct):
    permission_required = "shop_segments.delete_siteprofile"
    parent = PARENT

    def act(self, now: datetime, **kwargs: Any) -> str:
        profiles.delete(profile_id=get_object_or_404(SiteProfile, pk=kwargs["pk"]).pk)
        return _("The profile is deleted.")


class ProfilePreview(CustomerView):
    """What the store does for a company, or for a visitor about whom nothing is known."""

    permission_required = VIEW
    template_name = "shop/segments/profile_preview.html"
    page_title = gettext_lazy("What a customer meets")
    header_icon = "site"
    parent = PARENT
    form_class = CompanyForm

    def found(self, asked: dict[str, Any], audience: Audience) -> dict[str, Any]:
        mode = mode_of(audience)
        return {
            "mode": mode,
            "label": SiteMode(mode).label,
            "text": MODES[mode],
            "routes": ROUTES[mode],
            "audience": audience,
        }
