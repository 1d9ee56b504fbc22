"""The journey replay: exact sums, plain words, and nobody else's name."""

import pytest
from django.urls import reverse

from channels.commissions.models import Accrual
from channels.commissions.services import reviews
from channels.commissions.services.schedule import run_due
from channels.contracts import TouchKind
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.integration.portal import worlds
from tests.integration.portal.reading import page, portal_queries
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db

STORY_QUERIES = 16


def test_every_cent_is_explained() -> None:
    worlds.rules_of_play()
    anna, canary = make.partner("anna"), make.partner("canary", name="Canary Networks")
    worlds.level(anna, 2)
    order = worlds.shared("ORD-1", anna, canary)
    worlds.paid(order)
    worlds.refunded(order, 1000_00, NOON + days(10))

    text = page(browser(anna), "order", "ORD-1")

    assert "3,200.00 × 60 % × 8 % = 153.60" in text
    assert "2,200.00 × 60 % × 8 % = 105.60" in text
    assert "It had been €153.60, so the difference of -€48.00 was booked." in text
    assert "Your commission €105.60 Held" in text
    assert "Referral rule Programme Channel programme, version 1 Held until 6 Apr 2026" in text
    assert "Pressure sensor P100 × 1 Referral · Sourcer €105.60" in text
    assert "The position-based model shared the credit over 3 touchpoints of the last 90 days." in text


def test_the_time_line_tells_who_without_naming_others() -> None:
    worlds.rules_of_play()
    anna, canary = make.partner("anna"), make.partner("canary", name="Canary Networks")
    worlds.paid(worlds.shared("ORD-1", anna, canary))

    text = page(browser(anna), "order", "ORD-1")
    line = text[text.index("The journey") :]

    assert "31 Jan 2026, 12:00 Your touch: Partner link Field sales · campaign “spring”." in line
    # Without either touch Anna would have one of two: half of 3,200.00 at 8 %.
    assert line.count(
        "Without this touch you would have earned €128.00 instead of €153.60: your share would have been 50 % instead "
        "of 60 % (Referral)."
    ) == 2  # fmt: skip
    assert "18 Feb 2026, 12:00 The supplier's own marketing Campaign" in line
    assert "25 Feb 2026, 12:00 Another partner was in touch with the customer 2 Mar 2026" in line
    assert "The customer ordered directly" in line
    assert "7 Mar 2026, 12:00 The customer paid 7 Mar 2026, 12:00 You earned €153.60" in line
    assert "6 Apr 2026, 12:00 The hold ends: €153.60 becomes payable" in line
    for canary_text in ("Canary", "canary", "own-newsletter", "campaign-of"):
        assert canary_text not in text


def test_old_touches_of_others_are_left_out_and_own_ones_said_not_to_count() -> None:
    worlds.rules_of_play()
    anna, berta = make.partner("anna"), make.partner("berta")
    make.company()
    for whose in (anna, berta, None):
        make.touch(whose, NOON - days(91))
    worlds.shared("ORD-1", anna, berta)

    text = page(browser(anna), "order", "ORD-1")

    assert "1 Dec 2025, 12:00 Your touch: Visit not counted Field sales. It lies outside what the policy counts" in text
    assert text.count("Another partner was in touch") == 1
    assert text.count("The supplier's own marketing") == 1


def test_a_picked_reseller_reads_that_it_was_picked() -> None:
    worlds.rules_of_play()
    anna, berta = make.partner("anna"), make.partner("berta")
    make.company()
    worlds.visit(berta, NOON - days(3))
    worlds.sold("ORD-1", through=anna)

    of_anna, of_berta = (page(browser(partner), "order", "ORD-1") for partner in (anna, berta))

    assert "The customer ordered through you" in of_anna
    assert "The buyer picked Anna as the reseller at checkout." in of_anna
    assert "1,000.00 × 100 % × 12 % = 120.00" in of_anna
    assert "The customer ordered through another partner" in of_berta
    assert "The buyer picked another partner as the reseller at checkout." in of_berta
    assert "1,000.00 × 100 % × 4 % = 40.00" in of_berta
    assert "Anna" not in of_berta
    assert "Berta" not in of_anna


