"""The user of a request with what every page asks about it, in the one query that loads the user.

Nothing of it is kept between requests: who leaves a company, is blocked or loses a right is without it on the next page.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from shop.companies.models import Membership

DESK = {"content_type__app_label": "wagtailadmin", "codename": "access_admin"}


@dataclass(frozen=True, slots=True)
class Place:
    """A company that somebody may act for, by the membership that says so."""

    pk: int
    key: str
    name: str
    status: str


def load(user_id: Any) -> Any | None:
    """Return the user with its `places`, the default one first, and `may_open_desk`; None when there is none."""
    rows = list(_users().filter(pk=user_id))
    if not rows:
        return None
    user = rows[0]
    user.places = [
        Place(row.place_pk, str(row.place_key), row.place_name, row.place_status) for row in rows if row.place_pk
    ]
    user.may_open_desk = user.is_superuser or user.has_desk
    return user


def places_of(user: Any) -> list[Place]:
    """Return the user's active places, the default one first; one query for a user that `load` did not make."""
    if not hasattr(user, "places"):
        rows = Membership.objects.filter(user=user, is_active=True)
        columns = ("pk", "company__key", "company__name", "company__status")
        user.places = [Place(pk, str(key), name, status) for pk, key, name, status in rows.values_list(*columns)]
    found: list[Place] = user.places
    return found


def forget_places(user: Any) -> None:
    """Have the places asked for again in this request, which has changed them."""
    if hasattr(user, "places"):
        del user.places


def may_open_desk(user: Any) -> bool:
    """Say whether the user may open Wagtail, staff or not."""
    known: bool | None = getattr(user, "may_open_desk", None)
    return user.has_perm("wagtailadmin.access_admin") if known is None else known


def _users() -> QuerySet[Any]:
    granted = Permission.objects.filter(**DESK)
    return (
        get_user_model()
        ._default_manager.annotate(
            place=FilteredRelation("memberships", condition=Q(memberships__is_active=True)),
            place_pk=F("place__pk"),
            place_key=F("place__company__key"),
            place_name=F("place__company__name"),
            place_status=F("place__company__status"),
            has_desk=Exists(granted.filter(user=OuterRef("pk"))) | Exists(granted.filter(group__user=OuterRef("pk"))),
        )
        .order_by("-place__is_default", "place__pk")
    )
