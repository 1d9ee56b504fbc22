"""The back-office roles of fixtures/roles.toml as groups with permissions. Safe to repeat."""

import tomllib
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page


def read() -> dict[str, dict[str, Any]]:
    """Return the roles by key: name, permissions as patterns, page and file permissions."""
    return tomllib.loads((settings.BASE_DIR / "fixtures" / "roles.toml").read_text())


def sync() -> dict[str, Group]:
    """Make or correct every role's group; return them by key. Members and other groups stay as they are."""
    return {role: _group(row) for role, row in read().items()}


def _group(row: dict[str, Any]) -> Group:
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
