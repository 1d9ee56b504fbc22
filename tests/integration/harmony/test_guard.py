"""The undercut guard behind its door: what it finds, what becomes of it, and that asking writes nothing."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from channels import api
from channels.contracts import GuardOutcome, PriceSource
from channels.harmony.models import AdvertisedPrice, BuyTerm, GuardCheck, GuardFinding, GuardOverride
from channels.harmony.services import overrides
from channels.notices.models import Notice
from tests.factories import channels as make
from tests.factories import harmony

pytestmark = pytest.mark.django_db
UNTIL = make.NOON + make.days(10)


@pytest.fixture
def partner():
    """Buys the sensor for 70.00 and is promised 10 %: below 77.00 we undercut it."""
    made = make.partner("fjordtek")
    harmony.buys(made)
    harmony.promise(made, min_margin_bp=1_000)
    return made


def told(verdict):
    return [
        (row.partner_code, row.quantity, row.direct_minor, row.floor_minor, row.gap_minor) for row in verdict.findings
    ]


def test_the_floor_itself_is_clear_and_a_cent_below_it_is_not(partner):
    assert api.check_prices(harmony.price_check(harmony.proposal(77_00))).outcome == GuardOutcome.CLEAR

    verdict = api.check_prices(harmony.price_check(harmony.proposal(76_99)))

    assert verdict.outcome == GuardOutcome.BLOCKED
    assert told(verdict) == [("fjordtek", 1, 76_99, 77_00, 1)]


def test_several_units_are_compared_as_a_whole(partner):
    verdict = api.check_prices(harmony.price_check(harmony.proposal(230_99, quantity=3)))

    assert told(verdict) == [("fjordtek", 3, 230_99, 231_00, 1)]


def test_a_discount_on_list_follows_a_new_list_price_and_a_promotion_does_not(partner):
    dealer = make.partner("dealer")
    harmony.buys(dealer, discount_bp=2_500)
    new_list = harmony.price_check(harmony.proposal(80_00, is_list_price=True), source=PriceSource.PRICE)
    promotion = harmony.price_check(harmony.proposal(74_99))

    assert api.check_prices(new_list).outcome == GuardOutcome.CLEAR
    assert [row[0] for row in told(api.check_prices(promotion))] == ["dealer", "fjordtek"]


def test_a_price_of_some_customers_leaves_the_list_price_that_discounts_are_counted_from():
    """The dealer buys at 85 percent of 100.00, whatever some customer pays."""
    harmony.buys(make.partner("dealer"), discount_bp=1_500)

    def asked(direct_minor):
        return api.check_prices(
            harmony.price_check(harmony.proposal(direct_minor, quantity=3), source=PriceSource.PRICE)
        )

    assert asked(255_00).outcome == GuardOutcome.CLEAR
    assert told(asked(254_99)) == [("dealer", 3, 254_99, 255_00, 1)]


def test_the_minimum_advertised_price_holds_for_everybody():
    harmony.advertised(90_00)

    verdict = api.check_prices(harmony.price_check(harmony.proposal(89_00)))

    assert [(row.partner_code, row.kind, row.gap_minor) for row in verdict.findings] == [("", "advertised", 1_00)]


def test_who_is_not_active_or_has_no_agreement_is_not_undercut(partner):
    partner.status = "suspended"
    partner.save()
    bare = make.partner("bare")
    harmony.buys(bare)
    bare.agreements.all().delete()

    assert api.check_prices(harmony.price_check(harmony.proposal(1))).outcome == GuardOutcome.CLEAR


def test_asking_writes_nothing_and_costs_the_same_for_one_product_and_three(partner, django_assert_num_queries):
    for number in range(3):
        harmony.buys(make.partner(f"p{number}"), sku=f"S{number}")
    one = harmony.price_check(harmony.proposal(1_00, sku="S0"))
    three = harmony.price_check(*(harmony.proposal(1_00, sku=f"S{number}") for number in range(3)))

    with django_assert_num_queries(5):
        assert len(api.check_prices(one).findings) == 1
    with CaptureQueriesContext(connection) as queries:
        assert len(api.check_prices(three).findings) == 3

    assert len(queries) == 5
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert GuardCheck.objects.count() == 0


def test_a_prevented_undercut_is_kept_once_however_often_it_is_pressed(partner):
    check = harmony.price_check(harmony.proposal(60_00), harmony.proposal(100_00, sku="OTHER"))

    api.record_price_check(check)
    api.record_price_check(check)

    row = GuardCheck.objects.get()
    assert (row.source, row.outcome, row.label) == ("offer", "blocked", "Spring sale")
    finding = GuardFinding.objects.get()
    assert (finding.partner, finding.company_key, finding.sku, finding.quantity) == (partner, "", "NL-P100", 1)
    assert (finding.direct_minor, finding.buy_minor, finding.floor_minor, finding.gap_minor) == (
        60_00,
        70_00,
        77_00,
        17_00,
    )


def test_a_clear_price_leaves_no_row(partner):
    api.record_price_check(harmony.price_check(harmony.proposal(77_00)))

    assert GuardCheck.objects.count() == 0


def test_extending_lowers_the_buy_price_for_the_promotion_and_tells_the_partner(partner):
    """60 % of list: the partner's 70.00 become 42.00, and we may sell at 60.00, above 46.20."""
    harmony.mode(promotions="extend")
    harmony.advertised(90_00)
    check = harmony.price_check(harmony.proposal(60_00), until=UNTIL)

    assert api.record_price_check(check).outcome == GuardOutcome.EXTENDED
    api.record_price_check(check)

    extended = BuyTerm.objects.get(source="promotion")
    assert (extended.price_minor, extended.valid_from, extended.valid_to) == (42_00, make.NOON, UNTIL)
    assert AdvertisedPrice.objects.get(source="promotion").price_minor == 60_00
    assert api.check_prices(check).outcome == GuardOutcome.CLEAR
    notice = Notice.objects.get()
    assert (notice.partner, notice.kind) == (partner, "promotion_extended")
    assert notice.params["prices"] == "NL-P100: 42.00 EUR"
    after = harmony.price_check(harmony.proposal(60_00), at=UNTIL)
    assert api.check_prices(after).outcome == GuardOutcome.EXTENDED  # the promotion is over: 77.00 holds again


