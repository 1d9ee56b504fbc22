"""Reading a credit: staff sees the whole journey, a partner its own part in plain words."""

import pytest
from django.utils import translation

from channels.journeys.engine import wording as engine_wording
from channels.journeys.models import Credit
from channels.journeys.selectors import journeys, wording
from channels.journeys.services import attribution
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


def test_a_replay_tells_touches_shares_and_what_would_have_been() -> None:
    make.policy()
    make.company()
    alfa, beta = make.partner("alfa", name="Alfa AS"), make.partner("beta", name="Beta AB")
    make.partner("suspended", status="suspended")
    for partner, age in ((alfa, 30), (beta, 20), (alfa, 1)):
        make.touch(partner, NOON - days(age), key=f"t{age}")
    order = make.order("A-1")
    attribution.attribute(run_id=make.pending_run(order).pk, now=NOON)

    credit = Credit.objects.get(partner=alfa)
    replay = journeys.replay(credit)

    assert (replay.why, replay.role, replay.pool, replay.held, replay.step) == (
        "The position-based model shared the credit over 3 touchpoints of the last 90 days.",
        "Influencer", "Referral", "", "model",
    )  # fmt: skip
    assert [(t.key, t.partner_name, t.kind, t.counted, t.with_bp, t.without_bp) for t in replay.touches] == [
        ("t30", "Alfa AS", "Visit", True, 8000, 5000),
        ("t20", "Beta AB", "Visit", True, 0, 0),
        ("t1", "Alfa AS", "Visit", True, 8000, 5000),
    ]
    assert (replay.policy_version, replay.window_days, replay.others) == (credit.run.policy.version, 90, 0)
    assert [row.share_bp for row in journeys.current_credits(order)] == [8000, 2000]


def test_a_partner_reads_nothing_of_another() -> None:
    make.policy(influence_pool=True)
    make.company()
    alfa, beta = make.partner("alfa", name="Alfa AS"), make.partner("beta", name="Beta AB")
    gone = make.partner("gone", name="Gone Ltd", status="suspended")
    for partner in (beta, gone, alfa):
        make.touch(partner, NOON - days(3))
    order = make.order("A-1", through=beta)
    attribution.attribute(run_id=make.pending_run(order).pk, now=NOON)

    replay = journeys.replay(Credit.objects.get(partner=alfa), viewer=alfa)

    assert replay.why == "The buyer picked another partner as the reseller at checkout."
    assert [touch.partner_name for touch in replay.touches] == ["Alfa AS"]
    assert (replay.others, replay.skips) == (2, ())
    shown = repr((replay.why, replay.touches, replay.skips))
    assert "Beta" not in shown
    assert "Gone" not in shown
    assert journeys.replay(Credit.objects.get(partner=alfa)).skips == (
        "Gone Ltd was suspended on the day of the order.",
    )


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
