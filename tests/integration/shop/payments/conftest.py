"""The clock of the fake, and listeners that only remember."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from shop.payments.models import Payment
from shop.payments.services import history
from tests.factories.payments import NOW


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the listener of "test:" hears: the reference and the state."""
    told: list[tuple[str, str]] = []

    def listener(payment: Payment, at: datetime) -> None:
        told.append((payment.reference, payment.state))

    monkeypatch.setitem(history._listeners, "test:", listener)
    return told