def test_nothing_is_said_to_be_earned_before_payment() -> None:
    worlds.rules_of_play()
    anna, berta = make.partner("anna"), make.partner("berta")
    worlds.shared("ORD-1", anna, berta)

    text = page(browser(anna), "order", "ORD-1")

    assert "Your commission €0.00 Waiting for payment" in text
    assert "Nothing is earned yet: commission is earned when the customer pays." in text
    assert "Without this touch your share would have been 50 % instead of 60 % (Referral)." in text
    assert "You earned" not in text


def test_a_credit_that_no_rule_pays_says_so() -> None:
    rules = worlds.terms()
    rules["rules"] = [rule | {"conditions": {"segments": ["marine"]}} for rule in rules["rules"]]
    worlds.rules_of_play(rules)
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna)
    client = browser(anna)

    assert "No rule of the programme pays for this credit." in page(client, "order", "ORD-1")
    assert "asks for segment marine" not in page(client, "order", "ORD-1")
    worlds.level(anna, 2)
    assert "Resale rule pays in the segment marine; this customer's is none." in page(client, "order", "ORD-1")


def test_a_flat_amount_and_the_limit_of_its_rule_are_told() -> None:
    """The sum says how it came about, and what was cut from it."""
    rules = worlds.terms()
    flat = {"rate_bp": 0, "rate_kind": "per_unit", "flat_minor": {"EUR": 900}}
    limit = {"kind": "cap", "per": "order", "amount_minor": {"EUR": 500}}
    rules["rules"] = [rule | flat | {"limits": [limit]} for rule in rules["rules"]]
    worlds.rules_of_play(rules)
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna)

    text = page(browser(anna), "order", "ORD-1")

    assert "€9.00 per unit: €9.00" in text
    assert "The programme limits this: €9.00 before, at most €5.00 per order." in text
    assert "The programme limits what all partners" not in text


def test_a_cap_is_told() -> None:
    worlds.rules_of_play(worlds.terms() | {"total_cap_bp": 1000})
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna)

    text = page(browser(anna), "order", "ORD-1")

    assert "1,000.00 × 100 % × 12 % = 120.00" in text
    assert "limits what all partners together get of a line: €120.00 was cut to fit." in text
    assert "Your commission €100.00" in text


def test_a_rule_on_the_margin_does_not_give_the_cost_away() -> None:
    rules = worlds.terms()
    rules["rules"] = [rule | {"base": "margin"} for rule in rules["rules"]]
    worlds.rules_of_play(rules)
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna, lines=(make.line("ORD-1/1", 1000_00, cost_minor=640_00),))

    text = page(browser(anna), "order", "ORD-1")

    assert "360.00 × 12 % = 43.20" in text
    assert "640" not in text


def test_the_way_to_the_payout_is_there_for_those_who_may_see_it() -> None:
    worlds.rules_of_play()
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))

    owner, sales = (page(browser(anna, role), "order", "ORD-1") for role in ("owner", "sales"))

    assert "6 Apr 2026, 12:00 The hold ended: €120.00 became payable" in owner
    assert "Paid out with ST-2026-04-EUR-ANNA €120.00 for the whole statement, reference TRANSFER-77" in owner
    assert "Your commission €120.00 Paid" in sales
    assert "The hold ended: €120.00 became payable" in sales
    assert "ST-2026-04" not in sales
    assert "TRANSFER-77" not in sales


def test_a_whole_refund_leaves_nothing() -> None:
    worlds.rules_of_play()
    anna = make.partner("anna")
    order = worlds.sold("ORD-1", through=anna)
    worlds.refunded(order, 1000_00, NOON + days(9))

    text = page(browser(anna), "order", "ORD-1")

    assert "Your commission €0.00 Taken back" in text
    assert "Taken back: -€120.00" in text


def test_a_yen_order_has_no_decimals() -> None:
    worlds.rules_of_play()
    anna = make.partner("anna")
    worlds.sold("ORD-1", through=anna, net_minor=123_456, currency="JPY")

    text = page(browser(anna), "order", "ORD-1")

    assert "123,456 × 100 % × 12 % = 14,815" in text
    assert "Your commission ¥14,815" in text


