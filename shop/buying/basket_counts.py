"""How much is in the basket, for the header of every page: one cheap query at most, none when it is remembered.

Loads neither lines nor offers. The number is kept in the cache under the basket's owner and forgotten on any change.
"""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from shop.forks.basket.models import Basket, Line

SECONDS = 600
EMPTY = {"count": 0, "lines": 0}


def summary(request: HttpRequest) -> dict[str, int]:
    """Return the number of items and of lines in this request's open basket."""
    if not hasattr(request, "session"):
        return EMPTY
    user_id = request.session.get("_auth_user_id")
    if user_id:
        return _remembered(f"owner-{user_id}", {"owner_id": user_id})
    basket_id = _cookie_basket_id(request)
    if basket_id is None:
        return EMPTY
    return _remembered(f"basket-{basket_id}", {"pk": basket_id, "owner": None})


def _cookie_basket_id(request: HttpRequest) -> str | None:
    signed = request.COOKIES.get(settings.OSCAR_BASKET_COOKIE_OPEN)
    try:
        return Signer().unsign(signed) if signed else None
    except BadSignature:
        return None


def _remembered(name: str, basket: dict[str, Any]) -> dict[str, int]:
    key = f"basket-count:{name}"
    found = cache.get(key)
    if found is None:
        found = Line.objects.filter(
            basket__in=Basket.objects.filter(status=Basket.OPEN, **basket).values("pk")
        ).aggregate(count=Coalesce(Sum("quantity"), 0), lines=Count("pk"))
        cache.set(key, found, SECONDS)
    return found


def forget(basket: Basket) -> None:
    """Forget the basket's number now, and again after the commit: a reader may have remembered the old one."""
    names = [f"basket-count:basket-{basket.pk}"]
    if basket.owner_id:
        names.append(f"basket-count:owner-{basket.owner_id}")
    cache.delete_many(names)
    transaction.on_commit(lambda: cache.delete_many(names), robust=True)


def _basket_changed(sender: Any, instance: Basket, **kwargs: Any) -> None:
    forget(instance)


def _line_changed(sender: Any, instance: Line, **kwargs: Any) -> None:
    forget(instance.basket)


def connect() -> None:
    """Listen to every change of a basket, wherever it is made."""
    for signal in (post_save, post_delete):
        signal.connect(_basket_changed, sender=Basket, dispatch_uid="basket_counts.basket")
        signal.connect(_line_changed, sender=Line, dispatch_uid="basket_counts.line")
