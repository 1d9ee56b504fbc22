"""Deals and bank accounts as they come through the door: who is protected, and who would refer itself."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels import api
from channels.commissions.services import payees
from channels.contracts import DealFacts
from channels.journeys.models import AttributionRun, Credit, DealProtection, OrderRecord
from channels.journeys.services import attribution
from channels.journeys.services.deals import UnknownPartner
from tests.factories import channels as make
from tests.factories import payouts as pay
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy() -> None:
    make.policy()


def deal(partner: str = "alfa", **values: object) -> DealFacts:
    return replace(
        DealFacts(
            key="deal-1",
            partner_code=partner,
            company=make.company_facts(),
            protected_from=NOON - days(30),
            protected_until=NOON + days(60),
        ),
        **values,
    )


def attributed(**values: object) -> AttributionRun:
    """Record an order through the door and attribute it."""
    facts = make.placed(**values)
    api.record_order(facts)
    run = AttributionRun.objects.get(order__number=facts.number)
    attribution.attribute(run_id=run.pk, now=NOON + days(1))
    run.refresh_from_db()
    return run


def credited() -> list[tuple[object, ...]]:
    return list(Credit.objects.order_by("pk").values_list(
        "pool", "partner__code", "role", "share_bp", "is_held_for_review"
    ))  # fmt: skip


# --- deals ----------------------------------------------------------------------------------------------------------


def test_the_registrant_of_an_approved_deal_is_the_sourcer_of_a_direct_order() -> None:
    make.partner("alfa")
    other = make.partner("beta")
    make.company()
    make.touch(other, NOON - days(1))
    assert api.record_deal(deal()) is True

    run = attributed()

    assert run.step == "deal"
    assert credited() == [("referral", "alfa", "sourcer", 10_000, False)]
    line = run.explanation["lines"][0]
    assert line["why"]["text"] == "alfa held an approved deal registration on the day of the order."
    assert [skip["text"] for skip in line["skips"]] == [
        "beta touched the order, but a deal registration of alfa protects it."
    ]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"protected_from": NOON}, "deal"),
        ({"protected_from": NOON + timedelta(seconds=1)}, "none"),
        ({"protected_until": NOON}, "none"),
        ({"protected_until": NOON + timedelta(seconds=1)}, "deal"),
        ({"segment": "marine"}, "none"),
    ],
    ids=["begins now", "not begun", "expired", "last second", "another segment"],
)
def test_a_deal_protects_in_its_time_and_segment_alone(values: dict[str, object], step: str) -> None:
    make.partner("alfa", country="SE")
    api.record_deal(deal(**values))
    assert attributed().step == step
    assert credited() == ([("referral", "alfa", "sourcer", 10_000, False)] if step == "deal" else [])


def test_a_deal_of_another_company_protects_nothing() -> None:
    make.partner("alfa", country="SE")
    api.record_deal(deal(company=make.company_facts("bergen")))
    assert attributed().step == "none"
    assert credited() == []


def test_a_deal_through_another_reseller_credits_both() -> None:
    make.partner("alfa")
    api.record_deal(deal())
    attributed(through=make.partner("beta"))
    assert sorted(credited()) == [
        ("referral", "alfa", "sourcer", 10_000, False),
        ("resale", "beta", "reseller", 10_000, False),
    ]


def test_the_same_deal_again_changes_nothing_and_an_unknown_partner_is_refused() -> None:
    make.partner("alfa")
    make.partner("beta")
    api.record_deal(deal())
    assert api.record_deal(deal("beta")) is False
    assert DealProtection.objects.get().partner.code == "alfa"
    with pytest.raises(UnknownPartner):
        api.record_deal(deal("nobody", key="deal-2"))
    assert DealProtection.objects.count() == 1


# --- bank accounts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "is_held"),
    [(pay.IBAN, True), ("de89 3704 0044 0532 0130 00", True), (pay.OTHER_IBAN, False), ("", False)],
    ids=["the same", "written otherwise", "another", "not known"],
)
def test_a_partner_paid_on_the_buyers_account_is_held_for_review(account: str, is_held: bool) -> None:
    alfa = make.partner("alfa")
    make.company()
    make.touch(alfa, NOON - days(1))
    payees.enter(partner_id=alfa.pk, at=NOON - days(90), by=make.user(), rail="sepa", iban=pay.IBAN, holder="Alfa")

    run = attributed(company=make.company_facts(bank_account=account))

    assert credited() == [("referral", "alfa", "influencer", 10_000, is_held)]
    (share,) = run.explanation["lines"][0]["credits"]
    assert share["held_reason"] == ("same_bank_account" if is_held else "")


def test_of_the_account_only_the_partners_that_share_it_are_kept() -> None:
    alfa, beta = make.partner("alfa"), make.partner("beta")
    for partner, iban in ((alfa, pay.IBAN), (beta, pay.OTHER_IBAN)):
        pay.details(partner, iban=iban)
    order = make.order(company=make.company_facts(bank_account=pay.IBAN))

    kept = OrderRecord.objects.get(pk=order.pk).facts

    assert kept["account_holders"] == [alfa.pk]
    assert "bank_account" not in kept["company"]
    assert pay.IBAN not in json.dumps(kept)
