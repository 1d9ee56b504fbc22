"""What only Accord has: its index, a front page, channel partners, companies; and how its button is pressed."""

import json
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.utils import timezone
from oscar.apps.address.models import UserAddress
from wagtail.models import Page, Site

from channels import api
from channels.contracts import Medium, TouchKind
from cms.models import HomePage
from shop import facts
from shop.buying import totals
from shop.buying.checkout_state import address_choice
from shop.buying.views.review import Reviewed
from shop.catalogue.services import index
from shop.companies.models import Company, Membership
from shop.companies.selectors import SESSION_KEY
from shop.forks.basket.models import Basket
from tests.factories import channels as make
from tests.factories import commissions

COMPANIES = 20
PARTNERS = 8
PLACE_PATH = "/checkout/review/"
HOME_PATH = "/"


def finish() -> None:
    index.rebuild()
    _front_page()
    partners = [make.partner(f"bench-partner-{n}", territories=["NO"]) for n in range(PARTNERS)]
    make.policy(house_order=True)
    commissions.programme()
    for n in range(COMPANIES):
        company = Company.objects.create(
            name=f"Bench Works {n}",
            country="NO",
            status=Company.Status.APPROVED,
            email_domain=f"bench{n}.example.com",
            created_at=timezone.now() - timedelta(days=400),
        )
        api.record_company(facts.company(company))
        for step in range(4):  # a journey of two partners, so that every order has something to attribute
            make.touch(
                partners[(n + step % 2) % PARTNERS],
                timezone.now() - timedelta(days=40 - 9 * step),
                kind=(TouchKind.LINK, TouchKind.VISIT, TouchKind.DEMO, TouchKind.LINK)[step],
                medium=Medium.WEB if step in {0, 3} else Medium.FIELD_SALES,
                company_key=str(company.key),
            )


def _front_page() -> None:
    """Every block that a front page has, with two shelves of four products."""
    link = {"label": "See all", "url": "/catalogue/", "page": None}
    skus = [[f"NB-{n:06}" for n in range(start, start + 4)] for start in (0, 100)]
    hero = {"eyebrow": "New", "heading": "Measured", "text": "Sensors.", "primary": link, "secondary": link}
    blocks = [
        ("hero", {**hero, "image": None}),
        ("category_tiles", {"heading": "Ranges", "slugs": []}),
        ("product_shelf", {"heading": "Popular", "text": "", "skus": skus[0], "limit": 4}),
        ("partner_strip", {"heading": "Partners", "text": "", "country": "", "limit": 3}),
        ("product_shelf", {"heading": "Also", "text": "", "skus": skus[1], "limit": 4}),
        ("article_teasers", {"heading": "Articles", "limit": 3}),
        ("call_to_action", {"heading": "Ask us", "text": "We answer.", "primary": link}),
    ]
    body = json.dumps([{"type": name, "value": value} for name, value in blocks])
    home = HomePage(title="Bench", slug="bench", body=body)
    Page.get_first_root_node().add_child(instance=home)
    home.save_revision().publish()
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="127.0.0.1", is_default_site=True)
    site.root_page = home
    site.save()


def join_companies(users: list[Any]) -> None:
    companies = list(Company.objects.order_by("pk"))
    Membership.objects.bulk_create(
        Membership(user=user, company=companies[n % len(companies)]) for n, user in enumerate(users)
    )


def known(user_id: int) -> dict[str, Any]:
    """What a session has noted since its first page: for which company it acts."""
    return {SESSION_KEY: {"user": str(user_id), "key": str(_company(user_id).key)}}


def session(*, number: int, address: UserAddress) -> dict[str, Any]:
    """The choices of a checkout whose last page is open; every second buyer goes through a reseller."""
    through = number % 2 == 1
    return {
        **known(address.user_id),
        "checkout": {
            "channel": "reseller" if through else "direct",
            "partner_code": f"bench-partner-{number % PARTNERS}" if through else "",
            "address": address_choice(address),
            "shipping_code": "standard",
            "purchase_order_number": "",
        },
    }


def form(*, basket: Basket, content: int, user: Any, address: UserAddress) -> dict[str, str]:
    """The fields of that page: what the buyer saw, signed."""
    reviewed = Reviewed(key=uuid4(), user_id=user.pk, basket_id=basket.pk, seen=_seen(content, basket.pk, address.pk))
    return {"reviewed": reviewed.token(), "purchase_order_number": f"PO-{basket.pk}"}


_by_content: dict[int, totals.Seen] = {}


def _seen(content: int, basket_id: int, address_id: int) -> totals.Seen:
    """Baskets of the same content look the same."""
    if content not in _by_content:
        basket = Basket.objects.get(pk=basket_id)
        address = UserAddress.objects.get(pk=address_id)
        priced = totals.compute(
            basket,
            company=_company(basket.owner_id),
            user=get_user_model().objects.get(pk=basket.owner_id),
            now=timezone.now(),
            country=address.country_id,
            shipping_address=address,
            shipping_code="standard",
        )
        _by_content[content] = priced.seen()
    return _by_content[content]


@cache
def _company(user_id: int) -> Company:
    return Membership.objects.select_related("company").get(user=user_id).company
