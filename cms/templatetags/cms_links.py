"""Where a link block leads."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def link_url(context: dict[str, Any], link: Any) -> str:
    """Return the address of a LinkBlock's value in the current site; empty when it leads nowhere."""
    if not link:
        return ""
    page = link.get("page")
    if page:
        return page.get_url(context.get("request")) or ""
    return link.get("url") or ""
