"""Pages as a person reads them."""

import html
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def text_of(response: Any) -> str:
    """The page's own part without markup, single spaces."""
    body = response.content.decode()
    if "<main" in body:
        body = body[body.index("<main") : body.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"portal:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code)
    return text_of(response)


def file(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"portal:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code)
    return b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def portal_queries(client: Client, name: str, *args: object) -> list[str]:
    """The queries that the page itself takes; its frame's (session, user, company, menus) are not the portal's."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(f"portal:{name}", args=args)).status_code == 200
    return [query["sql"] for query in captured if '"channels_' in query["sql"]]
