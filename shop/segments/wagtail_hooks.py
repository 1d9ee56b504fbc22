"""Groups, visibility and site profiles in the Wagtail admin: addresses and a menu for who may open them."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.segments.desk import groups, profiles, rules

SECTIONS = (
    ("customer_groups", _("Customer groups"), "group", groups.GroupList),
    ("visibility_rules", _("Visibility"), "view", rules.RuleList),
    ("site_profiles", _("Site profiles"), "site", profiles.ProfileList),
)


@hooks.register("register_admin_urls")
def segment_urls() -> list[URLPattern]:
    return [
        path("customer-groups/", groups.GroupList.as_view(), name="customer_groups"),
        path("customer-groups/new/", groups.GroupAdd.as_view(), name="customer_group_add"),
        path("customer-groups/<int:pk>/", groups.GroupEdit.as_view(), name="customer_group"),
        path("customer-groups/<int:pk>/delete/", groups.GroupDelete.as_view(), name="customer_group_delete"),
        path("customer-groups/<int:pk>/members/", groups.MemberAdd.as_view(), name="customer_group_member_add"),
        path(
            "customer-groups/<int:pk>/members/<int:company>/remove/",
            groups.MemberRemove.as_view(),
            name="customer_group_member_remove",
        ),
        path("visibility/", rules.RuleList.as_view(), name="visibility_rules"),
        path("visibility/new/", rules.RuleAdd.as_view(), name="visibility_rule_add"),
        path("visibility/<int:pk>/remove/", rules.RuleRemove.as_view(), name="visibility_rule_remove"),
        path("visibility/who/", rules.WhoSees.as_view(), name="visibility_who"),
        path("site-profiles/", profiles.ProfileList.as_view(), name="site_profiles"),
        path("site-profiles/new/", profiles.ProfileSave.as_view(), name="site_profile_save"),
        path("site-profiles/<int:pk>/delete/", profiles.ProfileDelete.as_view(), name="site_profile_delete"),
        path("site-profiles/preview/", profiles.ProfilePreview.as_view(), name="site_profile_preview"),
    ]


@hooks.register("register_admin_menu_item")
def segment_menu() -> MenuItem:
    return section_menu("customers", _("Customers"), "group", SECTIONS, order=316)
