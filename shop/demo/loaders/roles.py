"""The staff of the demo store, each in the group of their role."""

from typing import Any

from shop.demo.loaders import people
from shop.demo.loaders.clock import Clock
from shop.operations import roles


def load(*, clock: Clock) -> dict[str, Any]:
    """Answers the staff by role."""
    rows = people.staff()
    users = people.make(rows, joined=clock.opening, is_staff=True)
    staff = {row["role"]: user for row, user in zip(rows, users, strict=True)}
    for role, group in roles.sync().items():
        staff[role].groups.add(group)
    return staff
