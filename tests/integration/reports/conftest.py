"""The past that totals are taken of, looked at from one day."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.integration.reports.naive import Pair
from tests.integration.reports.world import TODAY, build


@pytest.fixture
def world() -> Iterator[Pair]:
    with time_machine.travel(TODAY, tick=False):
        yield build()
