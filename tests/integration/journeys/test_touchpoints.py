"""Codes, touchpoints, and who a browser turns out to be."""

import pytest

from channels.contracts import CodeStatus, Medium, SubscriptionFacts, TouchKind, TouchpointFacts
from channels.journeys.models import CompanyProfile, SubscriptionProfile, Touchpoint, Visitor
from channels.journeys.services import codes, identity, touchpoints
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


def facts(**values: object) -> TouchpointFacts:
    defaults = {"key": "k1", "kind": TouchKind.LINK, "medium": Medium.PARTNER_LINK, "at": NOON}
    return TouchpointFacts(**{**defaults, **values})  # type: ignore[arg-type]


def test_a_code_is_resolved_in_any_case() -> None:
    make.code(make.partner("alfa"), "alfa-24", landing_path="/catalogue/", campaign="spring")

    found = codes.resolve_code(code=" ALFA-24 ", at=NOON)

    assert (found.status, found.partner_code, found.partner_name) == (CodeStatus.OK, "alfa", "Alfa")
    assert (found.landing_path, found.campaign) == ("/catalogue/", "spring")


@pytest.mark.parametrize(
    ("partner", "code", "expected"),
    [
        ({}, {"expires_at": NOON}, CodeStatus.EXPIRED),
        ({}, {"expires_at": NOON + days(1)}, CodeStatus.OK),
        ({}, {"is_active": False}, CodeStatus.EXPIRED),
        ({"status": "suspended"}, {}, CodeStatus.SUSPENDED),
        ({"status": "terminated"}, {}, CodeStatus.SUSPENDED),
        ({"status": "applied"}, {"is_active": False}, CodeStatus.SUSPENDED),
    ],
)
def test_what_a_code_means(partner: dict[str, object], code: dict[str, object], expected: CodeStatus) -> None:
    make.code(make.partner("alfa", **partner), "alfa", landing_path="/offers/", **code)

    found = codes.resolve_code(code="alfa", at=NOON)

    assert (found.status, found.landing_path) == (expected, "/offers/")
    assert found.partner_code == ("alfa" if expected == CodeStatus.OK else "")


@pytest.mark.parametrize("code", ["", "a b", "x" * 41, "æ", "a\x00b", "../admin", "<script>"])
def test_what_cannot_be_a_code_is_unknown_without_a_query(code: str, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert codes.resolve_code(code=code, at=NOON).status == CodeStatus.UNKNOWN


def test_making_and_retiring_a_code() -> None:
    alfa, beta = make.partner("alfa"), make.partner("beta")
    made = codes.create(partner_id=alfa.pk, code="Trade-Fair", at=NOON)

    assert made.code == "trade-fair"
    with pytest.raises(codes.CodeTaken):
        codes.create(partner_id=beta.pk, code="TRADE-fair", at=NOON)
    with pytest.raises(codes.InvalidCode):
        codes.create(partner_id=beta.pk, code="trade fair", at=NOON)
    codes.retire(code_id=made.pk, at=NOON)
    assert codes.resolve_code(code="trade-fair", at=NOON).status == CodeStatus.EXPIRED


@pytest.mark.parametrize(
    "path",
    ["//evil.example.com", "https://evil.example.com", "/\\evil", "evil", "", "/r/other", "/a\tb", "javascript:x"],
)
def test_a_landing_page_stays_on_this_site(path: str) -> None:
    alfa = make.partner("alfa")
    with pytest.raises(codes.UnsafeLandingPath):
        codes.create(partner_id=alfa.pk, code="x", at=NOON, landing_path=path)
    make.code(alfa, "old", landing_path=path)
    assert codes.resolve_code(code="old", at=NOON).landing_path == "/"


def test_a_touchpoint_is_recorded_once() -> None:
    alfa = make.partner("alfa")
    code = make.code(alfa, "alfa-24")
    make.company()

    assert touchpoints.record_touchpoint(
        facts(partner_code="alfa", link_code="ALFA-24", visitor_key="a" * 32, company_key="fjord", evidence={"a": "b"})
    )
    assert not touchpoints.record_touchpoint(facts(partner_code="alfa", campaign="other"))

    touch = Touchpoint.objects.get()
    assert (touch.partner, touch.code, touch.campaign, touch.evidence) == (alfa, code, "", {"a": "b"})
    assert (touch.visitor, touch.company) == (Visitor.objects.get(), CompanyProfile.objects.get())


def test_unknown_names_are_refused() -> None:
    with pytest.raises(touchpoints.UnknownPartner, match="alfa"):
        touchpoints.record_touchpoint(facts(partner_code="alfa"))
    with pytest.raises(touchpoints.UnknownCompany, match="fjord"):
        touchpoints.record_touchpoint(facts(company_key="fjord"))
    assert Touchpoint.objects.count() == 0


def test_the_first_link_of_a_browser_stands() -> None:
    make.company()
    make.company("bakken")
    buyer, colleague = make.user(), make.user()
    key = "a" * 32

    assert identity.link_visitor(visitor_key=key, user_id=buyer.pk, company_key="", at=NOON)
    assert identity.link_visitor(visitor_key=key, user_id=buyer.pk, company_key="fjord", at=NOON + days(1))
    assert not identity.link_visitor(visitor_key=key, user_id=colleague.pk, company_key="fjord", at=NOON + days(2))
    assert not identity.link_visitor(visitor_key=key, user_id=buyer.pk, company_key="bakken", at=NOON + days(2))
    assert not identity.link_visitor(visitor_key="", user_id=buyer.pk, company_key="fjord", at=NOON)

    visitor = Visitor.objects.get()
    assert (visitor.user, visitor.company.key, visitor.linked_at) == (buyer, "fjord", NOON + days(1))


def test_a_subscription_is_kept_up_to_date() -> None:
    for value in (120_00, 150_00):
        identity.record_subscription(
            SubscriptionFacts(
                key="sub-1",
                company=make.company_facts(),
                title="Monitoring",
                sku="NL-MON",
                currency="EUR",
                value_minor=value,
                term_months=12,
                started_on=NOON.date(),
                renews_on=None,
                status="active",
            )
        )
    assert SubscriptionProfile.objects.get().value_minor == 150_00
