"""Which groups a company is in."""

from shop.segments.models import GroupMember


def group_ids_of(company_key: str) -> tuple[int, ...]:
    """Return the company's groups, the one that counts most first; () without a company."""
    if not company_key:
        return ()
    found = GroupMember.objects.filter(company__key=company_key).order_by("-group__priority", "group__name", "group_id")
    return tuple(found.values_list("group_id", flat=True))
