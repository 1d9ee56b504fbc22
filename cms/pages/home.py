"""The front page of the shop, built of blocks."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import FRONT_PAGE_BLOCKS


class HomePage(Page):
    """One per language."""

    body = StreamField(FRONT_PAGE_BLOCKS, blank=True, verbose_name=_("blocks"))

    template = "cms/home_page.html"
    max_count_per_parent = 1
    subpage_types = ["cms.ArticleIndexPage", "cms.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("front page")
