"""The fake of Stripe answers as Stripe does, below Stripe's own client."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
import time_machine
from django.db import transaction

from channels.commissions.rails.stripe_connect import client
from shop.payments.fake_stripe import accounts, faults
from shop.payments.fake_stripe.transport import FakeStripe, InTransaction
from shop.payments.models import FakeKey, FakeObject
from tests.factories.payouts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account() -> str:
    made = client().v1.accounts.create(
        params={"type": "express", "country": "NO", "capabilities": {"transfers": {"requested": True}}}
    )
    accounts.tell(made.id, "complete")
    return made.id


def transfer(to: str, key: str = "k1", **changes: Any) -> stripe.Transfer:
    params = {"amount": 1500, "currency": "eur", "destination": to, "transfer_group": "g", "metadata": {"a": "1"}}
    return client().v1.transfers.create(params={**params, **changes}, options={"idempotency_key": key})


def count() -> int:
    return FakeObject.objects.filter(kind="transfer").count()


def test_the_same_key_gives_the_same_answer_and_moves_money_once(account: str) -> None:
    first, again = transfer(account), transfer(account)
    assert first.id == again.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert count() == 1
    assert transfer(account, key="k2").id != first.id
    assert count() == 2


def test_the_same_key_with_other_parameters_is_an_error(account: str) -> None:
    transfer(account)
    with pytest.raises(stripe.IdempotencyError) as error:
        transfer(account, amount=1501)
    assert (error.value.http_status, error.value.error.type) == (400, "idempotency_error")
    assert error.value.request_id.startswith("req_")
    assert count() == 1


def test_two_at_once_under_one_key_conflict(account: str) -> None:
    transfer(account)
    FakeKey.objects.filter(key="k1").update(status=0)  # as while the first is at work
    with pytest.raises(stripe.APIError) as error:
        transfer(account)
    assert (error.value.http_status, error.value.error.code) == (409, "idempotency_key_in_use")


def test_a_key_is_forgotten_after_a_day(account: str) -> None:
    first = transfer(account)
    with time_machine.travel(NOW + timedelta(hours=24, seconds=1), tick=False):
        assert transfer(account).id != first.id
    assert count() == 2


def test_an_error_of_the_endpoint_stays_under_the_key_and_one_of_the_request_does_not(account: str) -> None:
    accounts.tell(account, "missing")
    with pytest.raises(stripe.InvalidRequestError) as error:
        transfer(account)
    assert error.value.code == "insufficient_capabilities_for_transfer"
    accounts.tell(account, "complete")
    with pytest.raises(stripe.InvalidRequestError, match="capabilities"):
        transfer(account)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        transfer(account, key="k2", amount="")
    assert (missing.value.code, missing.value.param) == ("parameter_missing", "amount")
    assert transfer(account, key="k2").amount == 1500


@pytest.mark.parametrize(
    ("fault", "error", "status", "happened"),
    [
        (faults.LOST_REQUEST, stripe.APIConnectionError, None, 0),
        (faults.LOST_ANSWER, stripe.APIConnectionError, None, 1),
        (faults.TIMEOUT, stripe.APIConnectionError, None, 1),
        (faults.BROKEN, stripe.APIError, 500, 0),
        (faults.BROKEN_AFTER, stripe.APIError, 500, 1),
        (faults.TOO_MANY, stripe.RateLimitError, 429, 0),
        (faults.INSUFFICIENT, stripe.InvalidRequestError, 400, 0),
        (faults.DISABLED, stripe.InvalidRequestError, 400, 0),
    ],
)
def test_each_fault_looks_as_it_would(
    account: str, fault: str, error: type[stripe.StripeError], status: int | None, happened: int
) -> None:
    faults.plan(fault, "POST", "/v1/transfers")
    with pytest.raises(error) as raised:
        transfer(account)
    assert raised.value.http_status == status
    assert count() == happened
    transfer(account, key="another")  # planned once
    assert count() == happened + 1


def test_what_is_not_in_the_balance_cannot_be_transferred(account: str) -> None:
    transfer(account, amount=99_999_999)
    with pytest.raises(stripe.InvalidRequestError) as error:
        transfer(account, key="k2", amount=2)
    assert error.value.code == "balance_insufficient"
    transfer(account, key="k3", amount=1)
    [euros] = [row for row in client().v1.balance.retrieve().available if row.currency == "eur"]
    assert euros.amount == 0


def test_transfers_are_listed_newest_first_and_paged(account: str) -> None:
    made = [transfer(account, key=f"k{number}").id for number in range(5)]
    transfer(account, key="other", transfer_group="h")
    first = client().v1.transfers.list(params={"transfer_group": "g", "limit": 2})
    assert ([row.id for row in first.data], first.has_more) == (made[:2:-1], True)
    assert [row.id for row in first.auto_paging_iter()] == made[::-1]


def test_a_transfer_is_reversed_in_parts_and_never_more_than_whole(account: str) -> None:
    made = transfer(account)
    client().v1.transfers.reversals.create(made.id, params={"amount": 500})
    with pytest.raises(stripe.InvalidRequestError, match="at most 1000"):
        client().v1.transfers.reversals.create(made.id, params={"amount": 1001})
    client().v1.transfers.reversals.create(made.id)
    now = client().v1.transfers.retrieve(made.id)
    assert (now.amount_reversed, now.reversed) == (1500, True)
    assert [row.amount for row in client().v1.transfers.reversals.list(made.id).data] == [1000, 500]
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        client().v1.transfers.reversals.create(made.id)


def test_what_is_not_there_is_an_error_of_the_right_kind(account: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as transfer_error:
        client().v1.transfers.retrieve("tr_none")
    assert (transfer_error.value.http_status, transfer_error.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as destination:
        transfer("acct_none")
    assert destination.value.param == "destination"
    with pytest.raises(stripe.PermissionError):
        client().v1.accounts.retrieve("acct_none")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client().raw_request("get", "/v1/unheard_of")


def test_a_live_key_is_refused(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    with pytest.raises(stripe.AuthenticationError):
        client().v1.balance.retrieve()


def test_what_a_webhook_would_carry_is_kept_as_events(account: str) -> None:
    made = transfer(account)
    client().v1.transfers.reversals.create(made.id)
    events = client().v1.events.list().data
    assert [event.type for event in events] == ["transfer.reversed", "transfer.created", "account.updated"]


def test_a_request_inside_a_transaction_is_refused() -> None:
    with pytest.raises(InTransaction), transaction.atomic():
        client().v1.balance.retrieve()
    assert client().v1.balance.retrieve().object == "balance"


def test_it_is_a_transport_of_stripes_client() -> None:
    assert issubclass(FakeStripe, stripe.HTTPClient)
