"""Content pages: blocks that read the catalogue and the directory, languages, and menus that cost nothing."""

from datetime import date

import pytest
from django.core.cache import cache
from wagtail.blocks import StructBlockValidationError
from wagtail.models import Locale, Page, Site

from cms.blocks import LinkBlock
from cms.models import ArticleIndexPage, ArticlePage, ContentPage, HomePage
from shop.catalogue.services import index
from tests.factories import channels as channel_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    cache.clear()
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    Page.objects.filter(depth=2).delete()
    locale, _ = Locale.objects.get_or_create(language_code="en")
    root.refresh_from_db()
    page = root.add_child(instance=HomePage(title="Nordlys", slug="nordlys", locale=locale))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "testserver", "root_page": page})
    Site.clear_site_root_paths_cache()
    return page


def with_blocks(page, *blocks):
    page.body = list(blocks)
    page.save_revision().publish()


def text_of(client, path="/"):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_shelf_shows_the_chosen_products_in_their_order_at_live_prices(client, home):
    first, second = make.product("Flow meter", price="410.00"), make.product("Gas detector", price="99.50")
    index.rebuild()
    shelf = {
        "heading": "Picked",
        "text": "",
        "skus": [second.upc, "GONE-1", first.upc.lower()],
        "category": "",
        "limit": 4,
    }
    with_blocks(home, ("product_shelf", {**shelf, "link": {"label": "", "page": None, "url": ""}}))
    page = text_of(client)
    assert page.index("Gas detector") < page.index("Flow meter")
    assert "€99.50" in page
    assert "€410.00" in page
    record = second.stockrecords.get()
    record.price = "101.00"
    record.save()
    index.refresh(product_ids=[second.pk])
    assert "€101.00" in text_of(client)


def test_a_shelf_without_products_leaves_no_heading_behind(client, home):
    empty = {"heading": "Nothing here", "text": "", "skus": ["GONE-1"], "category": "", "limit": 4}
    with_blocks(home, ("product_shelf", {**empty, "link": {"label": "", "page": None, "url": ""}}))
    assert "Nothing here" not in text_of(client)


def test_the_partner_strip_puts_the_best_tier_first_and_leaves_out_who_is_suspended(client, home):
    channel_factory.partner("silver", name="Silver Fjord", tier="silver")
    channel_factory.partner("gold", name="Gold Fjord", tier="gold")
    channel_factory.partner("gone", name="Gone Fjord", tier="platinum", status="suspended")
    with_blocks(home, ("partner_strip", {"heading": "Nearby", "text": "", "country": "", "limit": 3}))
    page = text_of(client)
    assert page.index("Gold Fjord") < page.index("Silver Fjord")
    assert "Gone Fjord" not in page


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"label": "Go", "page": None, "url": "javascript:alert(1)"}, "url"),
        ({"label": "Go", "page": None, "url": "catalogue/"}, "url"),
        ({"label": "Go", "page": None, "url": ""}, "page"),
    ],
)
def test_a_link_that_leads_nowhere_safe_is_refused(value, wrong):
    with pytest.raises(StructBlockValidationError) as refused:
        LinkBlock().clean(LinkBlock().to_python(value))
    assert list(refused.value.block_errors) == [wrong]


def test_articles_are_listed_by_topic_newest_first(client, home):
    listing = home.add_child(instance=ArticleIndexPage(title="Articles", slug="articles", show_in_menus=True))
    for number, topic in enumerate(["Flow", "Gas", "Flow"], start=1):
        listing.add_child(
            instance=ArticlePage(
                title=f"Article {number}",
                slug=f"a{number}",
                topic=topic,
                intro="Short",
                published_on=date(2026, 1, number),
            )
        )
    everything = text_of(client, "/articles/")
    assert everything.index("Article 3") < everything.index("Article 2") < everything.index("Article 1")
    assert "Article 2" not in text_of(client, "/articles/?topic=Flow")
    assert "Article 2" in text_of(client, "/articles/?topic=Unknown")
    assert "Article 2" in text_of(client, "/articles/a1/")


def test_a_published_page_shows_in_the_footer_at_once(client, home):
    assert "Terms of sale" not in text_of(client)
    page = home.add_child(instance=ContentPage(title="Terms of sale", slug="terms", show_in_menus=True, live=False))
    page.save_revision().publish()
    assert "Terms of sale" in text_of(client)
    page.refresh_from_db()
    page.unpublish()
    assert "Terms of sale" not in text_of(client)


def test_the_norwegian_page_answers_under_its_prefix(client, home):
    locale = Locale.objects.get_or_create(language_code="nb")[0]
    translated = home.copy_for_translation(locale, copy_parents=True)
    translated.title = "Hjem hos Nordlys"
    translated.save_revision().publish()
    page = text_of(client, "/nb/")
    assert 'lang="nb"' in page
    assert "Hjem hos Nordlys" in page
    assert "Hjem hos Nordlys" not in text_of(client)
