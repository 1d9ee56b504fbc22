"""The visitor cookie and the consent it hangs on: read at the start of a request, written at its end.

Two cookies of our own: the answer to the consent question, and, only after a yes, a signed random key.
"""

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

ALL = "all"
NECESSARY = "necessary"
CHOICES = (ALL, NECESSARY)
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Visit:
    """Who is visiting, as far as this browser lets us know. `key` is empty without consent."""

    choice: str = ""
    key: str = ""
    must_write_choice: bool = False
    must_write_key: bool = False
    must_drop_key: bool = False

    @property
    def undecided(self) -> bool:
        return not self.choice

    @property
    def granted(self) -> bool:
        return self.choice == ALL

    def choose(self, choice: str) -> None:
        """Take the answer: a yes brings a new key, a no takes the key away."""
        self.choice, self.must_write_choice = choice, True
        if self.granted:
            self.renew_key()
        else:
            self.key, self.must_write_key, self.must_drop_key = "", False, True

    def renew_key(self) -> None:
        self.key, self.must_write_key, self.must_drop_key = uuid4().hex, True, False


def read(request: HttpRequest) -> Visit:
    """Return the visit that the cookies tell of. A key that we did not sign is replaced, never trusted."""
    choice = request.COOKIES.get(_choice_name(), "")
    visit = Visit(choice=choice if choice in CHOICES else "")
    signed = request.COOKIES.get(_key_name())
    if signed and visit.granted:
        visit.key = _unsigned(signed)
    if visit.granted and not visit.key:
        visit.renew_key()
    if signed and not visit.granted:
        visit.must_drop_key = True
    return visit


def write(visit: Visit, request: HttpRequest, response: HttpResponse) -> None:
    """Set or drop what changed; a request that changed nothing sets no cookie."""
    if visit.must_write_choice:
        _set(_choice_name(), visit.choice, request, response)
    if visit.must_write_key:
        _set(_key_name(), _signer().sign(visit.key), request, response)
    if visit.must_drop_key:
        response.delete_cookie(_key_name(), samesite="Lax")


def _unsigned(signed: str) -> str:
    try:
        key = _signer().unsign(signed, max_age=_max_age())
    except signing.SignatureExpired:
        return ""
    except signing.BadSignature:
        logger.warning("A visitor cookie with a wrong signature was replaced.")
        return ""
    return key if _KEY.fullmatch(key) else ""


def _set(name: str, value: str, request: HttpRequest, response: HttpResponse) -> None:
    response.set_cookie(name, value, max_age=_max_age(), httponly=True, samesite="Lax", secure=request.is_secure())


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="channels.visitor")


def _key_name() -> str:
    return str(settings.VISITOR_COOKIE["NAME"])


def _choice_name() -> str:
    return f"{_key_name()}_consent"


def _max_age() -> timedelta:
    return timedelta(days=float(str(settings.VISITOR_COOKIE["MAX_AGE_DAYS"])))