def test_topping_up_lets_it_pass_and_changes_no_terms(partner):
    harmony.mode(promotions="top_up")

    verdict = api.record_price_check(harmony.price_check(harmony.proposal(60_00)))

    assert verdict.outcome == GuardOutcome.TOPPED_UP
    assert GuardCheck.objects.get().outcome == "topped_up"
    assert BuyTerm.objects.count() == 1


def test_prices_and_promotions_are_set_apart(partner):
    harmony.mode(prices="block", promotions="top_up")

    price = harmony.price_check(harmony.proposal(60_00), source=PriceSource.PRICE)

    assert api.check_prices(price).outcome == GuardOutcome.BLOCKED


def test_an_order_that_has_no_discount_to_refuse_passes(partner):
    check = harmony.price_check(harmony.proposal(60_00), source=PriceSource.BASKET, must_pass=True)

    assert api.check_prices(check).outcome == GuardOutcome.TOPPED_UP


def blocked(direct=60_00):
    api.record_price_check(harmony.price_check(harmony.proposal(direct)))
    return GuardCheck.objects.get()


def asked(check, person, **values):
    how = {"reason": "Clearance of the old model", "expires_at": UNTIL, "at": make.NOON, **values}
    return overrides.request(check_id=check.pk, actor=person, **how)


def test_two_people_may_override_as_far_as_was_asked_and_until_its_end(partner):
    override = asked(blocked(), make.user())
    assert api.check_prices(harmony.price_check(harmony.proposal(60_00))).is_blocked

    overrides.decide(override_id=override.pk, is_approved=True, reason="Agreed", at=make.NOON, actor=make.user())

    outcomes = [
        api.check_prices(harmony.price_check(harmony.proposal(*price), at=at)).outcome.value
        for price, at in [
            ((60_00,), make.NOON),
            ((59_99,), make.NOON),
            ((60_00,), UNTIL),
        ]
    ]
    assert outcomes == ["approved", "blocked", "blocked"]
    two = harmony.price_check(harmony.proposal(120_00, quantity=2, company_key="fjord"))
    assert api.check_prices(two).outcome == GuardOutcome.APPROVED


def test_an_override_does_not_cover_a_partner_who_came_later(partner):
    override = asked(blocked(), make.user())
    overrides.decide(override_id=override.pk, is_approved=True, reason="Agreed", at=make.NOON, actor=make.user())
    harmony.buys(make.partner("polar"))

    verdict = api.check_prices(harmony.price_check(harmony.proposal(60_00)))

    assert verdict.is_blocked
    assert [row.partner_code for row in verdict.findings] == ["polar"]


def test_nobody_approves_what_they_asked_for_themselves(partner):
    person = make.user()
    override = asked(blocked(), person)

    with pytest.raises(overrides.OverrideNotAllowed, match="second person"):
        overrides.decide(override_id=override.pk, is_approved=True, reason="Mine", at=make.NOON, actor=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardOverride.objects.update(decided_by=person)

    assert api.check_prices(harmony.price_check(harmony.proposal(60_00))).is_blocked


@pytest.mark.parametrize(
    ("values", "message"),
    [({"reason": " "}, "reason"), ({"expires_at": make.NOON}, "future")],
)
def test_an_override_needs_a_reason_and_an_end(partner, values, message):
    with pytest.raises(overrides.OverrideNotAllowed, match=message):
        asked(blocked(), make.user(), **values)

    assert GuardOverride.objects.count() == 0


def test_an_override_is_decided_once(partner):
    override = asked(blocked(), make.user())
    overrides.decide(override_id=override.pk, is_approved=False, reason="No", at=make.NOON, actor=make.user())

    with pytest.raises(overrides.OverrideNotAllowed, match="already"):
        overrides.decide(override_id=override.pk, is_approved=True, reason="Yes", at=make.NOON, actor=make.user())
    assert api.check_prices(harmony.price_check(harmony.proposal(60_00))).is_blocked
