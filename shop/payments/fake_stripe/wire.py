"""Requests and answers as they are on the wire: nested form fields in, JSON objects and error objects out."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY_PARTS = re.compile(r"[^\[\]]+")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    params: dict[str, Any]
    idempotency_key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    is_kept: bool = True  # under the idempotency key: the endpoint had begun

    @property
    def text(self) -> str:
        return json.dumps(self.body)


class ApiError(Exception):
    """An error object."""

    def __init__(
        self, status: int, message: str, *, code: str = "", param: str = "", kind: str = "invalid_request_error",
        is_kept: bool = True, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(message)
        error = {"type": kind, "message": message, "code": code, "param": param, **more}
        shown = {name: value for name, value in error.items() if value}
        self.answer = Answer(status, {"error": shown}, is_kept=is_kept)


class CardError(ApiError):
    """The card was declined: an answer like an error, though what the endpoint did stays done."""

    def __init__(self, error: dict[str, Any], **about: Any) -> None:
        super().__init__(402, error["message"], kind="card_error", **_without(error, "message", "type"), **about)


def _without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def parse(method: str, url: str, headers: dict[str, str], post_data: Any) -> Request:
    address = urlsplit(url)
    text = post_data if isinstance(post_data, str) else (post_data or b"").decode()
    pairs = parse_qsl(address.query, keep_blank_values=True) + parse_qsl(text, keep_blank_values=True)
    fingerprint = hashlib.sha256(json.dumps([method, address.path, sorted(pairs)]).encode()).hexdigest()
    return Request(method.upper(), address.path, nested(pairs), headers.get("Idempotency-Key", ""), fingerprint)


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return `a[b]=1` as {"a": {"b": "1"}}; numbered parts stay keys, as Stripe's own lists do."""
    params: dict[str, Any] = {}
    for name, value in pairs:
        *outer, last = KEY_PARTS.findall(name)
        place = params
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return params


def required(params: dict[str, Any], name: str) -> str:
    value = params.get(name, "")
    if not value:
        raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name, is_kept=False)
    return str(value)


def truth(params: dict[str, Any], name: str) -> bool:
    return params.get(name) == "true"


def items(params: dict[str, Any], name: str) -> list[Any]:
    """Return a list's members, which are numbered on the wire."""
    return list(params.get(name, {}).values())


def allowed_types(params: dict[str, Any]) -> list[str]:
    """Return the kinds of method that an intent takes; the older parameter is refused since 2026-09-30.endive."""
    if "payment_method_types" in params:
        raise ApiError(
            400, "`payment_method_types` is no longer supported. Use `allowed_payment_method_types`.",
            code="payment_method_types_no_longer_supported", param="payment_method_types", is_kept=False,
        )  # fmt: skip
    return items(params, "allowed_payment_method_types") or ["card"]


def whole_number(params: dict[str, Any], name: str) -> int:
    text = required(params, name)
    if not text.lstrip("-").isdigit():
        raise ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name, is_kept=False)
    if int(text) < 1:
        raise ApiError(
            400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=name,
            is_kept=False,
        )  # fmt: skip
    return int(text)
