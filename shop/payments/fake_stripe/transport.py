"""The place of the network: a stripe.HTTPClient that answers by itself."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import stripe
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from requests.structures import CaseInsensitiveDict

from shop.payments.fake_stripe import (
    accounts,
    customers,
    disputes,
    faults,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    store,
    transfers,
)
from shop.payments.fake_stripe.wire import Answer, ApiError, CardError, Request, parse
from shop.payments.models import FakeKey

Endpoint = Callable[..., dict[str, Any]]
KEY_LIVES = timedelta(hours=24)

# (method, path) with what each part in brackets is handed on as, in this order; the parameters come last.
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", r"/v1/accounts", accounts.create),
    ("GET", r"/v1/accounts/([^/]+)", accounts.retrieve),
    ("POST", r"/v1/account_links", accounts.create_link),
    ("POST", r"/v1/transfers", transfers.create),
    ("GET", r"/v1/transfers", transfers.find),
    ("GET", r"/v1/transfers/([^/]+)", transfers.retrieve),
    ("POST", r"/v1/transfers/([^/]+)/reversals", transfers.reverse),
    ("GET", r"/v1/transfers/([^/]+)/reversals", transfers.reversals),
    ("GET", r"/v1/balance", transfers.balance),
    ("POST", r"/v1/customers", customers.create),
    ("GET", r"/v1/customers/([^/]+)", customers.retrieve),
    ("POST", r"/v1/payment_methods", payment_methods.create),
    ("GET", r"/v1/payment_methods/([^/]+)", payment_methods.retrieve),
    ("POST", r"/v1/payment_methods/([^/]+)/attach", payment_methods.attach),
    ("POST", r"/v1/payment_methods/([^/]+)/detach", payment_methods.detach),
    ("POST", r"/v1/payment_intents", payment_intents.create),
    ("GET", r"/v1/payment_intents", payment_intents.find),
    ("GET", r"/v1/payment_intents/([^/]+)", payment_intents.retrieve),
    ("POST", r"/v1/payment_intents/([^/]+)/confirm", payment_intents.confirm),
    ("POST", r"/v1/payment_intents/([^/]+)/cancel", payment_intents.cancel),
    ("POST", r"/v1/setup_intents", setup_intents.create),
    ("GET", r"/v1/setup_intents/([^/]+)", setup_intents.retrieve),
    ("POST", r"/v1/setup_intents/([^/]+)/confirm", setup_intents.confirm),
    ("POST", r"/v1/refunds", refunds.create),
    ("GET", r"/v1/refunds", refunds.find),
    ("GET", r"/v1/refunds/([^/]+)", refunds.retrieve),
    ("GET", r"/v1/disputes/([^/]+)", disputes.retrieve),
    ("GET", r"/v1/events", store.events),
)


class InTransaction(AssertionError):
    """The network was used while a database transaction was open."""


class FakeStripe(stripe.HTTPClient):
    """Answers as Stripe would. Each request is a life of its own: everything is kept in the database."""

    name = "fake"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **kwargs: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        refuse_transactions()
        request = parse(method, url, dict(headers or {}), post_data)
        answer = self._answer(request, dict(headers or {}))
        named = {"Request-Id": store.new_id("req"), "Content-Type": "application/json", **answer.headers}
        return answer.text, answer.status, CaseInsensitiveDict(named)

    def close(self) -> None:
        """Nothing is open."""

    def _sleep_time_seconds(self, num_retries: int) -> float:
        """The client's retries wait for a network; this one is always there."""
        return 0.0

    def _answer(self, request: Request, headers: Mapping[str, str]) -> Answer:
        if not headers.get("Authorization", "").startswith("Bearer sk_test_"):
            return ApiError(401, "Invalid API Key provided.").answer
        fault = faults.take(request)
        if fault == faults.LOST_REQUEST:
            raise stripe.APIConnectionError("The connection broke before the request arrived.", should_retry=False)
        answer = self._under_key(request, fault) if request.idempotency_key else _execute(request, fault)
        if fault in (faults.LOST_ANSWER, faults.TIMEOUT):
            raise stripe.APIConnectionError("The connection broke before the answer arrived.", should_retry=False)
        return answer

    def _under_key(self, request: Request, fault: str) -> Answer:
        """The first request under a key is carried out; its answer is every later one's."""
        old = timezone.now() - KEY_LIVES
        FakeKey.objects.filter(key=request.idempotency_key, created_at__lt=old).delete()
        try:
            with transaction.atomic():
                kept = FakeKey.objects.create(
                    key=request.idempotency_key, fingerprint=request.fingerprint, created_at=timezone.now()
                )
        except IntegrityError:
            return _kept_answer(FakeKey.objects.get(key=request.idempotency_key), request)
        try:
            answer = _execute(request, fault)
        except BaseException:
            kept.delete()
            raise
        if answer.is_kept:
            FakeKey.objects.filter(pk=kept.pk).update(status=answer.status, body=answer.text)
        else:
            kept.delete()
        return answer


def refuse_transactions() -> None:
    """Raise where a transaction of the caller's is open; the one that a test wraps around everything does not count."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise InTransaction("A network call inside a transaction holds its locks for as long as the network likes.")


def _kept_answer(kept: FakeKey, request: Request) -> Answer:
    if kept.fingerprint != request.fingerprint:
        return ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{kept.key}' if you meant to execute a different request.",
            kind="idempotency_error",
        ).answer
    if kept.status == 0:
        return ApiError(
            409, "Another request under this key is in progress.", code="idempotency_key_in_use",
            kind="idempotency_error",
        ).answer  # fmt: skip
    return Answer(kept.status, json.loads(kept.body), {"Idempotent-Replayed": "true"})


def _execute(request: Request, fault: str) -> Answer:
    """Carry a request out: the whole of it, or nothing."""
    try:
        if fault in faults.BEFORE:
            raise faults.error(fault)
        body = _carried_out(request)
        if fault == faults.BROKEN_AFTER:
            raise faults.error(fault)
    except ApiError as error:
        # Stripe tells its client not to repeat what it would only answer again.
        return replace(error.answer, headers={"Stripe-Should-Retry": "false"})
    return Answer(200, body)


def _carried_out(request: Request) -> dict[str, Any]:
    declined: CardError | None = None
    with transaction.atomic():
        try:
            body = _endpoint(request)
        except CardError as error:
            declined = error
    if declined:
        raise declined
    return body


def _endpoint(request: Request) -> dict[str, Any]:
    for method, pattern, endpoint in ROUTES:
        if method == request.method and (match := re.fullmatch(pattern, request.path)):
            return endpoint(*match.groups(), request.params)
    raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).", is_kept=False)
