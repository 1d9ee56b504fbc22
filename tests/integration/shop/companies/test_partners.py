"""The partner of record that a company changes itself, and what it lets each partner know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from channels import api
from channels.contracts import Channel
from channels.journeys.models import PartnerChange, Relationship, Sharing
from channels.notices.models import Notice
from channels.portal.disclosure import disclosure_for
from shop import facts
from tests.factories import channels as make
from tests.factories import shop

pytestmark = pytest.mark.django_db
NOW = shop.NOW
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def admin() -> Any:
    """An administrator of a company that Nord stands for; Vest is another partner."""
    person = shop.buyer(shop.company(name="Vik Foods"), role="admin")
    for code in ("nord", "vest"):
        make.partner(code, name=f"{code.title()} Networks", territories=["NO"])
    api.record_company(facts.company(person.company))
    api.set_renewal_steward(
        company_key=str(person.company.key), partner_code="nord", valid_from=NOW - 9 * DAY, at=NOW - 9 * DAY,
        source="desk",
    )  # fmt: skip
    return person


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(admin: Any, on: datetime, partner: str = "vest") -> int:
    data = {"partner": partner, "effective_on": on.date().isoformat()}
    return browser(admin).post(reverse("customer:company-partners"), data).status_code


def of_record(admin: Any, at: datetime) -> str:
    found = api.partner_of_record(company_key=str(admin.company.key), at=at)
    return found.code if found else ""


def seller_of(code: str) -> Any:
    from channels.partners.models import ChannelPartner

    return make.member(ChannelPartner.objects.get(code=code), "sales").user


def answer(user: Any, word: str) -> int:
    path = reverse("portal:partner-change", args=[PartnerChange.objects.latest("pk").pk])
    return browser(user).post(path, {word: "1"}).status_code


def test_nothing_changes_until_the_new_partner_accepts(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    later, vest = NOW + 10 * DAY, seller_of("vest")
    order = shop.place(admin, (shop.product(), 1))
    assert ask(admin, later) == 302
    assert (of_record(admin, NOW), of_record(admin, later + DAY)) == ("nord", "nord")
    assert Notice.objects.get(kind="partner_change.asked").partner.code == "vest"
    assert "Vik Foods" in browser(vest).get(reverse("portal:partner-changes")).content.decode()
    assert answer(seller_of("nord"), "accept") == 404

    with django_capture_on_commit_callbacks(execute=True):
        assert answer(vest, "accept") == 302

    begins = datetime(later.year, later.month, later.day, tzinfo=UTC)
    assert (of_record(admin, begins - timedelta(seconds=1)), of_record(admin, begins)) == ("nord", "vest")
    assert Notice.objects.get(kind="partner_change.passed-on").partner.code == "nord"
    assert [(m.to, m.subject) for m in mail.outbox if m.to == [admin.email]] == [
        ([admin.email], "Vest Networks is your partner of record")
    ]
    assert list(Relationship.objects.order_by("pk").values_list("partner__code", "valid_from")) == [
        ("nord", NOW - 9 * DAY), ("vest", begins),
    ]  # fmt: skip
    assert api.order_channel(number=order.number).partner is None
    assert answer(vest, "accept") == 404


def test_a_partner_may_decline_and_the_company_withdraw(admin: Any, django_capture_on_commit_callbacks: Any) -> None:
    vest = seller_of("vest")
    ask(admin, NOW)
    with django_capture_on_commit_callbacks(execute=True):
        answer(vest, "decline")
    assert mail.outbox[-1].subject == "Vest Networks cannot be your partner of record"
    ask(admin, NOW)
    ask(admin, NOW + DAY)
    states = PartnerChange.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["declined", "withdrawn", "asked"]
    browser(admin).post(reverse("customer:company-partners"), {"withdraw": "1"})
    assert answer(vest, "accept") == 404
    assert (of_record(admin, NOW + 30 * DAY), Relationship.objects.count()) == ("nord", 1)


def test_the_past_and_the_partner_of_record_cannot_be_chosen(admin: Any) -> None:
    assert ask(admin, NOW - DAY) == 422
    assert ask(admin, NOW, partner="nord") == 422
    assert ask(admin, NOW, partner="nobody") == 422
    assert not PartnerChange.objects.exists()


def share(admin: Any, **data: str) -> int:
    return browser(admin).post(reverse("customer:company-sharing", args=["nord"]), data).status_code


def test_a_company_narrows_what_a_partner_sees_and_never_widens_it(admin: Any) -> None:
    profile = Relationship.objects.get().company
    partner = Relationship.objects.get().partner
    before = disclosure_for(partner, on=NOW.date())
    other = make.company("other", name="Nes Foods")
    assert (before.customer(profile), before.customer(other)) == ("Vik Foods", "Nes Foods")

    assert share(admin, level="0") == 302
    narrowed = disclosure_for(partner, on=NOW.date())
    assert (narrowed.customer(profile), narrowed.customer(other)) == ("", "Nes Foods")
    assert "Vik Foods" not in browser(make.member(partner).user).get(reverse("portal:customers")).content.decode()

    share(admin, level="2")
    assert disclosure_for(partner, on=NOW.date()).of(profile.pk).level == before.level
    assert Sharing.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Sharing.objects.update(level=2)


def test_sharing_is_for_the_companys_own_partners(admin: Any) -> None:
    path = reverse("customer:company-sharing", args=["vest"])
    assert browser(admin).post(path, {"level": "0"}).status_code == 404
    assert share(shop.buyer(admin.company), level="0") == 403
    assert share(shop.buyer(role="admin"), level="0") == 404
    assert not Sharing.objects.exists()


@pytest.mark.parametrize(("told", "expected"), [("on", 1), ("", 0)])
def test_a_reseller_hears_of_an_order_as_the_company_wants(admin: Any, told: str, expected: int) -> None:
    share(admin, level="2", **({"is_told": "on"} if told else {}))
    order = make.order("R-1", company=facts.company(admin.company), channel=Channel.RESELLER, chosen_partner="nord")
    assert api.tell_of_order(number=order.number, at=NOW) is bool(expected)
    api.tell_of_order(number=order.number, at=NOW)
    assert Notice.objects.filter(kind="order.placed").count() == expected
