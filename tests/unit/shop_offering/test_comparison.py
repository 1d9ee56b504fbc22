"""Rows of facts beside each other."""

from shop.offering.engine.comparison import Row, rows


def test_each_fact_is_one_row_in_the_order_of_its_first_appearance() -> None:
    found = rows([{"Range": "0-10 bar", "Output": "4-20 mA"}, {"Range": "0-10 bar", "IP": "IP67"}])

    assert found == [
        Row("Range", ("0-10 bar", "0-10 bar")),
        Row("Output", ("4-20 mA", "")),
        Row("IP", ("", "IP67")),
    ]
    assert [row.differs for row in found] == [False, True, True]


def test_one_product_differs_from_nothing() -> None:
    assert [row.differs for row in rows([{"Range": "0-10 bar"}])] == [False]
    assert rows([]) == []
