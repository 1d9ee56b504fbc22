"""Site profiles: what the store does for whom, and the look at it as a company."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.segments.desk.forms import ProfileForm, WhoForm
from shop.segments.desk.pages import Act, FormPage, ListPage, ShownPage
from shop.segments.engine.profiles import ROUTES
from shop.segments.models import SiteMode, SiteProfile
from shop.segments.selectors import NOBODY, audience_of, mode_of
from shop.segments.services import profiles
from shop.segments.wording import MODES

PARENT = ("site_profiles", gettext_lazy("Site profiles"))
VIEW = "shop_segments.view_siteprofile"


class ProfileList(ListPage):
    permission_required = VIEW
    act_permission = "shop_segments.add_siteprofile"
    template_name = "shop/segments/profile_list.html"
    page_title = gettext_lazy("Site profiles")
    header_icon = "site"

    def get_queryset(self) -> QuerySet[SiteProfile]:
        return SiteProfile.objects.select_related("group")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": [(profile, MODES[profile.mode]) for profile in context["object_list"]]}


class ProfileSave(FormPage):
    """Set a mode; the one that was set for the same customers is replaced."""

    permission_required = "shop_segments.add_siteprofile"
    form_class = ProfileForm
    parent = PARENT
    page_title = gettext_lazy("Set a mode")
    saved = gettext_lazy("Saved. Pages and checkout follow now.")

    def act(self, form: ProfileForm, now: datetime) -> None:
        profiles.save(**form.cleaned_data)


class ProfileDelete(Act):
    permission_required = "shop_segments.delete_siteprofile"

    def act(self, now: datetime, **kwargs: Any) -> str:
        profiles.delete(profile_id=get_object_or_404(SiteProfile, pk=kwargs["pk"]).pk)
        return _("The profile is deleted.")

    def back(self, **kwargs: Any) -> str:
        return reverse(PARENT[0])


class ProfilePreview(ShownPage):
    """What the store does for a company, or for a visitor about whom nothing is known."""

    permission_required = VIEW
    template_name = "shop/segments/profile_preview.html"
    page_title = gettext_lazy("What a customer meets")
    header_icon = "site"
    parent = PARENT

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = WhoForm(self.request.GET)
        del form.fields["product"]
        company = form.cleaned_data["company"] if form.is_valid() else None
        audience = audience_of(str(company.key), at=timezone.now()) if company else NOBODY
        mode = mode_of(audience)
        return super().get_context_data(
            form=form,
            company=company,
            mode=mode,
            label=SiteMode(mode).label,
            text=MODES[mode],
            routes=ROUTES[mode],
            audience=audience,
            **kwargs,
        )
