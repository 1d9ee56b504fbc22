"""The blocks that pages are built of.

Blocks that show products name them by SKU or category slug; their templates load the shop's tags, which read the catalogue
index and resolve the visitor's prices, so nothing here knows of Oscar.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Locale

from channels import api

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr", "blockquote"]


class LinkBlock(blocks.StructBlock):
    """A label and where it leads: a page of this site, or a path or address."""

    label = blocks.CharBlock(label=_("label"), max_length=60, required=False)
    page = blocks.PageChooserBlock(label=_("page"), required=False)
    url = blocks.CharBlock(
        label=_("or an address"), max_length=300, required=False, help_text=_("For example /catalogue/")
    )

    class Meta:
        icon = "link"
        label = _("link")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        url = cleaned.get("url") or ""
        if url and not url.startswith(("/", "https://", "mailto:", "#")):
            raise blocks.StructBlockValidationError(
                block_errors={"url": ValidationError(_("Start the address with / or https://."))}
            )
        if cleaned.get("label") and not (url or cleaned.get("page")):
            raise blocks.StructBlockValidationError(
                block_errors={"page": ValidationError(_("Choose a page or write an address for this link."))}
            )
        return cleaned


class HeroBlock(blocks.StructBlock):
    """The opening of the front page."""

    eyebrow = blocks.CharBlock(label=_("small line above"), max_length=80, required=False)
    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    text = blocks.TextBlock(label=_("text"), max_length=400, required=False)
    primary = LinkBlock(label=_("first button"), required=False)
    secondary = LinkBlock(label=_("second button"), required=False)
    image = ImageChooserBlock(label=_("image"), required=False)

    class Meta:
        icon = "image"
        label = _("Hero")
        template = "cms/blocks/hero.html"


class ProductShelfBlock(blocks.StructBlock):
    """A row of products with the visitor's live prices: chosen by SKU, or the newest, or of one category."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    text = blocks.CharBlock(label=_("text"), max_length=240, required=False)
    skus = blocks.ListBlock(blocks.CharBlock(max_length=64, label=_("SKU")), label=_("chosen products"), default=[])
    category = blocks.CharBlock(
        label=_("or the newest of a category"), max_length=120, required=False, help_text=_("The slug of the category")
    )
    limit = blocks.IntegerBlock(label=_("how many"), default=4, min_value=1, max_value=12)
    link = LinkBlock(label=_("link to more"), required=False)

    class Meta:
        icon = "list-ul"
        label = _("Product shelf")
        template = "cms/blocks/product_shelf.html"


class CategoryTilesBlock(blocks.StructBlock):
    """Tiles that lead into the catalogue."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    slugs = blocks.ListBlock(
        blocks.CharBlock(max_length=120, label=_("category slug")),
        label=_("categories"),
        default=[],
        help_text=_("Empty: all of the top level"),
    )

    class Meta:
        icon = "folder-open-inverse"
        label = _("Category tiles")
        template = "cms/blocks/category_tiles.html"


class PartnerStripBlock(blocks.StructBlock):
    """Channel partners from the directory, best tier first."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    text = blocks.CharBlock(label=_("text"), max_length=300, required=False)
    country = blocks.CharBlock(label=_("country"), max_length=2, required=False, help_text=_("Two letters; empty: all"))
    limit = blocks.IntegerBlock(label=_("how many"), default=3, min_value=1, max_value=12)

    TIERS = ("platinum", "gold", "silver", "registered")

    class Meta:
        icon = "group"
        label = _("Partner strip")
        template = "cms/blocks/partner_strip.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        cards = api.directory(country=value["country"].upper())
        best = sorted(cards, key=lambda card: (self.TIERS.index(card.tier), card.name))
        return {**super().get_context(value, parent_context), "cards": best[: value["limit"]]}


class ArticleTeasersBlock(blocks.StructBlock):
    """The newest articles in the visitor's language."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    limit = blocks.IntegerBlock(label=_("how many"), default=3, min_value=1, max_value=6)
    link = LinkBlock(label=_("link to more"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Article teasers")
        template = "cms/blocks/article_teasers.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        from cms.pages.articles import ArticlePage  # the pages import this module

        rows = ArticlePage.objects.live().public().filter(locale=Locale.get_active())
        articles = rows.select_related("image", "locale").order_by("-published_on", "-pk")[: value["limit"]]
        return {**super().get_context(value, parent_context), "articles": articles}


class CallToActionBlock(blocks.StructBlock):
    """A closing invitation."""

    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    text = blocks.TextBlock(label=_("text"), max_length=400, required=False)
    primary = LinkBlock(label=_("first button"))
    secondary = LinkBlock(label=_("second button"), required=False)

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "cms/blocks/call_to_action.html"


class FigureBlock(blocks.StructBlock):
    """An image with its caption."""

    image = ImageChooserBlock(label=_("image"))
    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    class Meta:
        icon = "image"
        label = _("Figure")
        template = "cms/blocks/figure.html"


class PointsBlock(blocks.StructBlock):
    """Two to six short points side by side."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80, required=False)
    points = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("icon", blocks.CharBlock(label=_("icon"), max_length=30, required=False)),
                ("heading", blocks.CharBlock(label=_("heading"), max_length=80)),
                ("text", blocks.TextBlock(label=_("text"), max_length=300)),
            ]
        ),
        label=_("points"),
        min_num=2,
        max_num=6,
    )

    class Meta:
        icon = "list-ol"
        label = _("Points")
        template = "cms/blocks/points.html"


class QuestionsBlock(blocks.StructBlock):
    """Questions that open on their answers."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80, required=False)
    questions = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(label=_("question"), max_length=160)),
                ("answer", blocks.RichTextBlock(label=_("answer"), features=RICH_TEXT)),
            ]
        ),
        label=_("questions"),
        min_num=1,
    )

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "cms/blocks/questions.html"


def _text() -> blocks.RichTextBlock:
    return blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT, template="cms/blocks/text.html")


ARTICLE_BLOCKS = [("text", _text()), ("figure", FigureBlock()), ("product_shelf", ProductShelfBlock())]
CONTENT_BLOCKS = [
    *ARTICLE_BLOCKS,
    ("points", PointsBlock()),
    ("questions", QuestionsBlock()),
    ("partner_strip", PartnerStripBlock()),
    ("call_to_action", CallToActionBlock()),
]
FRONT_PAGE_BLOCKS = [
    ("hero", HeroBlock()),
    *CONTENT_BLOCKS,
    ("category_tiles", CategoryTilesBlock()),
    ("article_teasers", ArticleTeasersBlock()),
]
