"""A credit held for review: cleared, or rejected for good, once and with a reason that the partner reads."""

import pytest

from channels.commissions.models import Accrual, LedgerPosting
from channels.commissions.selectors.verification import findings
from channels.commissions.services import reviews
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from shop.operations import schedule
from tests.factories import channels as make
from tests.factories.commissions import accounts, credit, credited, earned, paid, programme, refunded

pytestmark = pytest.mark.django_db

NOON, days = make.NOON, make.days


def partner(code: str) -> ChannelPartner:
    return ChannelPartner.objects.get(code=code)


def reviewed() -> Accrual:
    make.policy()
    programme()
    order = credited("ORD-1", lines=(make.line("ORD-1/1", 1_000_00),))
    credit(order.attribution_runs.get(), (make.partner("anna"), "referral", 6_000), held=True)
    credit(order.attribution_runs.get(), (make.partner("berta"), "referral", 4_000))
    paid(order)
    return Accrual.objects.get(partner__code="anna")


def test_a_rejected_credit_is_taken_back_and_stays_away() -> None:
    accrual, by = reviewed(), make.user()
    reviews.reject(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason="The buyer is your own company.")
    schedule.heal(now=NOON + days(2))
    anna = partner("anna")
    assert earned(anna) == [("REFERRAL", 60_00, "reversed"), ("REFERRAL", -60_00, "reversed")]
    assert earned(partner("berta")) == [("REFERRAL", 40_00, "held")]
    assert accounts(anna) == {}
    assert LedgerPosting.objects.get(kind="reverse").memo.endswith(": The buyer is your own company.")
    told = Notice.objects.get()
    assert (told.partner, told.params) == (anna, {"number": "ORD-1", "reason": "The buyer is your own company."})
    refunded(accrual.order, NOON + days(3), ("ORD-1/1", 0, 500_00))
    assert accounts(anna) == {}
    skips = accrual.order.rating_runs.order_by("-pk")[0].explanation["skips"]
    assert [row["text"] for row in skips if row["reason"] == "rejected"] == [
        "A person looked at this credit and rejected it."
    ]
    assert list(findings()) == []


def test_a_cleared_credit_goes_on_and_neither_is_decided_twice() -> None:
    accrual, by = reviewed(), make.user()
    reviews.clear(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason="A reseller's own shop.")
    assert earned(partner("anna"))[0][2] == "held"
    assert Notice.objects.get().kind == "review.cleared"
    for act in (reviews.clear, reviews.reject):
        with pytest.raises(reviews.NotPossible, match="already"):
            act(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason="x")


def test_a_rejection_stays_when_another_line_is_overridden() -> None:
    accrual, by = reviewed(), make.user()
    with pytest.raises(reviews.NotPossible, match="Say why"):
        reviews.reject(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason=" ")
    reviews.reject(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason="Own company.")
    with pytest.raises(reviews.NotPossible, match="already"):
        reviews.reject(accrual_id=accrual.pk, at=NOON + days(2), by=by, reason="Own company.")
