"""What the header shows of the basket."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.buying import basket_counts


def basket_summary(request: HttpRequest) -> dict[str, object]:
    """Give templates `basket_summary.count` (items) and `.lines`; a page that shows neither asks nothing."""
    return {"basket_summary": SimpleLazyObject(lambda: basket_counts.summary(request))}
