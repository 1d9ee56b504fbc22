"""The demo store for a whole module: its pages are what people see first, and nothing in a test is as rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client, TransactionTestCase
from django.utils import timezone
from playwright.sync_api import Page

from shop.demo import services
from shop.demo.drawings import products, scenes
from tests.harness import baseline

MONTHS = 5


@contextmanager
def opened(blocker: Any) -> Iterator[None]:
    """Load it, keep it over the module's tests, which leave it as good as they found it, and clear it away."""
    with blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "draw", once(products.draw))
        patch.setattr(scenes, "draw", once(scenes.draw))
        services.load(now=timezone.now(), months=MONTHS, say=lambda _text: None)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: None)
        yield
        baseline.restore()


def once(draw: Callable[..., Any]) -> Callable[..., Any]:
    """One picture stands for all."""
    drawn: list[Any] = []

    def first(**how: Any) -> Any:
        if not drawn:
            drawn.append(draw(**how))
        return drawn[0]

    return first


def arrive_as(page: Page, email: str) -> None:
    """Be signed in already; the consent question is answered."""
    client = Client()
    client.force_login(get_user_model().objects.get(email=email), settings.AUTHENTICATION_BACKENDS[0])
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    remember(page, {**cookies, "accord_visitor_consent": "necessary"})


def remember(page: Page, cookies: dict[str, str]) -> None:
    page.goto("/healthz")
    page.context.add_cookies([{"name": name, "value": value, "url": page.url} for name, value in cookies.items()])
