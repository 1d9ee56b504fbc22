"""Which resellers a buyer may pick, and how an order was bought."""

import pytest

from channels.contracts import Channel
from channels.journeys.selectors import choices
from channels.journeys.services import relationships
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db
HARDWARE = frozenset({"hardware"})


def offered(
    company_key: str = "fjord", country: str = "NO", classes: frozenset[str] = HARDWARE, query: str = ""
) -> list[str]:
    found = choices.partner_choices(
        company_key=company_key, country=country, product_classes=classes, at=NOON, query=query
    )
    return [choice.card.code for choice in found]


def steward(code: str, **values: object) -> None:
    relationships.set_renewal_steward(
        company_key="fjord", partner_code=code, valid_from=NOON - days(364), at=NOON, source="desk", **values
    )  # type: ignore[arg-type]


def test_only_active_listed_sellers_of_the_country_and_products() -> None:
    make.partner("home")
    make.partner("north", country="SE", territories=["SE", "NO"])
    make.partner("sensors", product_classes=["hardware", "software"])
    make.partner("services", product_classes=["service"])
    make.partner("elsewhere", country="SE")
    make.partner("moved", territories=["DK"])
    make.partner("agent", kind="agent")
    make.partner("distributor", kind="distributor")
    make.partner("suspended", status="suspended")
    make.partner("hidden", is_listed=False)

    assert offered() == ["home", "north", "sensors"]
    assert offered(classes=frozenset({"hardware", "service"})) == ["home", "north"]
    assert offered(classes=frozenset()) == ["home", "north", "sensors", "services"]
    assert offered(country="se") == ["elsewhere", "north"]
    assert offered(country="DE") == []


def test_the_partner_of_record_comes_first_with_the_reason_then_tier_and_name() -> None:
    make.company()
    make.partner("anna", tier="silver")
    make.partner("berta", tier="gold")
    make.partner("carla", tier="registered", country="DK", is_listed=False)
    steward("carla")

    found = choices.partner_choices(company_key="fjord", country="NO", product_classes=HARDWARE, at=NOON)

    assert [(choice.card.code, choice.is_partner_of_record, choice.reason) for choice in found] == [
        ("carla", True, "Your partner of record since 3 March 2025: looks after your renewals."),
        ("berta", False, "Sells these products in Norway."),
        ("anna", False, "Sells these products in Norway."),
    ]
    assert offered(company_key="") == ["berta", "anna"]


def test_a_partner_of_record_that_may_not_sell_these_is_not_offered() -> None:
    make.company()
    make.partner("carla", product_classes=["service"])
    steward("carla")

    assert offered() == []


def test_the_search_looks_in_name_town_summary_and_specialities() -> None:
    make.partner("anna", city="Bergen")
    make.partner("berta", summary="We calibrate on site", specialities=["gas-detection"])

    assert offered(query="berg") == ["anna"]
    assert offered(query="calibrate site") == ["berta"]
    assert offered(query="gas") == ["berta"]
    assert offered(query="anna gas") == []
    assert offered(query="%") == []


def test_who_is_partner_of_record() -> None:
    make.company()
    carla = make.partner("carla")
    assert choices.partner_of_record(company_key="fjord", at=NOON) is None
    steward("carla")

    record = choices.partner_of_record(company_key="fjord", at=NOON)
    assert record is not None
    assert record.code == "carla"
    assert choices.partner_of_record(company_key="fjord", at=NOON - days(365)) is None
    carla.status = "suspended"
    carla.save()
    assert choices.partner_of_record(company_key="fjord", at=NOON) is None


def test_the_query_count_does_not_grow(django_assert_num_queries: object) -> None:
    make.company()
    make.partner("p1")
    steward("p1")
    for expected in (["p1"], ["p1", "p2", "p3"]):
        with django_assert_num_queries(4):  # type: ignore[operator]
            assert offered() == expected
        if expected == ["p1"]:
            make.partner("p2")
            make.partner("p3")


def test_how_an_order_was_bought() -> None:
    make.order("C-1", through=make.partner("carla"))
    make.order("C-2", cycle=2)

    through = choices.order_channel(number="C-1")
    direct = choices.order_channel(number="C-2")
    assert through is not None
    assert through.partner is not None
    assert (through.channel, through.partner.code, through.cycle) == (Channel.RESELLER, "carla", 0)
    assert direct is not None
    assert (direct.channel, direct.partner, direct.cycle) == (Channel.DIRECT, None, 2)
    assert choices.order_channel(number="C-3") is None
