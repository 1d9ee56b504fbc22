"""What every template may ask about consent, without a query."""

from django.http import HttpRequest

from channels.journeys.visits import Visit


def consent(request: HttpRequest) -> dict[str, Visit]:
    """Give `consent.undecided`, `consent.granted` and `consent.choice`; error pages may come before the middleware."""
    return {"consent": getattr(request, "visit", None) or Visit(choice="necessary")}
