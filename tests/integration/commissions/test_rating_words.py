"""What staff reads of a rating: each code has a sentence, in English the one that is kept, else in the reader's language."""

import pytest
from django.utils import translation

from channels.commissions.engine import wording
from channels.commissions.engine.facts import CreditFact, Cut, RatedLine, RatingSkip, Target
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import rate_line
from channels.commissions.selectors import rating_words
from tests.factories.channels import NOON

LINE = RatedLine(key="A/1", net_minor=100_00, currency="EUR", sold_on=NOON.date(), product_class="hardware")
FACTS = {
    "wanted": "12", "actual": "6", "months": 24, "anchor": "2026-01-01", "limit_minor": 50_00, "currency": "EUR",
    "share_bp": 1_200,
}  # fmt: skip


def test_every_code_of_the_engine_has_a_sentence() -> None:
    asked = {*wording._ASKS_FOR, *wording._PLAIN, "no_rule", "rejected", "total_cap"}
    assert set(rating_words.SKIPS) == asked
    assert set(rating_words.CUTS) == set(wording._CUTS)


@pytest.mark.parametrize("reason", sorted(rating_words.SKIPS))
def test_in_english_it_says_what_is_kept(reason: str) -> None:
    found = RatingSkip("A/1", "000000000001", "RESALE", "gold", reason, FACTS)
    with translation.override("en"):
        assert rating_words.skip(found) == found.text


@pytest.mark.parametrize("reason", sorted(rating_words.CUTS))
def test_what_limits_an_amount_says_what_is_kept(reason: str) -> None:
    cut = Cut(reason, limit_minor=50_00, after_minor=30_00, limit_bp=1_000, before_minor=20_00)
    found = Target("A/1", "1", "RESALE", "gold", 100_00, 1_000, 30_00, "EUR", uncapped_minor=60_00, cuts=(cut,))
    with translation.override("en"):
        assert rating_words.target(found) == found.explanation


@pytest.mark.parametrize("kind", ["percent", "per_unit", "per_order", "slab", "marginal", "retroactive"])
def test_each_way_to_an_amount_is_told(kind: str) -> None:
    found = Target(
        "A/1", "1", "RESALE", "gold", 100_00, 1_000, 10_00, "EUR", uncapped_minor=10_00, rate_kind=kind, share_bp=5_000,
        flat_minor=20_00, counted_minor=700_00, label="Gold",
    )  # fmt: skip
    with translation.override("en"):
        text = rating_words.target(found)
    assert text.startswith("Gold: ")
    assert text.endswith(" is EUR 10.00")
    assert ("50 %" in text, "%(" in text) == (True, False)


def test_a_list_of_wanted_things_reads_as_alternatives() -> None:
    terms = {"rules": [{"id": "r", "type": "RESALE", "rate_bp": 100, "conditions": {"tiers": ["gold", "silver"]}}]}
    rating = rate_line(LINE, [CreditFact("resale", "000000000001", 10_000)], ProgrammeTerms.from_json(terms))
    [skip] = rating.skipped
    with translation.override("en"):
        assert rating_words.skip(skip) == skip.text == "Rule r asks for tier gold or silver; this is nothing."
