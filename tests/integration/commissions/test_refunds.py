"""Refunds in any number of parts, in any order, before or after the money moved, end at exactly zero."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.commissions.models import Accrual
from channels.commissions.selectors import verification
from channels.commissions.selectors.balances import balances
from channels.commissions.services import schedule
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db


parts = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 20_000), st.sampled_from(["", "run_due"])), min_size=0, max_size=6
)


@pytest.mark.slow
@settings(max_examples=15)
@given(
    nets=st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
    share=st.integers(0, 10_000),
    takes=parts,
    paid_after=st.integers(0, 6),
    cap=st.sampled_from([None, 0, 700, 1_500]),
)
@example(nets=(1, 1), share=5_000, takes=[], paid_after=0, cap=None)
@example(nets=(3, 999), share=3_333, takes=[(1, 1, "run_due"), (1, 998, ""), (0, 3, "")], paid_after=1, cap=700)
def test_refunds_end_at_zero(
    nets: tuple[int, int], share: int, takes: list[tuple[int, int, str]], paid_after: int, cap: int | None
) -> None:
    """Parts of two lines are given back, before and after payment, release and statement; then all the rest."""
    with transaction.atomic():
        _one_order(nets, share, takes, paid_after, cap)
        transaction.set_rollback(True)  # the next example starts from nothing


def _one_order(
    nets: tuple[int, int], share: int, takes: list[tuple[int, int, str]], paid_after: int, cap: int | None
) -> None:
    nord, sor, dist = (make.partner(code) for code in ("nord", "sor", "dist"))
    money.programme(total_cap_bp=cap)
    shares = ((nord, "resale", 10_000), (nord, "influence", share), (sor, "influence", 10_000 - share))
    order = money.credited(
        "ORD-A", *shares, (dist, "override", 10_000),
        lines=tuple(make.line(f"ORD-A/{place}", net, quantity=100) for place, net in enumerate(nets)),
    )  # fmt: skip
    left, at = dict(enumerate(nets)), order.placed_at
    for number, (place, net, then) in enumerate(takes):
        at += timedelta(days=20)
        if number == paid_after:
            money.paid(order, at)
        taken = min(net, left[place])
        if taken:
            left[place] -= taken
            money.refunded(order, at, (f"ORD-A/{place}", 1, taken))
        if then:
            schedule.run_due(now=at)
        assert list(verification.findings()) == []
    if paid_after >= len(takes):
        money.paid(order, at + timedelta(days=1))
    money.rated(money.happened(order, OrderEventKind.CANCELLED, at + timedelta(days=2)))
    assert sum(Accrual.objects.values_list("amount_minor", flat=True)) == 0
    assert sum(Accrual.objects.values_list("base_minor", flat=True)) == 0
    assert [account for account in money.accounts() if account.startswith("Expense")] == []
    for partner in (nord, sor, dist):
        assert [(row.earned, row.owed + row.held) for row in balances(partner)] in ([], [(0, 0)])
    assert list(verification.findings()) == []


def test_the_order_of_refunds_does_not_matter() -> None:
    """Three parts forwards and backwards leave the same commission after each has been booked."""
    money.programme()
    amounts = {}
    for number, order_of in (("ORD-A", (1, 2, 3)), ("ORD-B", (3, 2, 1))):
        nord = make.partner(f"nord-{number.lower()}")
        order = money.credited(number, (nord, "resale", 10_000), lines=(make.line(f"{number}/1", 99_99, quantity=9),))
        money.paid(order)
        for units in order_of:
            money.refunded(order, make.NOON + timedelta(days=3), (f"{number}/1", units, units * 11_11))
        amounts[number] = sum(Accrual.objects.filter(order=order).values_list("amount_minor", flat=True))
    assert amounts == {"ORD-A": 5_00, "ORD-B": 5_00}


def test_a_line_refunded_leaves_the_other_as_it_is() -> None:
    """Exactly the part of the line, partner by partner."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme()
    order = money.credited(
        "ORD-A", (nord, "resale", 10_000), (sor, "influence", 10_000),
        lines=(make.line("ORD-A/1", 100_00), make.line("ORD-A/2", 33_33)),
    )  # fmt: skip
    money.paid(order)
    money.refunded(order, make.NOON + timedelta(days=3), ("ORD-A/2", 1, 33_33))
    assert money.earned(nord) == [
        ("RESALE", 15_00, "held"), ("RESALE", 5_00, "reversed"), ("RESALE", -5_00, "reversed"),
    ]  # fmt: skip
    assert money.earned(sor) == [
        ("INFLUENCE", 5_00, "held"), ("INFLUENCE", 1_67, "reversed"), ("INFLUENCE", -1_67, "reversed"),
    ]  # fmt: skip
    assert money.accounts() == {
        "Expense:Commission:INFLUENCE": 5_00, "Expense:Commission:RESALE": 15_00, "Liability:Held": -20_00,
    }  # fmt: skip


def test_a_refund_before_the_payment_pays_only_the_rest() -> None:
    """The order in which the two are recorded makes no difference to the sum."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000))
    money.refunded(order, make.NOON + timedelta(days=1), ("ORD-A/1", 0, 20_00))
    money.paid(order, make.NOON + timedelta(days=2))
    assert money.earned(nord) == [("RESALE", 12_00, "held")]
