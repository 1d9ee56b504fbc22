"""The guard where promotions are made: the offer wizard, vouchers, and the ranges, conditions and benefits they share."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer
from oscar.apps.voucher.models import Voucher, VoucherSet

from channels.harmony.models import BuyTerm, GuardCheck, GuardFinding
from channels.harmony.services import overrides
from shop.pricing.guard import Undercut, guarded
from shop.pricing.promotion_guard import guard_offer
from shop.pricing.worst_prices import worst_of_offer
from tests.factories import channels as make
from tests.factories import harmony, shop
from tests.integration.harmony.shelves import offer, range_of

pytestmark = pytest.mark.django_db
NOW = shop.NOW
DISCOUNTABLE = {"is_discountable": "on"}


# --- saving offers --------------------------------------------------------------------------------------------------


def worst(made):
    return {row.sold.title: (row.quantity, row.net) for row in worst_of_offer(made)}


def test_the_worst_price_of_each_kind_of_offer():
    a = shop.product("A", price="100.00")
    b = shop.product("B", price="40.00")
    D = Decimal
    assert worst(offer(Benefit.PERCENTAGE, 15, a, b)) == {"A": (1, D("85.00")), "B": (1, D("34.00"))}
    assert worst(offer(Benefit.FIXED_UNIT, 60, a, b)) == {"A": (1, D("40.00")), "B": (1, D("0.00"))}
    # 30.00 off, shared by price: alone when one item is enough, beside the cheapest when three are asked for.
    assert worst(offer(Benefit.FIXED, 30, a, b)) == {"A": (1, D("70.00")), "B": (1, D("10.00"))}
    assert worst(offer(Benefit.FIXED, 30, a, b, count=3)) == {"A": (1, D("83.33")), "B": (3, D("90.00"))}
    assert worst(offer(Benefit.FIXED, 30, a, count=200, condition=Condition.VALUE)) == {"A": (1, D("85.00"))}
    # The cheapest of three is free: the dearest only among its like.
    assert worst(offer(Benefit.MULTIBUY, None, a, b, count=3)) == {"A": (3, D("200.00")), "B": (1, D("0"))}
    # Two for 120.00: B falls most beside A, A beside another A.
    made = offer(Benefit.FIXED_PRICE, 120, of=range_of(a, b), count=2)
    assert worst(made) == {"A": (2, D("120.00")), "B": (1, D("34.29"))}
    assert worst(offer(Benefit.SHIPPING_PERCENTAGE, 50, a)) == {}


@pytest.mark.parametrize(
    ("kind", "value", "count", "gap"),
    [
        (Benefit.PERCENTAGE, 24, 1, 1_00),
        (Benefit.FIXED, 30, 1, 7_00),
        (Benefit.FIXED_UNIT, 24, 1, 1_00),
        (Benefit.MULTIBUY, None, 4, 8_00),
        (Benefit.FIXED_PRICE, 150, 2, 4_00),
    ],
)
def test_each_kind_of_offer_is_refused_by_what_it_would_hurt(probe, kind, value, count, gap):
    made = offer(kind, value, probe, count=count, of=range_of(probe) if kind == Benefit.FIXED_PRICE else None)
    if kind == Benefit.MULTIBUY:
        made.condition.range = made.benefit.range

    with pytest.raises(Undercut), guarded():
        guard_offer(made, at=NOW)

    finding = GuardFinding.objects.get()
    assert (finding.gap_minor, finding.quantity) == (gap, 1 if kind in {"Percentage", "Absolute", "Fixed"} else count)


def wizard(client, percent, products):
    steps = [
        ("dashboard:offer-metadata", {"name": "Spring sale", "description": "", "offer_type": "Site"}),
        ("dashboard:offer-benefit", {"range": products.pk, "type": "Percentage", "value": percent}),
        ("dashboard:offer-condition", {"range": products.pk, "type": "Count", "value": 1}),
        ("dashboard:offer-restrictions", {"priority": 0}),
    ]
    for name, form in steps:
        answer = client.post(reverse(name), form)
    return answer


def test_an_offer_that_undercuts_is_not_saved_and_can_be_corrected(marketer, probe):
    products = range_of(probe)

    page = wizard(marketer, 24, products)

    assert page.status_code == 200
    assert "1 × Probe for €76.00 undercuts Fjordtek" in page.content.decode()
    assert (ConditionalOffer.objects.count(), Benefit.objects.count()) == (0, 0)
    assert GuardCheck.objects.get().outcome == "blocked"
    # What was typed is still there: only the incentive is corrected, and the offer saved.
    form = {"range": products.pk, "type": "Percentage", "value": 23}
    marketer.post(reverse("dashboard:offer-benefit"), form)
    assert marketer.post(reverse("dashboard:offer-restrictions"), {"priority": 0}).status_code == 302
    assert ConditionalOffer.objects.get().name == "Spring sale"


def test_an_offer_that_is_extended_is_saved_with_the_partners_new_price(marketer, probe):
    harmony.mode(promotions="extend")

    assert wizard(marketer, 40, range_of(probe)).status_code == 302

    assert ConditionalOffer.objects.count() == 1
    assert BuyTerm.objects.get(source="promotion").price_minor == 42_00


def test_a_stopped_offer_is_checked_before_it_runs_again(marketer, probe):
    made = offer(Benefit.PERCENTAGE, 50, probe)
    url = reverse("dashboard:offer-detail", kwargs={"pk": made.pk})
    marketer.post(url, {"suspend": "1"})
    assert GuardCheck.objects.count() == 0

    page = marketer.post(url, {"unsuspend": "1"}, follow=True)

    made.refresh_from_db()
    assert made.is_suspended
    assert "undercuts Fjordtek" in page.content.decode()
    assert "reinstated" not in page.content.decode()


def test_a_benefit_that_is_changed_is_asked_about_with_every_offer_that_has_it(marketer, probe):
    made = offer(Benefit.PERCENTAGE, 20, probe)
    ConditionalOffer.objects.create(name="Second", condition=made.condition, benefit=made.benefit)
    url = reverse("dashboard:offer-benefit", kwargs={"pk": made.pk})
    form = {"range": made.benefit.range_id, "type": "Percentage", "value": 24, "save": "1"}
    marketer.post(
        reverse("dashboard:offer-metadata", kwargs={"pk": made.pk}), {"name": made.name, "offer_type": "Site"}
    )

    page = marketer.post(url, form)

    assert page.status_code == 200
    assert page.content.decode().count("1 × Probe for €76.00 undercuts Fjordtek") == 2
    assert Benefit.objects.get(pk=made.benefit_id).value == 20
    assert sorted(GuardCheck.objects.values_list("label", "outcome")) == [
        ("Second", "blocked"), ("Spring sale", "blocked"),
    ]  # fmt: skip
    assert marketer.post(url, {**form, "value": 23}).status_code == 302
    assert Benefit.objects.get(pk=made.benefit_id).value == 23


def test_a_condition_that_is_changed_is_asked_about(marketer, probe):
    made = offer(Benefit.FIXED_PRICE, 231, of=range_of(probe), count=3)  # 77.00 each
    marketer.post(
        reverse("dashboard:offer-metadata", kwargs={"pk": made.pk}), {"name": made.name, "offer_type": "Site"}
    )
    url = reverse("dashboard:offer-condition", kwargs={"pk": made.pk})

    page = marketer.post(url, {"range": made.condition.range_id, "type": "Count", "value": 4, "save": "1"})

    assert "4 × Probe for €231.00 undercuts Fjordtek, whose price and margin come to €308.00" in page.content.decode()
    assert Condition.objects.get(pk=made.condition_id).value == 3


# --- vouchers -------------------------------------------------------------------------------------------------------

TOMORROW, NEXT_WEEK = (timezone.now() + timedelta(days=number) for number in (1, 7))


def voucher_offer(percent, *products):
    made = offer(Benefit.PERCENTAGE, percent, *products)
    ConditionalOffer.objects.filter(pk=made.pk).update(offer_type=ConditionalOffer.VOUCHER)
    return made


def voucher_form(made, **values):
    return {
        "name": "Fair",
        "code": "FAIR24",
        "start_datetime": f"{TOMORROW:%Y-%m-%d %H:%M}",
        "end_datetime": f"{NEXT_WEEK:%Y-%m-%d %H:%M}",
        "usage": Voucher.MULTI_USE,
        "offers": [made.pk],
        **values,
    }


def test_a_voucher_that_undercuts_is_not_saved_and_names_whom_it_would_hurt(marketer, probe):
    made = voucher_offer(24, probe)

    page = marketer.post(reverse("dashboard:voucher-create"), voucher_form(made))

    assert page.status_code == 200
    assert "1 × Probe for €76.00 undercuts Fjordtek, whose price and margin come to €77.00" in page.content.decode()
    assert "Create voucher" in page.content.decode()
    assert Voucher.objects.count() == 0
    check = GuardCheck.objects.get()
    assert (check.source, check.label, check.outcome) == ("offer", "Fair: Spring sale", "blocked")
    finding = check.findings.get()
    assert (finding.partner.code, finding.sku) == ("fjordtek", probe.stockrecords.get().partner_sku)
    assert (finding.company_key, finding.quantity, finding.gap_minor) == ("", 1, 1_00)


def test_a_voucher_at_the_floor_is_saved(marketer, probe):
    assert marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(23, probe))).status_code == 302
    assert (Voucher.objects.get().code, GuardCheck.objects.count()) == ("FAIR24", 0)


def test_a_voucher_is_held_against_the_terms_of_the_days_on_which_it_can_be_redeemed(marketer, probe):
    """The partner pays more from the day after tomorrow on; today's price would have let it pass."""
    made = voucher_offer(20, probe)
    fjordtek = BuyTerm.objects.get().partner
    sku = probe.stockrecords.get().partner_sku
    harmony.buys(fjordtek, sku=sku, price_minor=75_00, valid_from=TOMORROW - timedelta(hours=1))

    page = marketer.post(reverse("dashboard:voucher-create"), voucher_form(made))

    assert "1 × Probe for €80.00 undercuts Fjordtek, whose price and margin come to €82.50" in page.content.decode()
    assert Voucher.objects.count() == 0


