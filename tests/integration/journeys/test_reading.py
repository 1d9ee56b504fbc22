"""Which credits count, and the sentences about them in the reader's language."""

import pytest
from django.utils import translation

from channels.journeys.engine import wording as engine_wording
from channels.journeys.models import AttributionRun
from channels.journeys.selectors import journeys, wording
from channels.journeys.services import attribution
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


def test_the_latest_attribution_that_is_done_counts() -> None:
    make.policy()
    make.company()
    alfa, beta = make.partner("alfa"), make.partner("beta")
    for partner, age in ((alfa, 30), (beta, 20), (alfa, 1)):
        make.touch(partner, NOON - days(age))
    order = make.order("A-1")
    assert list(journeys.current_credits(order)) == []
    attribution.attribute(run_id=make.pending_run(order).pk, now=NOON)
    AttributionRun.objects.create(order=order, sequence=2, cause="override", created_at=NOON)
    assert [row.share_bp for row in journeys.current_credits(order)] == [8000, 2000]


def test_every_sentence_of_the_engine_can_be_translated() -> None:
    assert set(wording.WHY) == set(engine_wording.WHY)
    assert set(wording.HELD) == set(engine_wording.HELD)
    unsaid = {"unknown_partner"}  # a partner without a name
    assert set(wording.SKIPS) <= set(engine_wording.SKIPS)
    assert set(engine_wording.SKIPS) - set(wording.SKIPS) <= unsaid
    with translation.override("nb"):
        assert wording.why({"code": "none", "params": {}, "text": ""}, {}) != ""


def test_what_is_not_known_yet_is_shown_as_it_was_written() -> None:
    assert wording.why({"code": "new", "params": {}, "text": "As written."}, {}) == "As written."
    assert wording.skip({"partner": "x", "reason": "new", "text": "As written."}, {}) == "As written."
