"""Whole pages kept for visitors about whom nothing is known, with the two secrets of each visit left blank.

A page is kept only for a request without a session, a basket, a company and messages: then nothing on it depends on the
visitor but the CSRF token and the script nonce. Both are replaced by random marks before the page is kept, and by the
visitor's own when it is sent. Everyone else gets the page put together anew from its cached parts.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from shop.catalogue.caching import page_key
from shop.pricing.contexts import of_request
from shop.pricing.selectors import price_key

# The frame around a list (menu, footer) comes from the content pages, which have no part in the catalogue's version.
SECONDS = 60
MAX_ADDRESS = 400
OWN_COOKIES = (settings.SESSION_COOKIE_NAME, settings.OSCAR_BASKET_COOKIE_OPEN)


@dataclass(frozen=True, slots=True)
class Shell:
    text: str
    token_mark: str
    nonce_mark: str  # '' when the page holds no nonce


def is_shareable(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and not any(name in request.COOKIES for name in OWN_COOKIES)
        and not getattr(request, "company_key", "")
        and not request.headers.get("HX-Request")
        and len(request.get_full_path()) <= MAX_ADDRESS
        and len(get_messages(request)) == 0
    )


def _key(request: HttpRequest, version: str) -> str:
    consent = getattr(getattr(request, "visit", None), "choice", "")
    return page_key("shell", version, price_key(of_request(request)), request.get_full_path(), consent)


def find(request: HttpRequest, *, version: str) -> HttpResponse | None:
    """Answer with a kept page, or None when there is none or this visitor must not get one."""
    if not is_shareable(request):
        return None
    shell: Shell | None = cache.get(_key(request, version))
    return _answer(request, shell) if shell else None


def render(request: HttpRequest, template: str, context: dict[str, Any], *, version: str) -> HttpResponse:
    """Render the page, and keep it when the next unknown visitor may have the same."""
    if not is_shareable(request):
        return HttpResponse(render_to_string(template, context, request))
    token_mark, nonce_mark = secrets.token_hex(32), secrets.token_hex(16)
    text = str(render_to_string(template, {**context, "csrf_token": token_mark}, request))
    if request.csp_nonce:  # type: ignore[attr-defined]  # truthy once the page has used it
        text = text.replace(str(request.csp_nonce), nonce_mark)  # type: ignore[attr-defined]
    else:
        nonce_mark = ""
    shell = Shell(text, token_mark, nonce_mark)
    if len(get_messages(request)) == 0:
        cache.set(_key(request, version), shell, SECONDS)
    return _answer(request, shell)


def _answer(request: HttpRequest, shell: Shell) -> HttpResponse:
    text = shell.text.replace(shell.token_mark, get_token(request))
    if shell.nonce_mark:
        text = text.replace(shell.nonce_mark, str(request.csp_nonce))  # type: ignore[attr-defined]
    return HttpResponse(text)
