"""Plain content pages: about, terms, questions and answers, campaigns."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import CONTENT_BLOCKS


class ContentPage(Page):
    """A page of text and blocks."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)
    body = StreamField(CONTENT_BLOCKS, blank=True, verbose_name=_("blocks"))

    template = "cms/content_page.html"
    parent_page_types = ["cms.HomePage", "cms.ContentPage"]
    subpage_types = ["cms.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]

    class Meta:
        verbose_name = _("content page")
