"""The bit sets count as a plain loop over the rows would."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue.engine.filters import Filters, known, parse
from shop.catalogue.engine.matching import match, without
from shop.catalogue.engine.snapshot import Node, Row, Snapshot, build, restocked

NODES = [
    Node(1, "Sensors", "sensors", "sensors", "0001", 1, None),
    Node(2, "Pressure", "pressure", "sensors/pressure", "00010001", 2, 1),
    Node(3, "Spares", "spares", "spares", "0002", 1, None),
]
PROTOCOLS, RATINGS = ("HART", "IO-Link", "MQTT"), ("IP65", "IP67")


@st.composite
def catalogues(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 25))):
        facets: dict[str, dict[str, object]] = {}
        if protocols := draw(st.lists(st.sampled_from(PROTOCOLS), unique=True)):
            facets["protocol"] = {"name": "Protocol", "values": protocols}
        if rating := draw(st.sampled_from(("", *RATINGS))):
            facets["ip_rating"] = {"name": "Rating", "values": [rating]}
        rows.append(
            Row(
                product_id=100 + number,
                title=draw(st.sampled_from(("Anemometer", "barometer", "Ångström meter"))),
                class_slug=(kind := draw(st.sampled_from(("hardware", "service")))),
                class_name=kind.title(),
                category_ids=draw(st.sampled_from(([], [1], [2], [3], [2, 3]))),
                facets=facets,
                price_minor=draw(st.none() | st.integers(0, 100_000)),
                in_stock=draw(st.booleans()),
                priority=draw(st.integers(0, 2)),
                created=draw(st.floats(0, 10)),
            )
        )
    return rows


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    parameters: dict[str, list[str]] = {
        "a.protocol": draw(st.lists(st.sampled_from((*PROTOCOLS, "unheard of")))),
        "a.ip_rating": draw(st.lists(st.sampled_from(RATINGS))),
        "class": draw(st.lists(st.sampled_from(("hardware", "service", "gone")))),
        "sort": [draw(st.sampled_from(("", "name", "price", "-price", "newest", "?")))],
        "in_stock": [draw(st.sampled_from(("", "1")))],
        "price_min": [draw(st.sampled_from(("", "10", "abc")))],
        "price_max": [draw(st.sampled_from(("", "500,50")))],
    }
    return parse(parameters)


def passes(row: Row, chosen: Filters, skip: str = "") -> bool:
    for code, values in chosen.attributes:
        held = row.facets.get(code, {}).get("values", [])
        if code != skip and not set(values) & set(held):  # type: ignore[arg-type]
            return False
    if chosen.classes and skip != "class" and row.class_slug not in chosen.classes:
        return False
    if chosen.in_stock and not row.in_stock:
        return False
    if chosen.price_min is not None or chosen.price_max is not None:
        low = int((chosen.price_min or Decimal(0)) * 100)
        high = int((chosen.price_max if chosen.price_max is not None else Decimal(10**9)) * 100)
        return row.price_minor is not None and low <= row.price_minor <= high
    return True


@given(catalogues(), filters(), st.sampled_from((None, 1, 2, 3)))
def test_totals_and_counts_are_those_of_a_plain_loop(rows: list[Row], raw: Filters, category: int | None) -> None:
    snapshot = build("t", rows, NODES)
    chosen = known(raw, snapshot)
    scope = snapshot.everything if category is None else snapshot.categories[category]
    inside = [
        row
        for row in rows
        if category is None or any(category in {step.id for step in snapshot.path_to(pk)} for pk in row.category_ids)
    ]
    found = match(snapshot, chosen, scope=scope, page_size=1000)
    expected = [row for row in inside if passes(row, chosen)]
    assert found.total == len(expected)
    assert sorted(found.ids) == [row.product_id for row in expected]
    for group in found.groups:
        code = group.name.removeprefix("a.")
        base = [row for row in inside if passes(row, chosen, skip=code)]
        for option in group.options:
            assert option.count == sum(option.value in row.facets.get(code, {}).get("values", []) for row in base)  # type: ignore[operator]
    for option in found.classes.options:
        base = [row for row in inside if passes(row, chosen, skip="class")]
        assert option.count == sum(row.class_slug == option.value for row in base)
    prices = [row.price_minor for row in inside if row.price_minor is not None]
    assert (found.lowest, found.highest) == ((min(prices), max(prices)) if prices else (None, None))


@given(catalogues(), st.integers(1, 4))
def test_pages_hold_every_product_once(rows: list[Row], size: int) -> None:
    snapshot = build("t", rows, NODES)
    for sort in ("", "name", "price", "-price", "newest"):
        seen: list[int] = []
        for page in range(1, len(rows) + 2):
            seen += match(snapshot, Filters(sort=sort, page=page), scope=snapshot.everything, page_size=size).ids
        assert sorted(seen) == snapshot.ids


@given(catalogues(), st.data())
def test_taking_on_other_stock_states_equals_reading_all_again(rows: list[Row], data: st.DataObject) -> None:
    sold_out = data.draw(st.lists(st.sampled_from([row.product_id for row in rows]), unique=True)) if rows else []
    again = [Row(**{**values(row), "in_stock": row.product_id not in sold_out}) for row in rows]
    fresh, taken = build("new", again, NODES), restocked(build("old", rows, NODES), "new", sold_out)
    assert taken.in_stock == fresh.in_stock
    assert taken.orders == fresh.orders
    assert taken.token == "new"


def values(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in Row.__slots__}


@given(filters())
def test_an_address_says_exactly_the_filters(chosen: Filters) -> None:
    parameters: dict[str, list[str]] = {}
    for name, value in chosen.pairs():
        parameters.setdefault(name, []).append(value)
    assert parse(parameters) == chosen


def test_a_chip_takes_one_choice_away() -> None:
    chosen = parse({"a.protocol": ["HART", "MQTT"], "class": ["hardware"], "in_stock": ["1"], "page": ["7"]})
    assert without(chosen, "protocol", "HART").pairs() == [
        ("class", "hardware"), ("a.protocol", "MQTT"), ("in_stock", "1"),
    ]  # fmt: skip
    assert without(chosen, "class", "hardware").classes == ()
    assert without(chosen, "in_stock").in_stock is False


def test_an_empty_catalogue_is_a_catalogue() -> None:
    snapshot: Snapshot = build("", [], [])
    found = match(snapshot, Filters(), scope=snapshot.everything, page_size=24)
    assert (found.total, found.ids, found.groups, found.lowest) == (0, (), (), None)
