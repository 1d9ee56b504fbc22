"""The cost of selling against a naive oracle that adds up row by row; and its rules, one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from channels.core.money import share_of
from channels.harmony.engine import costs
from channels.harmony.engine.costs import CommissionFact, OrderFact, RateFact, TouchFact

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def day(number):
    return DAY + timedelta(days=number)


def order(id_, at, *, company=1, channel="direct", cycle=0, net=100_00, currency="EUR"):
    return OrderFact(id_, company, channel, cycle, currency, net, day(at))


def touch(at, cost=10_00, *, company=1, kind="visit", medium="field_sales", currency="EUR"):
    return TouchFact(day(at), company, kind, medium, cost, currency)


def rate(id_, kind="payment", channel="", bp=0, flat=0, since=-100, until=None, currency="EUR"):
    return RateFact(id_, kind, channel, bp, flat, currency, day(since), None if until is None else day(until))


def report(orders=(), touches=(), commissions=(), rates=(), *, start=0, end=30):
    return costs.cost_of_selling(orders, touches, commissions, rates, start=day(start), end=day(end))


def test_a_first_order_acquires_a_renewal_retains_and_the_rest_grows():
    orders = [order(1, -5), order(2, 1), order(3, 2, cycle=1), order(4, 3, company=2)]
    assert costs.stages_of(orders) == {1: "acquire", 2: "grow", 3: "retain", 4: "acquire"}


def test_a_touch_belongs_to_the_next_order_of_its_company_even_after_the_period():
    orders = [order(1, -5), order(2, 40, channel="reseller")]
    found = report(orders, [touch(3)])
    assert {key: cell.touches_minor for key, cell in found.cells.items()} == {("reseller", "grow", "EUR"): 10_00}


def test_a_touch_that_no_order_followed_is_kept_apart():
    found = report([order(1, 1)], [touch(2), touch(2, company=9), touch(2, company=None)])
    assert {key: cell.touches_minor for key, cell in found.cells.items() if cell.touches_minor} == {
        ("none", "grow", "EUR"): 10_00,
        ("none", "acquire", "EUR"): 20_00,
    }


def test_fees_are_those_of_the_orders_day_and_channel():
    rates = [rate(1, bp=300, flat=30), rate(2, bp=100, channel="direct", since=10), rate(3, "support", flat=500)]
    found = report([order(1, 1), order(2, 10), order(3, 11, channel="reseller")], rates=rates)
    fees = {key: (cell.payment_minor, cell.support_minor) for key, cell in found.cells.items()}
    assert fees == {
        ("direct", "acquire", "EUR"): (3_30, 5_00),
        ("direct", "grow", "EUR"): (1_00, 5_00),
        ("reseller", "grow", "EUR"): (3_30, 5_00),
    }


def test_currencies_are_not_added_up():
    found = report([order(1, 1), order(2, 2, currency="NOK", net=7)], rates=[rate(1, flat=5)])
    assert {key[2]: (cell.net_minor, cell.payment_minor) for key, cell in found.cells.items()} == {
        "EUR": (100_00, 5),
        "NOK": (7, 0),
    }


ORDERS = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["direct", "reseller"]), st.integers(0, 1), st.sampled_from(["EUR", "NOK"]),
              st.integers(0, 999_99), st.integers(-20, 50)),
    max_size=12,
)  # fmt: skip
TOUCHES = st.lists(
    st.tuples(st.integers(-20, 50), st.one_of(st.none(), st.integers(1, 4)), st.sampled_from(["visit", "call"]),
              st.sampled_from(["field_sales", "event"]), st.integers(1, 500_00)),
    max_size=12,
)  # fmt: skip


@given(orders=ORDERS, touches=TOUCHES, commissions=st.lists(st.tuples(st.integers(0, 11), st.integers(-99, 999))))
def test_the_report_is_the_sum_of_its_rows(orders, touches, commissions):
    """Several touches and several commissions on the same order: each is counted once."""
    made = sorted(
        (OrderFact(n, company, channel, cycle, currency, net, day(at))
         for n, (company, channel, cycle, currency, net, at) in enumerate(orders)),
        key=lambda row: (row.at, row.id),
    )  # fmt: skip
    known = {row.id: row for row in made}
    paid = [CommissionFact(n, known[n].currency, amount) for n, amount in commissions if n in known]
    seen = [TouchFact(day(at), company, kind, medium, cost, "EUR") for at, company, kind, medium, cost in touches]
    rates = [rate(1, bp=290, flat=25), rate(2, "support", "direct", flat=700)]

    found = report(made, seen, paid, rates)

    in_period = [row for row in made if DAY <= row.at < day(30)]
    cells = found.cells.values()
    assert sum(cell.orders for cell in cells) == len(in_period)
    assert sum(cell.net_minor for cell in cells) == sum(row.net_minor for row in in_period)
    assert sum(cell.touches_minor for cell in cells) == sum(row.cost_minor for row in seen)
    assert sum(cell.commission_minor for cell in cells) == sum(row.amount_minor for row in paid)
    euro = [row for row in in_period if row.currency == "EUR"]
    assert sum(cell.payment_minor for cell in cells) == sum(share_of(row.net_minor, 290) + 25 for row in euro)
    assert sum(cell.support_minor for cell in cells) == 700 * sum(row.channel == "direct" for row in euro)
    assert sum(cell.number for cell in found.touches.values()) == len(seen)
    for stage in costs.STAGES:
        wanted = [row for row in in_period if naive_stage(row, made) == stage]
        got = sum(cell.orders for key, cell in found.cells.items() if key[1] == stage)
        assert got == len(wanted)


def naive_stage(row, every):
    if row.cycle:
        return "retain"
    earlier = [other for other in every if other.company == row.company and (other.at, other.id) < (row.at, row.id)]
    return "grow" if earlier else "acquire"
