"""Articles, and the page that lists them."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import ARTICLE_BLOCKS


class ArticleIndexPage(Page):
    """The list of articles below it, newest first, by topic."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)

    PER_PAGE = 12
    template = "cms/article_index_page.html"
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.ArticlePage"]
    content_panels = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("article list")

    def articles(self) -> "QuerySet[ArticlePage]":
        """The published articles below this page, with what a teaser shows."""
        children = ArticlePage.objects.child_of(self).live().public()
        return children.select_related("image", "locale").order_by("-published_on", "-pk")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        topics = sorted(set(self.articles().order_by().values_list("topic", flat=True)) - {""})
        topic = request.GET.get("topic", "")
        rows = self.articles().filter(topic=topic) if topic in topics else self.articles()
        page_obj = Paginator(rows, self.PER_PAGE).get_page(request.GET.get("page"))
        return {
            **super().get_context(request, *args, **kwargs),
            "page_obj": page_obj,
            "topic": topic if topic in topics else "",
            "topics": topics,
        }


class ArticlePage(Page):
    """One article."""

    published_on = models.DateField(_("date"))
    author = models.CharField(_("author"), max_length=100, blank=True)
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    intro = models.CharField(_("introduction"), max_length=300)
    image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("image"),
    )
    body = StreamField(ARTICLE_BLOCKS, blank=True, verbose_name=_("text"))

    template = "cms/article_page.html"
    parent_page_types = ["cms.ArticleIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("published_on"),
        FieldPanel("author"),
        FieldPanel("topic"),
        FieldPanel("image"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]

    class Meta:
        verbose_name = _("article")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        siblings = ArticlePage.objects.sibling_of(self, inclusive=False).live().public()
        related = siblings.select_related("image", "locale").order_by(
            models.Case(models.When(topic=self.topic, then=0), default=1), "-published_on"
        )[:3]
        return {**super().get_context(request, *args, **kwargs), "related": related}
