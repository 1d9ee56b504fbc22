"""Browser fixtures: the system's Chromium against Django's live server, watched for what no page may do."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.harness import browser, processes

# Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever lies in this folder."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.slow)
            # Wagtail leaves the file behind that it draws a picture's rendition into.
            item.add_marker(pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the system's Chromium; Playwright's own is never downloaded."""
    try:
        path = browser.executable()
    except processes.MissingComponentError as error:
        pytest.exit(str(error), returncode=4)
    return {"executable_path": path, "args": browser.ARGUMENTS}


@pytest.fixture
def browser_context_args(live_server: Any) -> dict[str, Any]:
    """Open pages as a British buyer's laptop would; a test may open a phone's context of its own."""
    screen = {"width": 1440, "height": 900}
    return {"viewport": screen, "locale": "en-GB", "timezone_id": "UTC", "base_url": live_server.url}


@pytest.fixture
def watch(live_server: Any) -> Iterator[browser.Watch]:
    """Return the collected breaches; the test fails at its end when there are any."""
    collected = browser.Watch(live_server.url)
    yield collected
    collected.assert_clean()


@pytest.fixture
def context(context: BrowserContext, watch: browser.Watch) -> BrowserContext:
    """Watch every page of the default context."""
    watch.attach(context)
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return a watched page."""
    return context.new_page()


@pytest.fixture
def someone(new_context: Callable[..., BrowserContext], watch: browser.Watch) -> Callable[..., Page]:
    """Return a watched page on another computer each time, with cookies of its own."""

    def sit_down(**how: Any) -> Page:
        context = new_context(**how)
        watch.attach(context)
        context.set_default_timeout(15_000)
        return context.new_page()

    return sit_down
