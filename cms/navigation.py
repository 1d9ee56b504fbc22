"""Content pages in the header and footer, without a query on an ordinary request."""

from functools import cache as once
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Locale, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

SECONDS = 600


def menus(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav_pages` and `footer_pages`, the pages marked "show in menus" in this language.

    Lazy and cached: a page that shows no menu costs nothing, and others share one look-up until a page changes.
    """
    language = get_language() or "en"

    @once  # header, drawer and footer ask within one page
    def load() -> dict[str, list[dict[str, str]]]:
        key = f"cms-menus:{language}"
        found = cache.get(key)
        if found is None:
            found = _menus(language)
            cache.set(key, found, SECONDS)
        return found

    return {"nav_pages": lambda: load()["nav"], "footer_pages": lambda: load()["footer"]}


def _menus(language: str) -> dict[str, list[dict[str, str]]]:
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    locale = Locale.objects.filter(language_code=language).first()
    if not site or not locale:
        return {"nav": [], "footer": []}
    root = site.root_page.get_translation_or_none(locale) or site.root_page
    pages = list(root.get_children().live().public().in_menu())
    entries = [
        {"title": page.title, "url": page.relative_url(site), "type": page.specific_class.__name__} for page in pages
    ]
    articles = [entry for entry in entries if entry["type"] == "ArticleIndexPage"]
    return {"nav": articles, "footer": entries}


def forget(**_kwargs: Any) -> None:
    """Drop the cached menus of every language."""
    from django.conf import settings

    cache.delete_many([f"cms-menus:{code}" for code, _name in settings.LANGUAGES])


def connect() -> None:
    """Forget the menus when a page is published, taken down or moved (Wagtail offers no other hook for all three)."""
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(forget, dispatch_uid="cms-menus")
