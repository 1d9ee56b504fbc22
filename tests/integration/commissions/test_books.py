"""Whatever happens in whatever order, the ledger agrees with a naive reckoning; two planted mistakes are found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from channels.commissions.engine import delta
from channels.commissions.models import Accrual
from channels.commissions.services import accruals
from channels.core.money import share_of
from tests.integration.commissions.books import Books

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# A fifth of what the profile asks: 20 businesses of 30 steps each, and 200 in a night.
SETTINGS = settings(
    max_examples=settings.default.max_examples // 5,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
# A planted mistake need not be made small: finding it is enough, and in fewer kinds of business it is found sooner.
HUNT = settings(SETTINGS, max_examples=200, phases=[Phase.generate], derandomize=True)


class RefundsAfterPayouts(Books):
    replay = deliver = change_rates = change_steward = renew = pay_out = object = take_up = end_dispute = None


class Refunds(RefundsAfterPayouts):
    a_quiet_quarter = time_passes = None


def test_the_books_agree_with_a_naive_reckoning() -> None:
    run_state_machine_as_test(Books, settings=SETTINGS)


def test_twin_a_refund_that_is_not_clawed_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Money that has left is forgotten: no claw-back is posted for an accrual that was paid."""
    drafts_for: Callable[..., list[Any]] = accruals.drafts_for

    def forgetful(rows: list[Accrual]) -> list[Any]:
        return drafts_for([row for row in rows if row.reverses is None or row.reverses.state != Accrual.State.PAID])

    monkeypatch.setattr(accruals, "drafts_for", forgetful)
    with pytest.raises(AssertionError, match="should have earned"):
        run_state_machine_as_test(RefundsAfterPayouts, settings=HUNT)


def test_twin_a_sum_of_rounded_parts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refund takes back its own part, rounded by itself, instead of target minus posted."""
    exact: Callable[..., Any] = delta._delta

    def by_parts(key: Any, target: Any, base: int, amount: int) -> Any:
        change = exact(key, target, base, amount)
        part = share_of(abs(change.base_minor), change.rate_bp)
        return replace(change, amount_minor=part if change.base_minor > 0 else -min(part, amount))

    monkeypatch.setattr(delta, "_delta", by_parts)
    with pytest.raises(AssertionError, match="should have earned"):
        run_state_machine_as_test(Refunds, settings=HUNT)
