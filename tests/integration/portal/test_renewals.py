"""Help renew: whose renewals are shown, what is noted about them, what counts as evidence, what is forecast."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from channels.commissions.selectors.renewal_forecast import by_month, expected_renewals
from channels.contracts import Medium
from channels.core.periods import add_months
from channels.journeys.models import RenewalActivity, SubscriptionProfile, Touchpoint
from channels.journeys.services import relationships, sharing
from channels.journeys.services.renewals import tell_of_renewal
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import page, portal_queries
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

LIST_QUERIES = 18


def contract(
    key: str, renews_on: date, *, company: str = "fjord", bought: bool = True, **values
) -> SubscriptionProfile:
    """A subscription that was bought a term before, for what it renews for."""
    if bought:
        line = make.line(
            f"ORD-{key}/1", values.get("value_minor", 4800_00), subscription_key=key,
            term_months=values.get("term_months", 12), product_class="software",
        )  # fmt: skip
        make.order(f"ORD-{key}", company=make.company_facts(company), lines=(line,), placed_at=NOON - days(200))
        worlds.run_due(now=NOON - days(199))
    worlds.subscription(key, company, renews_on, **values)
    return SubscriptionProfile.objects.get(key=key)


def steward(partner: ChannelPartner, company: str = "fjord") -> None:
    make.company(company)
    relationships.set_renewal_steward(
        company_key=company, partner_code=partner.code, valid_from=NOON, at=NOON, source="desk"
    )


def world(level: int = 2) -> tuple[ChannelPartner, Client]:
    worlds.rules_of_play()
    anna = make.partner("anna")
    worlds.level(anna, level)
    steward(anna)
    return anna, browser(anna)


def note(client: Client, subscription: SubscriptionProfile, **values: str) -> int:
    data = {"kind": "call", "on": TODAY.date().isoformat(), "token": str(uuid4()), **values}
    return client.post(reverse("portal:renewal-activity", args=[subscription.pk]), data).status_code


def test_the_pipeline_shows_what_renews_in_120_days_and_what_is_past_due() -> None:
    _anna, client = world()
    contract("s1", date(2026, 9, 1), title="Watch Pro")
    contract("s2", date(2026, 6, 1), title="Overdue", status="past_due")
    contract("s3", date(2026, 10, 13), title="Too far")
    contract("s4", date(2026, 7, 1), title="Ended", status="cancelled")
    contract("s5", date(2026, 7, 1), title="Not hers", company="brewery")
    table = page(client, "renewals").partition("The next twelve months")[0]
    assert "Fjord Overdue 1 Jun 2026 past due nothing yet – €4,800.00 €288.00" in table
    assert "Fjord Watch Pro 1 Sep 2026 nothing yet – €4,800.00 €288.00" in table
    assert not {title for title in ("Too far", "Ended", "Not hers") if title in table}


def test_a_call_is_noted_once_and_counts_as_evidence() -> None:
    anna, client = world()
    subscription = contract("s1", date(2026, 9, 1))
    token = str(uuid4())
    values = {"note": "Wants two more", "next_step": "Send the offer", "next_on": "2026-06-20", "token": token}
    assert [note(client, subscription, **values) for _ in range(2)] == [302, 302]
    assert note(client, subscription, kind="mail", note="Sent the offer") == 302
    assert note(client, subscription, kind="meeting") == 302  # of the same day: one touch

    touch = Touchpoint.objects.get(medium=Medium.PARTNER_PORTAL)
    assert (touch.partner, touch.kind, touch.company.key) == (anna, "call", "fjord")
    assert touch.evidence == {"subscription": "s1", "renews_on": "2026-09-01"}
    kinds = list(RenewalActivity.objects.order_by("pk").values_list("kind", "touchpoint"))
    assert kinds == [("call", touch.pk), ("mail", None), ("meeting", None)]
    text = page(client, "renewal", subscription.pk)
    assert "Wants two more" in text
    assert "Next: Send the offer, 20 Jun 2026" in text


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"on": "2026-06-16"}, "Note what was done when it is done"),
        ({"on": "2026-05-15"}, "too long ago"),
        ({"kind": "dance"}, "Say what you did, and on which day."),
    ],
)
def test_what_was_not_done_is_no_evidence(values: dict[str, str], refusal: str) -> None:
    _anna, client = world()
    subscription = contract("s1", date(2026, 9, 1))
    assert note(client, subscription, **values) == 302
    assert refusal in client.get(reverse("portal:renewal", args=[subscription.pk])).content.decode()
    assert not RenewalActivity.objects.exists()
    assert not Touchpoint.objects.exists()


def test_a_company_that_shows_nothing_by_name_is_not_there() -> None:
    anna, client = world()
    subscription = contract("s1", date(2026, 9, 1))
    sharing.set_sharing(
        company_key="fjord", partner_code="anna", level=0, is_told=True, may_order=False, at=NOON, actor=None
    )
    assert "Nothing renews soon" in page(client, "renewals")
    assert note(client, subscription) == 404
    assert not RenewalActivity.objects.exists()
    assert tell_of_renewal(subscription_key="s1", days=90, at=TODAY) is True
    assert Notice.objects.get().params["company"] == "–"
    sharing.set_sharing(
        company_key="fjord", partner_code="anna", level=2, is_told=False, may_order=False, at=NOON, actor=None
    )
    assert tell_of_renewal(subscription_key="s1", days=60, at=TODAY) is False
    assert Notice.objects.filter(partner=anna).count() == 1


def test_quotas_and_transactions_hide_what_they_do_not_share() -> None:
    _anna, client = world(0)
    contract("s1", date(2026, 9, 1), title="Secret contract")
    assert "1 renewal in the next 120 days" in page(client, "renewals")
    assert "Fjord" not in page(client, "renewals")
    worlds.level(ChannelPartner.objects.get(), 1)
    text = page(client, "renewals")
    assert "Fjord 1 Sep 2026" in text
    assert not {word for word in ("Secret contract", "4,800.00", "288.00") if word in text}


def test_the_forecast_is_what_the_renewals_then_earn() -> None:
    """Months, values and commissions against sums made by hand, with a new rate from September on."""
    anna, _client = world()
    later = worlds.programmes.create_draft(programme="channel", terms=worlds.terms(RENEWAL=900), at=TODAY)
    from tests.factories import commissions as money

    money.published(later, at=TODAY, effective_from=make.NOON.replace(month=9, day=1, hour=0))
    contract("monthly", date(2026, 6, 30), term_months=0, value_minor=100_01)
    contract("yearly", date(2026, 8, 15), value_minor=4800_00)
    contract("overdue", date(2026, 5, 20), value_minor=10_00, status="past_due")
    contract("foreign", date(2026, 11, 1), company="brewery", value_minor=99_00)
    contract("never bought", date(2026, 12, 1), bought=False, value_minor=7_00)

    expected = expected_renewals(now=TODAY, months=12, partner=anna)

    oracle: dict[str, tuple[int, int, int]] = {}
    rows = [(add_months(date(2026, 6, 30), step), 100_01) for step in range(12)]
    rows += [(date(2026, 8, 15), 4800_00), (date(2026, 6, 1), 10_00), (date(2027, 5, 20), 10_00)]
    for on, value in rows:
        rate = 900 if on >= date(2026, 9, 1) else 600
        count, net, earned = oracle.get(f"{on:%Y-%m}", (0, 0, 0))
        oracle[f"{on:%Y-%m}"] = (count + 1, net + value, earned + (value * rate + 5_000) // 10_000)
    count, net, earned = oracle["2026-12"]
    oracle["2026-12"] = (count + 1, net + 7_00, earned)
    found = {
        f"{row.month:%Y-%m}": (row.renewals, row.value_minor, row.commission_minor)
        for row in by_month(expected, at=TODAY)
    }
    assert found == oracle
    everybody = by_month(expected_renewals(now=TODAY, months=12), at=TODAY)
    assert sum(row.value_minor for row in everybody) == sum(net for _, net, _ in oracle.values()) + 99_00
    assert sum(row.commission_minor for row in everybody) == sum(earned for *_, earned in oracle.values())


def test_a_forecast_renewal_that_is_placed_earns_what_was_forecast() -> None:
    anna, _client = world()
    contract("s1", date(2026, 9, 1), value_minor=1234_56)
    (expected,) = expected_renewals(now=TODAY, months=12, partner=anna)
    on = make.NOON.replace(month=9, day=1)
    order = worlds.make.order(
        "ORD-renewal", company=make.company_facts("fjord"), cycle=1, placed_at=on,
        lines=(make.line("ORD-renewal/1", 1234_56, subscription_key="s1", term_months=12, product_class="software"),),
    )  # fmt: skip
    worlds.run_due(now=on + days(1))
    worlds.paid(order, on + days(2))
    from channels.commissions.models import Accrual

    assert expected.commission_minor == Accrual.objects.get(partner=anna).amount_minor == 74_07


def test_the_query_count_does_not_grow() -> None:
    anna, client = world()
    contract("s1", date(2026, 9, 1))
    assert len(portal_queries(client, "renewals")) == LIST_QUERIES
    for key in ("brewery", "dairy"):
        steward(anna, key)
        contract(key, date(2026, 8, 1), company=key)
    assert len(portal_queries(client, "renewals")) == LIST_QUERIES
