import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.core.ids import CROCKFORD, commission_key, key, normalise_ref, public_ref

parts = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6)


def test_commission_key_names_its_cause() -> None:
    found = commission_key(
        event="invoice_paid",
        order_line="100001-2",
        partner="NORDIC",
        commission_type="RESALE",
        programme_version=3,
        sequence=0,
    )
    assert found == "invoice_paid:100001-2:NORDIC:RESALE:3:0"


@given(parts, parts)
def test_different_causes_never_share_a_key(one: list[str], other: list[str]) -> None:
    assert (key(*one) == key(*other)) == (one == other)


def test_colons_inside_a_part_are_escaped() -> None:
    assert key("a:b", "c") == "a%3Ab:c"
    assert key("a", "b:c") == "a:b%3Ac"


@pytest.mark.parametrize("empty", [(), ("a", ""), ("",)])
def test_empty_part_is_refused(empty: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no empty part"):
        key(*empty)


def test_reference_is_made_of_the_bytes_passed_in() -> None:
    assert public_ref(bytes(5)) == "00000000"
    assert public_ref(b"\xff" * 5) == "ZZZZZZZZ"
    assert public_ref(b"\x00\x00\x00\x00\x01", prefix="ST") == "ST-00000001"
    assert public_ref(b"\xff") == "ZW"


@given(st.binary(min_size=1, max_size=16), st.binary(min_size=1, max_size=16))
def test_references_of_equal_length_differ_with_their_bytes(one: bytes, other: bytes) -> None:
    if len(one) == len(other):
        assert (public_ref(one) == public_ref(other)) == (one == other)


@given(st.binary(min_size=1, max_size=16))
def test_reference_uses_the_alphabet_and_reads_back(raw: bytes) -> None:
    text = public_ref(raw)
    assert set(text) <= set(CROCKFORD)
    assert normalise_ref(f" {text[:4].lower()}-{text[4:].lower()} ") == text


def test_lookalikes_are_read_as_digits() -> None:
    assert normalise_ref("o1il-abc") == "0111ABC"


def test_reference_without_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        public_ref(b"")
