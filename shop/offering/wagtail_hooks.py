"""Offerings in Wagtail's admin: who may have which product as what, with the choices and their surcharges."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Product
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSet

from shop.offering.models import Offering


class ArticleField(forms.CharField):
    """A product by its article number: a list to choose from would hold the whole catalogue."""

    def prepare_value(self, value: Any) -> Any:
        return (
            Product.objects.filter(pk=value).values_list("upc", flat=True).first() if isinstance(value, int) else value
        )

    def clean(self, value: Any) -> Product | None:
        upc = super().clean(value)
        if not upc:
            return None
        found = Product.objects.filter(upc=upc).first()
        if found is None:
            raise forms.ValidationError(_("No product has this article number."))
        return found


class OfferingForm(WagtailAdminModelForm):
    product = ArticleField(label=_("Article number"), max_length=64)
    support_plan = ArticleField(
        label=_("Support plan's article number"),
        max_length=64,
        required=False,
        help_text=_("Is put into the basket with it, one for each unit. Without one, the surcharge pays the support."),
    )


class OfferingViewSet(ModelViewSet):
    model = Offering
    icon = "list-ul"
    menu_label = _("Offerings")
    menu_order = 317
    add_to_admin_menu = True
    list_display = ("product", "kind", "group", "surcharge", "currency")
    list_filter = ("kind", "group")
    search_fields = ("product__title", "product__upc")
    inspect_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("product"),
            FieldPanel("kind"),
            FieldPanel("group"),
            FieldPanel("description"),
            FieldPanel("surcharge"),
            FieldPanel("currency"),
            FieldPanel("support_plan"),
            InlinePanel(
                "choices",
                heading=_("Choices"),
                label=_("choice"),
                panels=[FieldPanel("option"), FieldPanel("code"), FieldPanel("label"), FieldPanel("surcharge")],
            ),
        ],
        base_form_class=OfferingForm,
    )


@hooks.register("register_admin_viewset")
def offering_viewset() -> OfferingViewSet:
    return OfferingViewSet("offerings")
