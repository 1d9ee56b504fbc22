"""The sets behind visibility, against rules applied one product at a time."""

from hypothesis import given
from hypothesis import strategies as st

from shop.catalogue.engine.snapshot import Node, Row, build, narrowed
from shop.segments.engine.visibility import LEVELS, Spoken, from_bytes, pack, resolve, to_bytes, unpack

IDS = st.sets(st.integers(0, 40))


@given(IDS)
def test_a_set_comes_back_as_it_was(ids: set[int]) -> None:
    assert unpack(from_bytes(to_bytes(pack(ids)))) == ids


@given(st.dictionaries(st.sampled_from(LEVELS), st.tuples(IDS, IDS)))
def test_sets_say_what_the_rules_say_of_each_product(said: dict[str, tuple[set[int], set[int]]]) -> None:
    hidden = resolve({level: Spoken(pack(shown), pack(hiding)) for level, (shown, hiding) in said.items()})
    for product in range(42):
        deciding = [
            said[level] for level in reversed(LEVELS) if level in said and product in said[level][0] | said[level][1]
        ]
        assert hidden.has_product(product) is bool(deciding and product in deciding[0][1])


def test_a_narrowed_catalogue_knows_only_what_is_left() -> None:
    nodes = [
        Node(1, "Sensors", "sensors", "sensors", "0001", 1, None),
        Node(2, "Pressure", "pressure", "sensors/pressure", "00010001", 2, 1),
        Node(3, "Level", "level", "sensors/pressure/level", "000100010001", 3, 2),
    ]
    rows = [Row(pk, f"P{pk}", "hardware", "Hardware", [3], {}, pk * 100, True, 0, float(pk)) for pk in (10, 11, 12)]
    whole = build("a.b", rows, nodes, {"p10": 10, "p11": 11})
    seen = narrowed(whole, name="x", without={11}, closed={2})
    assert (seen.has(10), seen.has(11), seen.has(99)) == (True, False, False)
    assert (seen.find("P10"), seen.find("P11")) == (10, None)
    assert seen.pick(seen.everything, seen.orders["name"], 0, 5) == [10, 12]
    assert [node.name for node in seen.path_to(3)] == ["Sensors", "Level"]
    assert (list(seen.nodes), dict(seen.children)) == ([1, 3], {None: [1], 1: [3]})
    assert (seen.within(1).bit_count(), whole.within(1).bit_count()) == (2, 3)
    assert (seen.token, seen.state) == ("a.b~x", "a.b")
    assert seen.ids is whole.ids
