"""Misbehaving on purpose: plan a fault, and the next matching request runs into it.

faults.plan(faults.LOST_ANSWER, "POST", "/v1/transfers")
"""

from django.db.models import F

from shop.payments.fake_stripe.wire import ApiError, Request
from shop.payments.models import FakeFault

LOST_REQUEST = "lost_request"  # the connection breaks before anything happened
LOST_ANSWER = "lost_answer"  # it happened, and nobody hears of it
TIMEOUT = "timeout"  # as a lost answer, but the client itself does not try again
BROKEN = "broken"  # 500 before the effect; the answer stays under the key
BROKEN_AFTER = "broken_after"  # 500 after the effect; the answer stays under the key
TOO_MANY = "too_many"  # 429; nothing stays under the key
INSUFFICIENT = "insufficient_balance"
DISABLED = "account_disabled"
REFUSED_REVERSAL = "reversal_refused"

BEFORE = {LOST_REQUEST, BROKEN, TOO_MANY, INSUFFICIENT, DISABLED, REFUSED_REVERSAL}


def plan(kind: str, method: str, path: str, *, times: int = 1) -> None:
    FakeFault.objects.create(kind=kind, method=method.upper(), path=path, left=times)


def take(request: Request) -> str:
    """Return the fault that this request runs into, one of those planned for it in their order; "" mostly."""
    for fault in FakeFault.objects.filter(method=request.method, left__gt=0).order_by("pk"):
        if request.path.startswith(fault.path) and FakeFault.objects.filter(pk=fault.pk, left__gt=0).update(
            left=F("left") - 1
        ):
            return fault.kind
    return ""


def error(kind: str) -> ApiError:
    """Return the error that a fault answers with."""
    if kind == TOO_MANY:
        return ApiError(429, "Too many requests. Slow down.", code="rate_limit", is_kept=False)
    if kind == INSUFFICIENT:
        return insufficient()
    if kind == DISABLED:
        return not_capable()
    if kind == REFUSED_REVERSAL:
        return ApiError(
            400,
            "The connected account does not have enough money to reverse this transfer.",
            code="balance_insufficient",
        )
    return ApiError(500, "Something went wrong on the fake's end.", kind="api_error")


def insufficient() -> ApiError:
    return ApiError(
        400, "You have insufficient available funds in your balance for this transfer.", code="balance_insufficient"
    )


def not_capable() -> ApiError:
    return ApiError(
        400, "Your destination account needs to have at least one of the following capabilities enabled: transfers.",
        code="insufficient_capabilities_for_transfer",
    )  # fmt: skip
