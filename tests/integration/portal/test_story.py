"""The journey replay: exact sums, plain words, and nobody else's name."""

import html
import re

import pytest
from django.urls import reverse

from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db


def text_of(response: object) -> str:
    """The page as it is read: no markup, single spaces."""
    body = response.content.decode()  # type: ignore[attr-defined]
    main = body[body.index("<main") : body.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_every_cent_is_explained() -> None:
    worlds.rules_of_play()
    anna, canary = make.partner("anna"), make.partner("canary", name="Canary Networks")
    worlds.level(anna, 2)
    order = worlds.shared("ORD-1", anna, canary)
    worlds.paid(order)
    worlds.refunded(order, 1000_00, NOON + days(10))

    page = text_of(browser(anna).get(reverse("portal:order", args=["ORD-1"])))

    assert "3,200.00 × 60 % × 8 % = 153.60" in page
    assert "2,200.00 × 60 % × 8 % = 105.60" in page
    assert "It had been €153.60, so the difference of -€48.00 was booked." in page
    assert "Your commission €105.60" in page
    assert "Channel programme, version 1" in page
    assert "position-based, touches of the last 90 days" in page
    print(page)
