"""The content pages in Wagtail: front page, articles, questions, and what every shop must say."""

import json
import tomllib
from io import BytesIO
from typing import Any

from django.core.files.images import ImageFile
from wagtail.images.models import Image
from wagtail.models import Locale, Page, Site

from cms.models import ArticleIndexPage, ArticlePage, ContentPage, HomePage
from shop.demo.catalogue_file import FIXTURES, read
from shop.demo.drawings import scenes
from shop.demo.loaders.clock import Clock
from shop.demo.markup import html

Block = dict[str, Any]


def load(*, clock: Clock) -> int:
    """Replace the empty tree that Wagtail's migrations leave by ours; answers the number of English pages."""
    pictures = {scene: _picture(scene) for scene in scenes.SCENES}
    english, _ = Locale.objects.get_or_create(language_code="en")
    norwegian, _ = Locale.objects.get_or_create(language_code="nb")
    document = read("content/pages.toml")
    home = _plant_home(document["home"], pictures, english)
    index = _articles(home, pictures, clock=clock)
    pages = [_page(home, row) for row in document["page"]]
    pages.append(_questions(home))
    _translate(home, document["home_nb"], pictures, [index, *index.get_children(), *pages], norwegian)
    return home.get_descendants(inclusive=True).count()


def _picture(scene: str) -> Image:
    content = ImageFile(BytesIO(scenes.draw(scene=scene)), name=f"nordlys-{scene}.webp")
    image = Image(title=f"Nordlys: {scene}", file=content)
    image.save()
    return image


def _plant_home(texts: dict[str, Any], pictures: dict[str, Image], locale: Locale) -> HomePage:
    root = Page.get_first_root_node()
    home = HomePage(
        title=texts["title"],
        slug="nordlys",
        seo_title=texts["seo_title"],
        search_description=texts["description"],
        locale=locale,
        body=json.dumps(_home_blocks(texts, pictures)),
    )
    root.add_child(instance=home)
    old = list(Page.objects.filter(depth=2).exclude(pk=home.pk))
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    site.site_name, site.root_page = "Nordlys Instruments", home
    site.save()
    for page in old:
        Page.objects.get(pk=page.pk).delete()
    home.save_revision().publish()
    return home


def _home_blocks(texts: dict[str, Any], pictures: dict[str, Image]) -> list[Block]:
    hero, cta = texts["hero"], texts["cta"]
    blocks = [
        ("hero", {**_pick(hero, "eyebrow", "heading", "text"), "image": pictures[hero["scene"]].pk,
                  "primary": _link(hero["primary"]), "secondary": _link(hero["secondary"])}),
        ("category_tiles", _pick(texts["categories"], "heading", "slugs")),
        ("product_shelf", {**_pick(texts["shelf"], "heading", "text", "skus"), "limit": 4}),
        ("partner_strip", {**_pick(texts["partners"], "heading", "text"), "country": "", "limit": 3}),
        ("product_shelf", {**_pick(texts["second_shelf"], "heading", "skus"), "limit": 4}),
        ("article_teasers", {**_pick(texts["articles"], "heading"), "limit": 3}),
        ("call_to_action", {**_pick(cta, "heading", "text"), "primary": _link(cta["button"])}),
    ]  # fmt: skip
    return [{"type": name, "value": value} for name, value in blocks]


def _pick(source: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: source[name] for name in names}


def _link(row: dict[str, str]) -> dict[str, Any]:
    return {"label": row["text"], "url": row["url"], "page": None}


def _articles(home: HomePage, pictures: dict[str, Image], *, clock: Clock) -> ArticleIndexPage:
    index = ArticleIndexPage(
        title="Articles",
        slug="articles",
        show_in_menus=True,
        intro="Measuring, calibrating, maintaining and buying, from people who do it themselves.",
        locale=home.locale,
    )
    home.add_child(instance=index)
    index.save_revision().publish()
    for path in sorted((FIXTURES / "content" / "articles").glob("*.md")):
        _article(index, path.stem, path.read_text(encoding="utf-8"), pictures, clock=clock)
    return index


def _article(index: ArticleIndexPage, slug: str, source: str, pictures: dict[str, Image], *, clock: Clock) -> None:
    _, front, text = source.split("+++", 2)
    row = tomllib.loads(front)
    body: list[Block] = [{"type": "text", "value": html(text)}]
    if row["products"]:
        shelf = {"heading": "Mentioned in this article", "text": "", "skus": row["products"], "limit": 4}
        body.append({"type": "product_shelf", "value": shelf})
    published = clock.ago(row["days_ago"])
    page = ArticlePage(
        title=row["title"],
        slug=slug,
        search_description=row["intro"][:250],
        intro=row["intro"],
        author=row["author"],
        topic=row["topics"][0].capitalize(),
        published_on=published.date(),
        image=pictures[row["scene"]],
        body=json.dumps(body),
        locale=index.locale,
        first_published_at=published,
    )
    index.add_child(instance=page)
    page.save_revision().publish()


def _page(home: HomePage, row: dict[str, Any]) -> ContentPage:
    blocks: list[Block] = [{"type": "text", "value": html(row["body"])}]
    if row["slug"] == "how-to-buy":
        strip = {"heading": "Partners", "text": "", "country": "", "limit": 6}
        blocks.append({"type": "partner_strip", "value": strip})
    return _content(home, row["slug"], row["title"], row["intro"], blocks)


def _questions(home: HomePage) -> ContentPage:
    document = read("content/faq.toml")
    topics = list(dict.fromkeys(row["topic"] for row in document["question"]))
    blocks = [
        {
            "type": "questions",
            "value": {
                "heading": topic,
                "questions": [
                    {"question": row["question"], "answer": html(row["answer"])}
                    for row in document["question"]
                    if row["topic"] == topic
                ],
            },
        }
        for topic in topics
    ]
    return _content(home, "questions", document["title"], document["intro"], blocks)


def _content(home: HomePage, slug: str, title: str, intro: str, blocks: list[Block]) -> ContentPage:
    page = ContentPage(
        title=title,
        slug=slug,
        intro=intro,
        search_description=intro[:250],
        body=json.dumps(blocks),
        show_in_menus=True,
        locale=home.locale,
    )
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


def _translate(
    home: HomePage, texts: dict[str, Any], pictures: dict[str, Image], pages: list[Page], locale: Locale
) -> None:
    """A front page in Norwegian; below it each page mirrors the English one until somebody translates it."""
    translated = home.copy_for_translation(locale)
    translated.title, translated.seo_title = texts["title"], texts["seo_title"]
    translated.search_description = texts["description"]
    translated.body = json.dumps(_home_blocks(texts, pictures))
    translated.live = True
    translated.save_revision().publish()
    for page in pages:
        page.specific.copy_for_translation(locale, alias=True)
