"""A steward that changes in mid-term shares the renewal by days."""

from datetime import timedelta
from typing import Any

import pytest

from channels.commissions.selectors import verification
from channels.commissions.services import handover, schedule
from channels.journeys.models import AttributionRun, OrderRecord
from channels.journeys.services import relationships
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON
RENEWAL = [{"id": "renewal", "type": "RENEWAL", "rate_bp": 1_000}]


def day(number: float) -> Any:
    return NOON + timedelta(days=number)


def steward(partner: ChannelPartner, at: Any) -> None:
    relationships.set_renewal_steward(
        company_key="fjord", partner_code=partner.code, valid_from=at, at=at, source="desk"
    )


def renewed(**terms: Any) -> tuple[ChannelPartner, ChannelPartner, OrderRecord]:
    """A renewal for EUR 365.00 and a year, paid while nord is the steward."""
    make.policy()
    money.programme(rules=RENEWAL, **terms)
    make.company()
    nord, sor = make.partner("nord"), make.partner("sor")
    steward(nord, day(-100))
    line = make.line("R/1", 365_00, term_months=12, subscription_key="S-1")
    order = make.order("R", cycle=1, lines=(line,))
    money.paid(order)
    return nord, sor, order


def test_the_term_is_shared_by_the_days_of_each() -> None:
    """73 of 365 days are left: a fifth goes to the one who takes over, and the first gives it back."""
    nord, sor, order = renewed(steward_change="by_days")
    assert money.earned(nord) == [("RENEWAL", 36_50, "held")]
    steward(sor, day(292))
    schedule.heal(now=day(293))
    assert [amount for _, amount, _ in money.earned(nord)] == [36_50, -7_30]
    assert [amount for _, amount, _ in money.earned(sor)] == [7_30]
    run = order.attribution_runs.latest("sequence")
    assert (run.cause, run.sequence, run.step) == ("steward-change", 2, "renewal_steward")
    assert run.explanation["lines"][0]["why"]["text"] == "The renewal stewards of this term share it by their days."
    assert schedule.heal(now=day(294))["rated"] == 0
    assert AttributionRun.objects.count() == 2
    money.refunded(order, day(300))
    assert money.accounts() == {}
    assert list(verification.findings()) == []


def test_without_the_option_the_steward_of_the_renewal_keeps_it() -> None:
    nord, sor, _ = renewed()
    steward(sor, day(292))
    schedule.heal(now=day(293))
    assert [amount for _, amount, _ in money.earned(nord)] == [36_50]
    assert money.earned(sor) == []


def test_a_change_after_the_term_or_to_a_suspended_partner_shares_nothing() -> None:
    nord, sor, _ = renewed(steward_change="by_days")
    ost = make.partner("ost", status=ChannelPartner.Status.SUSPENDED)
    steward(ost, day(100))
    steward(sor, day(365))
    assert handover.share_terms(now=day(366)) == 0
    assert [amount for _, amount, _ in money.earned(nord)] == [36_50]


def test_what_two_people_decided_is_not_shared_again() -> None:
    nord, sor, order = renewed(steward_change="by_days")
    money.attributed_anew(order, (nord, "renewal", 10_000))
    steward(sor, day(292))
    assert handover.share_terms(now=day(293)) == 0
