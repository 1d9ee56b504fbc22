"""Buyers with an open checkout: users, addresses, baskets and sessions, written in bulk; their last click as a request."""

import secrets
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from oscar.apps.address.models import UserAddress
from oscar.apps.partner.models import StockRecord
from oscar.core.loading import get_model

CONTENTS = 10  # different baskets: so many that buyers meet at the same stock records now and then
LINES = 5
BACKEND = settings.AUTHENTICATION_BACKENDS[0]

Request = dict[str, str]


def make(
    shop: ModuleType, *, group: str, count: int, contents: list[list[StockRecord]], voucher: Any = None
) -> list[Request]:
    """Return one last click of a checkout for each buyer; the n-th buyer's basket holds contents[n % len]."""
    users = _users(group, count)
    shop.join_companies(users)
    addresses = UserAddress.objects.bulk_create(
        [
            UserAddress(
                user=user, first_name="Kari", last_name="Berg", line1="Havnegata 1", line4="Bergen",
                postcode="5003", country_id="NO", hash=str(user.pk),
            )
            for user in users
        ]
    )  # fmt: skip
    baskets = _baskets(users, [contents[n % len(contents)] for n in range(count)])
    if voucher:
        used = get_model("basket", "Basket").vouchers.through
        used.objects.bulk_create([used(basket=basket, voucher=voucher) for basket in baskets])
    signed_in = _sessions(users, [shop.session(number=n, address=address) for n, address in enumerate(addresses)])
    requests = []
    for n, user in enumerate(users):
        content = hash((group, n % len(contents)))
        fields = shop.form(basket=baskets[n], content=content, user=user, address=addresses[n])
        requests.append(post(shop.PLACE_PATH, fields, session=signed_in[n]))
    return requests


def visitor(shop: ModuleType, *, group: str, content: list[StockRecord]) -> Request:
    """Return the cookie of a signed-in buyer with these lines in the basket."""
    users = _users(group, 1)
    shop.join_companies(users)
    if content:
        _baskets(users, [content])
    return {"cookie": f"sessionid={_sessions(users, [shop.known(users[0].pk)])[0]}"}


def post(path: str, fields: dict[str, str], *, session: str) -> Request:
    token = secrets.token_hex(16)
    body = urlencode({"csrfmiddlewaretoken": token, **fields})
    return {"path": path, "cookie": f"sessionid={session}; csrftoken={token}", "body": body}


def stock(start: int, count: int) -> list[StockRecord]:
    return list(StockRecord.objects.order_by("product_id").select_related("product")[start : start + count])


def _users(group: str, count: int) -> list[Any]:
    User = get_user_model()
    names = [f"{group}-{n}" for n in range(count)]
    return User.objects.bulk_create(
        [User(username=name, email=f"{name}@example.com", password=f"!{name}", first_name="Kari") for name in names]
    )


def _baskets(users: list[Any], contents: list[list[StockRecord]]) -> list[Any]:
    Basket, Line = get_model("basket", "Basket"), get_model("basket", "Line")
    baskets = Basket.objects.bulk_create([Basket(owner=user, status="Open") for user in users])
    Line.objects.bulk_create(
        [
            Line(
                basket=basket, product_id=record.product_id, stockrecord=record, quantity=1,
                line_reference=f"{record.product_id}_{record.pk}", price_currency="EUR",
                price_excl_tax=record.price, price_incl_tax=record.price,
                date_created=datetime.now(UTC) + timedelta(microseconds=position),
            )
            for basket, content in zip(baskets, contents, strict=True)
            for position, record in enumerate(content)
        ],
        batch_size=2000,
    )  # fmt: skip
    return baskets


def _sessions(users: list[Any], extras: list[dict[str, Any]]) -> list[str]:
    store, expires = SessionStore(), datetime.now(UTC) + timedelta(days=1)
    rows = [
        Session(
            session_key=secrets.token_hex(16),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: BACKEND,
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                    **extra,
                }
            ),
            expire_date=expires,
        )
        for user, extra in zip(users, extras, strict=True)
    ]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]
