"""Runs the same action in many threads at the same moment, each with its own database connection.

    outcomes = race(30, lambda i: checkout.place(attempt=attempt))
    assert [o.value for o in outcomes if o.ok] == [order.number]

Needs a test with committed rows (`django_db(transaction=True)`): other connections see nothing else.
"""

import contextlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connection, connections


@dataclass(frozen=True)
class Outcome:
    """What one contender came to: a value, or the exception that it raised."""

    value: Any = None
    error: BaseException | None = None

    @property
    def ok(self) -> bool:
        """Tell whether it returned."""
        return self.error is None


def race(contenders: int, action: Callable[[int], Any], *, timeout: float = 120) -> list[Outcome]:
    """Call action(0..contenders-1) from as many threads behind one barrier; outcomes in that order."""
    if connection.in_atomic_block:
        raise AssertionError("A race needs django_db(transaction=True): other threads cannot see this transaction.")
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        raise AssertionError(
            "A race needs a database file or PostgreSQL; mark it slow so that the memory lane omits it."
        )
    barrier = threading.Barrier(contenders)
    outcomes: list[Outcome | None] = [None] * contenders

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout)
            outcomes[index] = Outcome(value=action(index))
        except BaseException as error:  # the caller judges it
            outcomes[index] = Outcome(error=error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(index,), daemon=True, name=f"race-{index}") for index in range(contenders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
    stuck = [thread.name for thread in threads if thread.is_alive()]
    if stuck:
        raise AssertionError(f"{len(stuck)} of {contenders} contenders were still running after {timeout} s.")
    return [outcome for outcome in outcomes if outcome is not None]


def errors(outcomes: list[Outcome]) -> list[BaseException]:
    """Return the exceptions among the outcomes."""
    return [outcome.error for outcome in outcomes if outcome.error is not None]


def values(outcomes: list[Outcome]) -> list[Any]:
    """Return what the contenders that did not raise returned."""
    return [outcome.value for outcome in outcomes if outcome.ok]


@contextlib.contextmanager
def together(target: str, *, patience: float) -> Iterator[None]:
    """Let both contenders finish the call of `target` before either goes on: the dangerous point, once in each thread.

    With the lock on the second one waits outside, so that the first gives up after `patience` seconds.
    """
    original = pkgutil.resolve_name(target)
    barrier, met = threading.Barrier(2), threading.local()

    def meet(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        if not hasattr(met, "here"):
            met.here = True
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(patience)
        return found

    with mock.patch(target, side_effect=meet):
        yield
