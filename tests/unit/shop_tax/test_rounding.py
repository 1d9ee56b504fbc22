"""Cents of tax: whatever the lines, the shares add up, and no line is off by a cent or more."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.tax.engine.rounding import CENT, PER_INVOICE, PER_LINE, by_rate, main_treatment, shares, tax_on
from shop.tax.engine.sales import Treatment

TREATMENTS = [Treatment(Decimal(rate), "domestic", "NO") for rate in ("0", "0.055", "0.19", "0.25", "0.255")]
LINES = st.lists(
    st.tuples(
        st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False), st.sampled_from(TREATMENTS)
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


@given(LINES)
def test_per_line_is_each_line_by_itself(lines):
    assert shares(lines, rounding=PER_LINE) == [tax_on(net, treatment.rate) for net, treatment in lines]


@given(LINES)
def test_per_invoice_adds_up_to_the_tax_of_each_sum(lines):
    taxes = shares(lines, rounding=PER_INVOICE)
    nets, totals = defaultdict(Decimal), defaultdict(Decimal)
    for (net, treatment), tax in zip(lines, taxes, strict=True):
        nets[treatment] += net
        totals[treatment] += tax
        exact = net * treatment.rate
        assert abs(tax - exact) < CENT
        assert tax >= 0
        assert tax == tax.quantize(CENT)
    for treatment, net in nets.items():
        assert totals[treatment] == (net * treatment.rate).quantize(CENT, rounding=ROUND_HALF_UP)


@pytest.mark.parametrize("rounding", [PER_LINE, PER_INVOICE])
@given(lines=LINES)
def test_the_summary_by_rate_holds_every_cent(rounding, lines):
    taxes = shares(lines, rounding=rounding)
    found = by_rate((treatment.rate, net, tax) for (net, treatment), tax in zip(lines, taxes, strict=True))
    assert sum(row.net for row in found) == sum(net for net, _ in lines)
    assert sum(row.tax for row in found) == sum(taxes)
    assert [row.rate for row in found] == sorted({treatment.rate for _, treatment in lines}, reverse=True)


def test_delivery_follows_the_largest_part():
    low, high = TREATMENTS[1], TREATMENTS[3]
    assert main_treatment([(Decimal(60), low), (Decimal(50), high), (Decimal(20), high)]) == high
    assert main_treatment([(Decimal(0), low)]) == low
