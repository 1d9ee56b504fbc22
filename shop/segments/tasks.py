"""What follows a change of rules, groups or companies. Each task is safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.segments.services import groups, visibility


@shared_task
def rebuild_visibility(names: list[list[str]] | None = None) -> None:
    """Resolve the rules of these (level, audience) pairs, or all."""
    visibility.rebuild(names=None if names is None else [(level, audience) for level, audience in names])


@shared_task
def rebuild_group(group_id: int) -> None:
    """Let a group's members follow from its rule."""
    groups.rebuild(group_id=group_id, now=timezone.now())


@shared_task
def company_changed(company_id: int) -> None:
    """Put a company into the groups whose rules it meets now, and out of the others."""
    groups.rebuild_all(now=timezone.now(), company_id=company_id)
