"""Which of Stripe's events concern us, and what takes them in."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from shop.payments.services import disputes, methods, payments, refunds

Handler = Callable[[Mapping[str, Any], datetime, datetime], bool]


def handle(event: Mapping[str, Any], *, at: datetime) -> bool:
    """Apply an event, in the caller's transaction; False when it does not concern us.

    Events of connected accounts, which carry `account`, are about their money and not ours.
    """
    handler = _handler(event["type"])
    if handler is None or event.get("account"):
        return False
    return handler(event["data"]["object"], at, datetime.fromtimestamp(event["created"], tz=UTC))


def _handler(kind: str) -> Handler | None:
    return next((handler for prefix, handler in HANDLERS if kind.startswith(prefix)), None)


def _intent(data: Mapping[str, Any], at: datetime, as_of: datetime) -> bool:
    return payments.apply(intent=data, at=at, as_of=as_of) is not None


def _refund(data: Mapping[str, Any], at: datetime, _as_of: datetime) -> bool:
    return refunds.apply_refund(refund=data, at=at) is not None


def _dispute(data: Mapping[str, Any], at: datetime, _as_of: datetime) -> bool:
    return disputes.apply_dispute(dispute=data, at=at) is not None


def _setup(data: Mapping[str, Any], at: datetime, _as_of: datetime) -> bool:
    return methods.apply_setup(intent=data, at=at) is not None


def _described(data: Mapping[str, Any], _at: datetime, _as_of: datetime) -> bool:
    return methods.apply_description(data)


def _detached(data: Mapping[str, Any], at: datetime, _as_of: datetime) -> bool:
    return methods.apply_detached(provider_id=data["id"], at=at)


HANDLERS: tuple[tuple[str, Handler], ...] = (
    ("payment_intent.", _intent),
    ("refund.", _refund),
    ("charge.refund.updated", _refund),
    ("charge.dispute.", _dispute),
    ("setup_intent.succeeded", _setup),
    ("payment_method.detached", _detached),
    ("payment_method.automatically_updated", _described),
    ("payment_method.updated", _described),
)