def test_a_voucher_that_gets_another_offer_is_asked_about_again(marketer, probe):
    fine, deep = voucher_offer(10, probe), voucher_offer(30, probe)
    marketer.post(reverse("dashboard:voucher-create"), voucher_form(fine))
    voucher = Voucher.objects.get()

    page = marketer.post(
        reverse("dashboard:voucher-update", kwargs={"pk": voucher.pk}), voucher_form(fine, offers=[fine.pk, deep.pk])
    )

    assert "1 × Probe for €70.00 undercuts Fjordtek" in page.content.decode()
    assert list(voucher.offers.all()) == [fine]


def test_a_set_of_vouchers_is_asked_about_once(marketer, probe):
    made = voucher_offer(24, probe)
    form = {**voucher_form(made), "code_length": 12, "count": 3, "description": "For the fair"}

    page = marketer.post(reverse("dashboard:voucher-set-create"), form)

    assert "1 × Probe for €76.00 undercuts Fjordtek" in page.content.decode()
    assert (VoucherSet.objects.count(), Voucher.objects.count()) == (0, 0)
    assert GuardCheck.objects.get().label == "Fair: Spring sale"
    Benefit.objects.update(value=23)
    assert marketer.post(reverse("dashboard:voucher-set-create"), form).status_code == 302
    assert (VoucherSet.objects.count(), Voucher.objects.count()) == (1, 3)


