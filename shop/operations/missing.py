"""What the site answers at an address that it does not know."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.defaults import page_not_found

# Browsers say what they want a file for; requests without the header come from older ones and from programs.
FOR_A_WINDOW = {"", "document", "empty", "iframe"}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with the whole page in a window, and with a line to a picture, a style sheet or a script.

    The page holds forms, so it sends a CSRF cookie. A picture asked for before the first page had sent one, and missed
    after it, would replace the cookie of that page: its forms would be refused.
    """
    if request.headers.get("Sec-Fetch-Dest", "") in FOR_A_WINDOW:
        return page_not_found(request, exception)
    return HttpResponseNotFound("Not found", content_type="text/plain")
