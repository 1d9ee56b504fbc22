"""The harmony pages of the desk and the portal: what they show, what they cost, and who may act."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels import api
from channels.commissions.models import Accrual
from channels.harmony.models import AdvertisedPrice, BuyTerm, GuardCheck, GuardOverride, GuardSetting
from channels.harmony.selectors import proofs
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony
from tests.integration.harmony.worlds import END, START, TODAY, blocked, partner, person, read_csv, sold, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(person())
    return client


# --- undercuts ------------------------------------------------------------------------------------------------------


def test_the_page_names_each_company_product_and_quantity_and_by_how_much(desk):
    make.company("fjord", name="Fjord Brewery")
    partner()
    api.record_price_check(
        harmony.price_check(
            harmony.proposal(60_00), harmony.proposal(120_00, quantity=2, company_key="fjord"), label="Sale"
        )
    )

    page = text_of(desk.get(reverse("desk_undercut", args=[GuardCheck.objects.get().pk])))

    assert "All Pressure sensor P100 NL-P100 1 Fjordtek 60.00 EUR 70.00 EUR 70.00 EUR 10.00 EUR" in page
    assert "Fjord Brewery Pressure sensor P100 NL-P100 2 Fjordtek 120.00 EUR 140.00 EUR 140.00 EUR 20.00 EUR" in page


def test_one_person_asks_for_an_override_and_another_gives_it(client):
    partner()
    check = blocked()
    asking, deciding = person(), person("view_guardcheck", "decide_guardoverride")
    client.force_login(asking)
    form = {"reason": "Clearance", "expires_at": "2026-04-30T00:00"}
    client.post(reverse("desk_override_request", args=[check.pk]), form)
    override = GuardOverride.objects.get()
    own = client.post(reverse("desk_override_decide", args=[override.pk]), {"is_approved": "yes", "reason": "me"})
    assert "A second person decides" in text_of(own) or "a second person decides" in text_of(own)
    assert "You asked for this" in text_of(client.get(reverse("desk_undercut", args=[check.pk])))

    client.force_login(deciding)
    assert "Decide…" in text_of(client.get(reverse("desk_undercut", args=[check.pk])))
    client.post(reverse("desk_override_decide", args=[override.pk]), {"is_approved": "yes", "reason": "Agreed"})

    override.refresh_from_db()
    assert (override.state, override.decided_by) == ("approved", deciding)
    assert "Agreed" in text_of(client.get(reverse("desk_undercut", args=[check.pk])))


def test_the_setting_is_changed_with_a_reason_and_kept(desk):
    form = {"prices": "block", "promotions": "extend", "reason": "Spring"}
    desk.post(reverse("desk_guard_setting"), form)

    assert GuardSetting.objects.get().promotions == "extend"
    assert "Extend it to the partners" in text_of(desk.get(reverse("desk_undercuts")))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_undercut_and_three(desk, number):
    partner()
    for place in range(number):
        blocked(f"Sale {place}", reference=f"offer:{place}")
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(reverse("desk_undercuts"))
    assert text_of(page).count("Prevented") == number + 1  # and once in the filter
    assert len([query for query in queries if "harmony" in query["sql"]]) == 4


# --- prices ---------------------------------------------------------------------------------------------------------


def test_a_price_a_discount_and_a_minimum_are_agreed_on_pages(desk):
    made = make.partner("fjordtek")
    common = {"currency": "EUR", "valid_from": "2026-01-01T00:00", "reason": "Contract 12"}
    price = {"partner": made.pk, "sku": "NL-P100", "price": "70.50", "token": "a", **common}
    desk.post(reverse("desk_buy_term_add"), price)
    desk.post(reverse("desk_buy_term_add"), price)
    desk.post(
        reverse("desk_buy_term_add"),
        {"partner": made.pk, "product_class": "software", "discount": "22.5", "token": "b", **common},
    )
    desk.post(reverse("desk_advertised_add"), {"sku": "NL-P100", "price": "90", "token": "c", **common})

    rows = BuyTerm.objects.order_by("pk").values_list("sku", "product_class", "price_minor", "discount_bp")
    assert list(rows) == [("NL-P100", "", 70_50, None), ("", "software", None, 22_50)]
    assert AdvertisedPrice.objects.get().price_minor == 90_00
    page = text_of(desk.get(reverse("desk_buy_terms")))
    assert "70.50 EUR" in page
    assert "list less 22.5 %" in page
    assert "90.00 EUR" in page


def test_a_price_without_its_product_is_refused_and_nothing_typed_is_lost(desk):
    made = make.partner("fjordtek")
    form = {
        "partner": made.pk,
        "price": "70",
        "currency": "EUR",
        "valid_from": "2026-01-01T00:00",
        "reason": "Kept",
        "token": "a",
    }
    page = desk.post(reverse("desk_buy_term_add"), form).content.decode()
    assert "A price is for one product" in page
    assert "Kept" in page
    assert BuyTerm.objects.count() == 0


# --- the guarantee --------------------------------------------------------------------------------------------------


def test_the_monthly_report_is_what_the_rows_add_up_to(desk):
    money.programme()
    one, two = partner("fjordtek"), partner("polar")
    for number in range(3):
        sold(f"ORD-{number}", one)
    refunded = sold("ORD-9", two)
    money.refunded(refunded, make.NOON + make.days(9), ("ORD-9/1", 0, 50_00))

    rows = {row.partner.code: row for row in proofs.monthly(start=START, end=END)}

    assert (rows["fjordtek"].totals.lines, rows["fjordtek"].totals.deficits) == (3, 3)
    assert (rows["fjordtek"].totals.promised_minor, rows["fjordtek"].totals.top_up_minor) == (90_00, 60_00)
    assert (rows["polar"].totals.lines, rows["polar"].posted_minor) == (1, 10_00)
    booked = sum(row.amount_minor for row in Accrual.objects.filter(type="TOP_UP"))
    assert sum(row.posted_minor for row in rows.values()) == booked
    page = text_of(desk.get(reverse("desk_guarantee"), {"month": "2026-03"}))
    assert "4 Lines checked 4 Deficits 70.00 EUR Top-ups booked" in page
    lines = read_csv(desk.get(reverse("desk_guarantee_csv"), {"month": "2026-03"}))
    assert lines[1:] == [
        ["Fjordtek", "EUR", "3", "3", "90.00", "30.00", "60.00", "60.00"],
        ["Polar", "EUR", "1", "1", "15.00", "5.00", "10.00", "10.00"],
    ]
    assert len(read_csv(desk.get(reverse("desk_guarantee_csv"), {"month": "2026-02"}))) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_report_costs_the_same_for_one_partner_and_three(desk, number, django_assert_num_queries):
    money.programme()
    for place in range(number):
        sold(f"ORD-{place}", partner(f"p{place}"))
    with django_assert_num_queries(3):
        assert len(proofs.monthly(start=START, end=END)) == number


def portal(client, of, role="owner"):
    client.force_login(make.member(of, role).user)
    return client


def test_the_certificate_shows_both_sides_in_its_own_numbers(client):
    money.programme()
    made = partner()
    harmony.promise(made, selling_cost_bp=500, min_margin_bp=1_000, guarantee_factor_bp=9_000)
    sold("ORD-1", made)
    proof = proofs.latest(partner=made).get()

    page = text_of(portal(client, made).get(reverse("portal:certificate", args=[proof.pk])))

    assert "max(100.00; 1 × 77.00)" in page
    assert "100.00 × 5 % + 0.00" in page.replace("\xa0", " ")
    assert "90 % × 25.00" in page.replace("\xa0", " ")
    assert "max(0; 22.50 − 10.00) €12.50" in page
    assert "€12.50" in text_of(client.get(reverse("portal:guarantee")))


def test_a_certificate_of_another_partner_is_not_found(client):
    money.programme()
    mine, others = partner("mine"), partner("others")
    sold("ORD-1", others)
    proof = proofs.latest(partner=others).get()
    portal(client, mine)

    assert client.get(reverse("portal:certificate", args=[proof.pk])).status_code == 404
    assert "ORD-1" not in text_of(client.get(reverse("portal:guarantee")))


@pytest.mark.parametrize("number", [1, 3])
def test_the_partners_page_costs_the_same_for_one_line_and_three(client, number):
    money.programme()
    made = partner()
    for place in range(number):
        sold(f"ORD-{place}", made)
    portal(client, made)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("portal:guarantee"))
    assert text_of(page).count("Topped up") == number
    assert len([query for query in queries if "harmony_proof" in query["sql"]]) == 3


def test_the_order_page_says_what_a_top_up_is(client):
    money.programme()
    made = partner()
    sold("ORD-1", made)

    text = text_of(portal(client, made).get(reverse("portal:order", args=["ORD-1"])))

    assert "Guarantee top-up €20.00 Reselling this line yourself would have left you more" in text
    assert "no longer credits you" not in text
    assert "The certificates are under Guarantee." in text
    sales = text_of(portal(client, made, "sales").get(reverse("portal:order", args=["ORD-1"])))
    assert "Guarantee top-up €20.00" in sales
    assert "The certificates are under Guarantee." not in sales
