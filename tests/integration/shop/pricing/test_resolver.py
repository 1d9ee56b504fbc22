"""One function answers for everybody: order of sources, tiers, dates, currencies, parents, and how many queries it takes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from oscar.apps.catalogue.models import Product

from channels.contracts import Channel
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Step
from shop.pricing.resolver import PriceQuestion, ResolvedPrice, resolve_prices
from shop.pricing.selectors import price_key
from shop.pricing.services.lists import assign
from shop.pricing.services.prices import save_list_prices
from tests.factories import prices, shop

pytestmark = pytest.mark.django_db


def context(company: Any = None, **values: Any) -> PriceContext:
    return PriceContext(**{"at": shop.NOW, "company_key": str(company.key) if company else "", **values})


def ask(product: Product, quantity: int = 1, **values: Any) -> ResolvedPrice:
    return asked([product], quantity, **values)[product.pk]


def asked(products: list[Product], quantity: int = 1, **values: Any) -> dict[Any, ResolvedPrice]:
    questions = [
        PriceQuestion(key=found.pk, product=found, stockrecord=found.stockrecords.first(), quantity=quantity)
        for found in products
    ]
    return dict(resolve_prices(context=context(**values), questions=questions))


def test_each_source_comes_before_the_next() -> None:
    product, company = shop.product(), shop.company()
    found = [ask(product, company=company)]
    prices.price_list(prices.row(product, "95"), to_channel="direct")
    found.append(ask(product, company=company))
    prices.price_list(prices.row(product, "99"), group=prices.group(company))
    found.append(ask(product, company=company))
    prices.price_list(prices.row(product, "98"), company=company)
    found.append(ask(product, company=company))
    prices.contract(company, prices.row(product, "97"))
    found.append(ask(product, company=company))
    assert [(price.source, price.amount) for price in found] == [
        (Origin.STOCK_RECORD, Decimal(100)),
        (Origin.CHANNEL_LIST, Decimal(95)),
        (Origin.GROUP_LIST, Decimal(99)),
        (Origin.COMPANY_LIST, Decimal(98)),
        (Origin.CONTRACT, Decimal(97)),
    ]
    assert ask(product).amount == Decimal(95)
    assert ask(product, company=shop.company()).amount == Decimal(95)


def test_the_lowest_counts_where_the_rule_says_so(settings: Any) -> None:
    settings.ACCORD_PRICE_RULES = {"direct": "minimum", "reseller": "first_hit"}
    product, company = shop.product(), shop.company()
    prices.price_list(prices.row(product, "90"), to_channel="direct", name="Spring")
    prices.contract(company, prices.row(product, "97"))
    found = ask(product, company=company)
    assert (found.source, found.amount) == (Origin.CHANNEL_LIST, Decimal(90))
    assert found.why == "Price list “Spring”, the lowest of 3 prices."
    assert ask(product, company=company, channel=Channel.RESELLER).amount == Decimal(97)


def test_of_two_lists_for_the_same_the_higher_priority_counts() -> None:
    product, company = shop.product(), shop.company()
    prices.price_list(prices.row(product, "80"), company=company, priority=1)
    prices.price_list(prices.row(product, "85"), company=company, priority=2)
    assert ask(product, company=company).amount == Decimal(85)


def test_a_list_reached_twice_counts_as_the_nearest() -> None:
    product, company = shop.product(), shop.company()
    made = prices.price_list(prices.row(product, "80"), group=prices.group(company))
    assign(price_list=made, company=company, at=shop.NOW)
    found = ask(product, company=company)
    assert found.source == Origin.COMPANY_LIST
    assert len(found.candidates) == 2


def test_tiers_and_ladder() -> None:
    product, company = shop.product(), shop.company()
    prices.price_list(
        prices.row(product, "90"), prices.row(product, "80", 10), company=company, name="Fjell", merge_allowed=True
    )
    prices.price_list(prices.row(product, "95"), prices.row(product, "70", 50), to_channel="direct", merge_allowed=True)
    assert [ask(product, quantity, company=company).amount for quantity in (1, 9, 10, 49, 50)] == [
        Decimal(90), Decimal(90), Decimal(80), Decimal(80), Decimal(70),
    ]  # fmt: skip
    found = ask(product, 7, company=company)
    assert found.ladder == (Step(1, Decimal(90)), Step(10, Decimal(80)), Step(50, Decimal(70)))
    assert found.next_saving == Step(10, Decimal(80))
    assert ask(product, 10, company=company).why == "Price list “Fjell” of your company, from 10 units."


def test_a_list_that_may_not_merge_keeps_others_out() -> None:
    product, company = shop.product(), shop.company()
    prices.price_list(prices.row(product, "90"), company=company)
    prices.price_list(prices.row(product, "70", 50), to_channel="direct", merge_allowed=True)
    assert ask(product, 50, company=company).amount == Decimal(90)
    assert ask(product, 50).amount == Decimal(70)
    assert ask(product, 49).source == Origin.STOCK_RECORD


def test_a_contract_holds_between_its_quantities_and_days() -> None:
    product, company = shop.product(), shop.company()
    days = {"valid_from": prices.day("2026-03-01"), "valid_to": prices.day("2026-04-01")}
    prices.contract(company, prices.row(product, "60", 5, max_quantity=20, reference="FK-7", **days))
    found = ask(product, 5, company=company)
    assert found.amount == Decimal(60)
    assert found.why == "Contract price FK-7, for 5 to 20 units, since 1 March 2026, until 31 March 2026."
    assert [ask(product, quantity, company=company).amount for quantity in (4, 20, 21)] == [
        Decimal(100), Decimal(60), Decimal(100),
    ]  # fmt: skip
    for at, amount in (
        (datetime(2026, 2, 28, 12, tzinfo=UTC), 100),
        (datetime(2026, 3, 31, 12, tzinfo=UTC), 60),
        (datetime(2026, 4, 1, 12, tzinfo=UTC), 100),
    ):
        assert ask(product, 5, company=company, at=at).amount == Decimal(amount)


def test_a_scheduled_price_replaces_the_one_before_on_its_day() -> None:
    product = shop.product()
    prices.price_list(
        prices.row(product, "90", valid_to=prices.day("2026-03-03")),
        prices.row(product, "92", valid_from=prices.day("2026-03-03")),
        to_channel="direct",
    )
    assert ask(product).amount == Decimal(90)
    assert ask(product, at=datetime(2026, 3, 3, 12, tzinfo=UTC)).amount == Decimal(92)


def test_a_list_out_of_its_time_or_in_another_currency_answers_nothing() -> None:
    product, company = shop.product(), shop.company()
    prices.price_list(prices.row(product, "90"), company=company, valid_from=prices.day("2026-03-03"))
    prices.price_list(prices.row(product, "91"), company=company, currency="NOK")
    prices.price_list(prices.row(product, "92"), company=company, channel="reseller")
    prices.contract(company, prices.row(product, "93"), currency="SEK")
    assert ask(product, company=company).amount == Decimal(100)
    assert ask(product, company=company, at=datetime(2026, 3, 3, 12, tzinfo=UTC)).amount == Decimal(90)
    assert ask(product, company=company, currency="NOK").amount == Decimal(91)
    assert ask(product, company=company, channel=Channel.RESELLER).amount == Decimal(92)
    assert ask(product, company=company, currency="SEK").amount == Decimal(93)


def test_a_list_takes_from_its_parent_what_it_does_not_say() -> None:
    own, taken, unknown = shop.product(), shop.product(), shop.product()
    company = shop.company()
    top = prices.price_list(prices.row(own, "50"), prices.row(taken, "33.33"), prices.row(taken, "30.15", 10))
    middle = prices.price_list(parent=top, adjust_bp=-1000)
    prices.price_list(prices.row(own, "49"), parent=middle, adjust_bp=500, company=company, name="Fjell")
    assert ask(own, company=company).amount == Decimal(49)
    found = ask(taken, company=company)
    assert found.amount == Decimal("31.50")  # 33.33 × 0.9 × 1.05 = 31.49685
    assert ask(taken, 10, company=company).amount == Decimal("28.49")  # 28.49175
    assert ask(unknown, company=company).source == Origin.STOCK_RECORD
    assert [(row.label, row.text) for row in found.components] == [
        ("List price", "€100.00"),
        ("Price in the list it derives from", "€33.33"),
        ("Adjustment", "-€1.83"),
        ("Your price", "€31.50"),
    ]


def test_who_may_not_see_prices_gets_no_answer() -> None:
    assert asked([shop.product()], sees_prices=False) == {}


def test_the_reason_is_told_in_the_language_of_the_moment() -> None:
    found = ask(shop.product())
    with translation.override("en"):
        assert found.why == "List price."


@pytest.mark.parametrize("rule", ["first_hit", "minimum"])
def test_what_was_agreed_for_a_line_counts_before_all_others(settings: Any, rule: str) -> None:
    settings.ACCORD_PRICE_RULES = {"direct": rule, "reseller": rule}
    product, company = shop.product(), shop.company()
    prices.contract(company, prices.row(product, "80"))
    question = PriceQuestion(key=1, product=product, stockrecord=product.stockrecords.get(), agreed=Decimal(85))
    found = resolve_prices(context=context(company), questions=[question])[1]
    assert (found.amount, found.source, [step.amount for step in found.ladder]) == (
        Decimal(85),
        Origin.QUOTE,
        [Decimal(85)],
    )
    assert ask(product, company=company).amount == Decimal(80)


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_is_the_same_for_any_number_of_products_and_lists(number: int) -> None:
    company = shop.company()
    group = prices.group(company)
    products = [shop.product() for _ in range(number)]
    for _ in range(number):
        for whom in ({"company": company}, {"group": group}, {"to_channel": "direct"}):
            prices.price_list(*(prices.row(product, "90") for product in products), **whom)
    prices.contract(company, *(prices.row(product, "80") for product in products))
    questions = [
        PriceQuestion(key=product.pk, product=product, stockrecord=product.stockrecords.first()) for product in products
    ]
    # Version, lists and whether there are contracts; then the prices of both. Remembered: the last.
    assert queries(context(company), questions) == 3
    assert queries(context(company), questions) == 1
    # Nobody in particular: lists, entries. Remembered: entries.
    assert queries(context(), questions) == 2
    assert queries(context(), questions) == 1


def queries(context: PriceContext, questions: list[PriceQuestion]) -> int:
    with CaptureQueriesContext(connection) as found:
        resolve_prices(context=context, questions=questions)
    return len(found)


def test_the_key_is_shared_by_who_sees_the_same_and_by_nobody_else() -> None:
    one, other, third = shop.company(), shop.company(), shop.company()
    made = prices.price_list(prices.row(shop.product(), "90"), group=prices.group(one, other))
    assert price_key(context(one)) == price_key(context(other))
    assert price_key(context(third)) == price_key(context())
    assert price_key(context(one)) != price_key(context())
    prices.contract(one, prices.row(shop.product(), "90"))
    keys = [price_key(context(one)), price_key(context(other)), price_key(context())]
    assert len(set(keys)) == 3
    before = price_key(context(other))
    save_list_prices(price_list=made, rows=[prices.row(shop.product(), "70")], at=shop.NOW)
    assert price_key(context(other)) != before
    tomorrow = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert price_key(context(other)) != price_key(context(other, at=tomorrow))
    assert price_key(context(sees_prices=False)) == "none:public"