def test_a_voucher_that_is_extended_lowers_the_partners_price_while_it_can_be_redeemed(marketer, probe):
    harmony.mode(promotions="extend")

    answer = marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(40, probe)))

    assert answer.status_code == 302
    voucher, term = Voucher.objects.get(), BuyTerm.objects.get(source="promotion")
    assert term.price_minor == 42_00
    assert (term.valid_from, term.valid_to) == (voucher.start_datetime, voucher.end_datetime)


def test_a_voucher_passes_and_partners_are_topped_up_where_that_is_set(marketer, probe):
    harmony.mode(promotions="top_up")
    assert marketer.post(reverse("dashboard:voucher-create"), voucher_form(voucher_offer(40, probe))).status_code == 302
    assert (Voucher.objects.count(), GuardCheck.objects.get().outcome) == (1, "topped_up")
    assert not BuyTerm.objects.filter(source="promotion").exists()


def test_a_voucher_that_two_people_gave_leave_for_is_saved(marketer, probe):
    form = voucher_form(voucher_offer(24, probe))
    marketer.post(reverse("dashboard:voucher-create"), form)
    now = timezone.now()
    asked = overrides.request(
        check_id=GuardCheck.objects.get().pk, reason="Fair", expires_at=NEXT_WEEK, at=now, actor=make.user()
    )
    overrides.decide(override_id=asked.pk, is_approved=True, reason="Agreed", at=now, actor=make.user())

    assert marketer.post(reverse("dashboard:voucher-create"), form).status_code == 302

    assert Voucher.objects.get().code == "FAIR24"
    assert sorted(GuardCheck.objects.values_list("outcome", flat=True)) == ["approved", "blocked"]
