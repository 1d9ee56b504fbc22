"""Users of the demo store: staff with their roles, buyers with their companies, and people of channel partners."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from shop.demo.catalogue_file import read

PASSWORD = "accord-demo"  # noqa: S105  of a demonstration that holds nothing of anybody's


@lru_cache(maxsize=1)
def password_hash() -> str:
    """Hashed once: a good hash is slow on purpose, and the demo has some fifty people."""
    return make_password(PASSWORD)


def make(people: Iterable[dict[str, Any]], *, joined: datetime, **flags: bool) -> list[Any]:
    """Create users with the demo's password."""
    model = get_user_model()
    users = [
        model(
            username=person["email"],
            email=person["email"],
            first_name=person["first_name"],
            last_name=person["last_name"],
            password=password_hash(),
            date_joined=joined,
            is_superuser=bool(person.get("is_superuser")),
            **flags,
        )
        for person in people
    ]
    for user in users:
        user.save()
    return users


def staff() -> list[dict[str, Any]]:
    return list(read("staff.toml")["person"])
