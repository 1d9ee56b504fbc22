"""The fake's memory."""

import secrets
from collections.abc import Iterable
from typing import Any

import stripe
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from shop.payments.fake_stripe.wire import ApiError
from shop.payments.models import FakeObject

LIMIT, LARGEST_LIMIT = 10, 100
TRIES = 20


def seconds() -> int:
    return int(timezone.now().timestamp())


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def add(kind: str, data: dict[str, Any], *, group: str = "") -> dict[str, Any]:
    """Keep a new object; two at once take the next place in turn."""
    for _try in range(TRIES):
        latest = FakeObject.objects.aggregate(latest=Max("sequence"))["latest"] or 0
        try:
            with transaction.atomic():
                FakeObject.objects.create(id=data["id"], sequence=latest + 1, kind=kind, group=group, data=data)
        except IntegrityError:
            continue
        return data
    raise RuntimeError("no place in the fake's memory")


def get(kind: str, object_id: str, *, param: str = "id", noun: str = "") -> dict[str, Any]:
    """Return an object, locked until the request is over."""
    row = FakeObject.objects.select_for_update().filter(kind=kind, pk=object_id).first()
    if row is None:
        status = 400 if param != "id" else 404
        raise ApiError(status, f"No such {noun or kind}: '{object_id}'", code="resource_missing", param=param)
    return dict(row.data)


def save(data: dict[str, Any]) -> dict[str, Any]:
    FakeObject.objects.filter(pk=data["id"]).update(data=data)
    return data


def page(rows: QuerySet[FakeObject], params: dict[str, Any], url: str) -> dict[str, Any]:
    """Return one page, newest first, as `limit` and `starting_after` ask."""
    limit = int(params.get("limit", LIMIT))
    if not 1 <= limit <= LARGEST_LIMIT:
        raise ApiError(400, "Invalid limit.", code="parameter_invalid_integer", param="limit", is_kept=False)
    if since := params.get("created", {}).get("gte"):
        rows = rows.filter(data__created__gte=int(since))
    if after := params.get("starting_after"):
        row = FakeObject.objects.filter(pk=after).first()
        if row is None:
            raise ApiError(400, f"No such object: '{after}'", code="resource_missing", param="starting_after")
        rows = rows.filter(sequence__lt=row.sequence)
    found = list(rows.order_by("-sequence")[: limit + 1])
    return listing([row.data for row in found[:limit]], url, has_more=len(found) > limit)


def listing(data: Iterable[dict[str, Any]], url: str, *, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": has_more, "data": list(data)}


def note_event(kind: str, data: dict[str, Any]) -> None:
    """Keep what a webhook carries; it is listed at /v1/events, and `deliveries` delivers it."""
    event = {
        "id": new_id("evt"), "object": "event", "type": kind, "created": seconds(), "livemode": False,
        "api_version": stripe.api_version, "request": {"id": None, "idempotency_key": None}, "pending_webhooks": 1,
        "data": {"object": data},
    }  # fmt: skip
    add("event", event)


def events(params: dict[str, Any]) -> dict[str, Any]:
    return page(FakeObject.objects.filter(kind="event"), params, "/v1/events")
