"""Values of product attributes in words."""

from typing import Any

from django.utils.translation import pgettext


def text_of(value: Any) -> str:
    """An attribute's value in words; '' leaves its row out."""
    if value is None or value == "":
        return ""
    if value is True:
        return pgettext("attribute value", "Yes")
    if value is False:
        return pgettext("attribute value", "No")
    return ", ".join(value) if isinstance(value, list) else str(value)
