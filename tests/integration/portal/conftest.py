"""The portal looks at the clock; the tests say what it reads."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.integration.portal.worlds import TODAY


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield
