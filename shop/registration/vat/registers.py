"""Registers that know which VAT ids are in use. `VAT_REGISTER` names one; without it none is asked."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from time import monotonic
from typing import Protocol
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils.module_loading import import_string
from stdnum.eu.vat import MEMBER_STATES

CONNECT_SECONDS, TOTAL_SECONDS = 3, 6
LARGEST_ANSWER = 64 * 1024


class Unreachable(Exception):
    """The register gave no answer that tells anything: ask again later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register says of a VAT id; `name` where it tells whose it is."""

    is_valid: bool
    name: str = ""


class VatRegister(Protocol):
    """A source of answers. `look_up` answers within seconds or raises Unreachable."""

    name: str

    def covers(self, vat_id: str) -> bool: ...

    def look_up(self, vat_id: str) -> Answer: ...


def configured() -> VatRegister | None:
    return import_string(settings.VAT_REGISTER)() if settings.VAT_REGISTER else None


class Vies:
    """The European Union's register, over its REST service."""

    name = "VIES"

    def covers(self, vat_id: str) -> bool:
        return vat_id[:2].lower() in {*MEMBER_STATES, "el", "xi"}

    def look_up(self, vat_id: str) -> Answer:
        found = _get(f"{settings.VAT_REGISTER_URL}/ms/{quote(vat_id[:2])}/vat/{quote(vat_id[2:])}")
        # A member state that is down is told as "not valid" too; only these two words are answers.
        if found.get("userError") not in ("VALID", "INVALID"):
            raise Unreachable(str(found.get("userError")))
        name = str(found.get("name") or "").strip()
        return Answer(found["userError"] == "VALID", "" if name == "---" else name[:200])


def _get(url: str) -> dict:
    """Read a JSON object. The seconds and the size have an end, however slowly the other side talks."""
    until = monotonic() + TOTAL_SECONDS
    body = b""
    try:
        # The address is a setting of ours.
        request = Request(url, headers={"Accept": "application/json"})  # noqa: S310
        with urlopen(request, timeout=CONNECT_SECONDS) as response:  # noqa: S310
            while chunk := response.read1(8192):
                body += chunk
                if len(body) > LARGEST_ANSWER or monotonic() > until:
                    raise Unreachable("too long an answer")
        found = json.loads(body)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(str(error)) from error
    if not isinstance(found, dict):
        raise Unreachable("not an object")
    return found
