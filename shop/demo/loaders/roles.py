"""The back-office roles as groups with permissions, and the staff who hold them."""

from fnmatch import fnmatchcase
from typing import Any

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from shop.demo.catalogue_file import read
from shop.demo.loaders import people
from shop.demo.loaders.clock import Clock


def load(*, clock: Clock) -> dict[str, Any]:
    """Answers the staff by role."""
    rows = people.staff()
    users = people.make(rows, joined=clock.opening, is_staff=True)
    staff = {row["role"]: user for row, user in zip(rows, users, strict=True)}
    for role, row in read("roles.toml").items():
        group = make_group(row)
        staff[role].groups.add(group)
    return staff


def make_group(row: dict[str, Any]) -> Group:
    group, _ = Group.objects.get_or_create(name=row["name"])
    group.permissions.set(_matching(row["permissions"]))
    root = Page.get_first_root_node()
    for codename in row.get("pages", []):
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{codename}_page")
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    collection = Collection.get_first_root_node()
    for permission in Permission.objects.filter(codename__in=row.get("files", [])):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    return group


def _matching(patterns: list[str]) -> list[Permission]:
    every = Permission.objects.select_related("content_type")
    return [
        permission
        for permission in every
        if any(
            fnmatchcase(f"{permission.content_type.app_label}.{permission.codename}", pattern) for pattern in patterns
        )
    ]