@pytest.mark.parametrize("number", ["ORD-2", "nothing", "ORD-1'--"])
def test_an_order_that_does_not_credit_the_partner_is_not_found(number: str) -> None:
    worlds.rules_of_play()
    anna, berta = make.partner("anna"), make.partner("berta")
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=berta)

    assert browser(anna).get(reverse("portal:order", args=[number])).status_code == 404


def test_a_renewal_is_told_as_one() -> None:
    worlds.rules_of_play()
    anna = make.partner("anna")
    make.company()
    from channels.journeys.services.relationships import set_renewal_steward

    set_renewal_steward(company_key="fjord", partner_code="anna", valid_from=NOON - days(9), at=NOON, source="desk")
    make.touch(None, NOON - days(3), kind=TouchKind.CAMPAIGN)
    order = make.order("ORD-1", cycle=2, lines=(make.line("ORD-1/1", 500_00, term_months=12),))
    worlds.paid(order)

    text = page(browser(anna), "order", "ORD-1")

    assert "The contract was renewed (renewal 2)" in text
    assert "Anna was the renewal steward on the day of renewal 2." in text
    assert "500.00 × 100 % × 6 % = 30.00" in text


def test_the_query_count_does_not_grow() -> None:
    worlds.rules_of_play()
    anna = make.partner("anna")
    for number, lines in (("ORD-1", 1), ("ORD-3", 3)):
        order = worlds.sold(
            number, through=anna, lines=tuple(make.line(f"{number}/{line}", 1000_00) for line in range(1, lines + 1))
        )
        worlds.refunded(order, 100_00, NOON + days(9))
    worlds.stated_and_paid(anna, at=NOON + days(70))
    client = browser(anna)

    assert [len(portal_queries(client, "order", number)) for number in ("ORD-1", "ORD-3")] == [STORY_QUERIES] * 2


@pytest.mark.parametrize("data_level", [0, 1, 2])
def test_a_credit_emptied_by_a_limit_says_so_at_every_data_level(data_level: int) -> None:
    """What a limit leaves is the partner's own; which customers a rule is for belongs to a full exchange."""
    rules = worlds.terms()
    limit = {"kind": "cap", "per": "month", "amount_minor": {"EUR": 50_00}}
    rules["rules"] = [
        {"id": "marine", "type": "RESALE", "rate_bp": 100, "label": "Marine", "conditions": {"segments": ["marine"]}},
        {"id": "resale", "type": "RESALE", "rate_bp": 1_000, "label": "Resale", "limits": [limit]},
    ]
    worlds.rules_of_play(rules)
    anna = make.partner("anna")
    worlds.level(anna, data_level)
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, at=NOON + days(1))

    text = page(browser(anna), "order", "ORD-2")

    assert "A rule of the programme fits this credit, but nothing is left for it to pay." in text
    assert "Resale pays at most €50.00 per month, and that is reached." in text
    assert "No rule of the programme pays for this credit." not in text
    assert ("Marine pays in the segment marine" in text) is (data_level == 2)


def test_a_rejected_credit_gives_the_reason() -> None:
    worlds.rules_of_play()
    anna, berta = make.partner("anna"), make.partner("berta")
    order = money.credited("ORD-1")
    run = order.attribution_runs.get()
    money.credit(run, (anna, "referral", 6_000), held=True)
    money.credit(run, (berta, "referral", 4_000))
    worlds.paid(order)
    reviews.reject(
        accrual_id=Accrual.objects.get(partner=anna).pk,
        at=NOON + days(8),
        by=make.user(),
        reason="The buyer is your own company.",
    )
    run_due(now=NOON + days(8))

    text, other = (page(browser(partner), "order", "ORD-1") for partner in (anna, berta))

    assert "A person looked at this credit and rejected it The buyer is your own company." in text
    assert "10 Mar 2026, 12:00 A person looked at your credit and rejected it The buyer is your own company." in text
    assert "Your commission €0.00 Taken back" in text
    assert "before it is paid, because" not in text
    assert "rejected" not in other
    assert "own company" not in other
