"""Who gets in: the matrix, the partner's status, and the link in the header."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.commissions.models import DraftShare
from channels.commissions.services import disputes, programmes
from channels.journeys.models import PartnerChange, Relationship, SubscriptionProfile
from channels.partners.models import ChannelPartner, PartnerMember
from channels.portal import urls
from channels.portal.access import MATRIX, WRITES, Capability
from tests.factories import channels as make
from tests.factories import harmony, payouts
from tests.integration.portal import worlds
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db
Role = PartnerMember.Role

# Every address of the portal, with what it takes. `pk`, `order` and `statement` stand for the partner's own.
ADDRESSES: dict[str, tuple[Capability, tuple[str, ...]]] = {
    "dashboard": (Capability.DASHBOARD, ()),
    "orders": (Capability.ORDERS, ()),
    "orders-csv": (Capability.EXPORT, ()),
    "order": (Capability.ORDERS, ("order",)),
    "links": (Capability.LINKS, ()),
    "link-new": (Capability.MANAGE_LINKS, ()),
    "link": (Capability.LINKS, ("pk",)),
    "link-switch": (Capability.MANAGE_LINKS, ("pk",)),
    "link-qr": (Capability.LINKS, ("pk", "kind")),
    "customers": (Capability.CUSTOMERS, ()),
    "steward-accept": (Capability.STEWARD, ("steward",)),
    "partner-changes": (Capability.CUSTOMERS, ()),
    "partner-change": (Capability.STEWARD, ("wish",)),
    "renewals": (Capability.CUSTOMERS, ()),
    "renewal": (Capability.CUSTOMERS, ("renewal",)),
    "renewal-activity": (Capability.STEWARD, ("renewal",)),
    "statements": (Capability.STATEMENTS, ()),
    "statement": (Capability.STATEMENTS, ("statement",)),
    "statement-csv": (Capability.STATEMENTS, ("statement",)),
    "statement-pdf": (Capability.STATEMENTS, ("statement",)),
    "statement-json": (Capability.STATEMENTS, ("statement",)),
    "recompute-script": (Capability.STATEMENTS, ()),
    "guarantee": (Capability.BALANCES, ()),
    "certificate": (Capability.BALANCES, ("proof",)),
    "payout-settings": (Capability.PAYOUT_SETTINGS, ()),
    "payout-settings-cancel": (Capability.PAYOUT_SETTINGS, ("details",)),
    "stripe-onboarding": (Capability.PAYOUT_SETTINGS, ()),
    "stripe-refresh": (Capability.PAYOUT_SETTINGS, ()),
    "consultations": (Capability.CONSULTATIONS, ()),
    "consultation": (Capability.CONSULTATIONS, ("draft",)),
    "consultation-comment": (Capability.COMMENT, ("draft",)),
    "team": (Capability.TEAM, ()),
    "disputes": (Capability.DISPUTES, ()),
    "claim": (Capability.DISPUTES, ()),
    "dispute": (Capability.DISPUTES, ("dispute",)),
    "dispute-withdraw": (Capability.DISPUTES, ("dispute",)),
    "order-dispute": (Capability.DISPUTES, ("order",)),
    "notices": (Capability.NOTICES, ()),
    "notices-read": (Capability.NOTICES, ()),
}
POSTS = (
    "link-switch", "steward-accept", "partner-change", "notices-read", "dispute-withdraw", "payout-settings-cancel", "stripe-onboarding",
    "stripe-refresh", "consultation-comment", "renewal-activity",
)  # fmt: skip


def rich(code: str, *, at: datetime = NOON) -> tuple[ChannelPartner, dict[str, Any]]:
    """A partner that owns one of everything."""
    made = make.partner(code)
    link = make.code(made)
    order = worlds.sold(f"ORD-{code}", through=made, at=at)
    statement = worlds.stated_and_paid(made, at=at + days(70))
    steward = Relationship.objects.get_or_create(
        partner=made, role=Relationship.Role.RENEWAL_STEWARD,
        defaults={"company": make.company(f"{code}-steward"), "valid_from": at, "source": "desk", "recorded_at": at},
    )[0]  # fmt: skip
    worlds.subscription(f"{code}-contract", steward.company.key, worlds.TODAY.date() + days(60))
    renewal = SubscriptionProfile.objects.get(key=f"{code}-contract")
    dispute = disputes.dispute_credit(
        partner_id=made.pk, order_number=order.number, kind="amount", reason="x", at=at + days(71), by=None
    )
    draft = programmes.create_draft(programme=code, terms=worlds.terms(), at=at)
    DraftShare.objects.create(version=draft, partner=made, shared_at=at)
    wish = PartnerChange.objects.create(
        company=make.company(f"{code}-wish"), partner=made, effective_on=at.date(), asked_at=at
    )
    return made, {
        "dispute": dispute.number, "proof": harmony.proof(order, made).pk, "details": payouts.details(made).pk,
        "pk": link.pk, "kind": "svg", "order": order.number, "statement": statement.number, "steward": steward.pk,
        "draft": draft.pk, "wish": wish.pk, "renewal": renewal.pk,
    }  # fmt: skip


def answer(client: Client, name: str, own: dict[str, Any]) -> int:
    address = reverse(f"portal:{name}", args=[own[key] for key in ADDRESSES[name][1]])
    send = client.post if name in POSTS else client.get
    return int(send(address).status_code)


def test_every_address_is_listed_and_names_a_capability() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(ADDRESSES)
    for pattern in urls.urlpatterns:
        assert pattern.callback.view_class.capability == ADDRESSES[pattern.name][0], pattern.name


def test_the_matrix_names_every_capability_and_only_roles_there_are() -> None:
    assert set(MATRIX) == set(Capability)
    assert frozenset().union(*MATRIX.values()) == set(Role)
    assert {capability: sorted(roles) for capability, roles in MATRIX.items()} == {
        "dashboard": ["finance", "owner", "sales"],
        "orders": ["finance", "owner", "sales"],
        "export": ["finance", "owner"],
        "balances": ["finance", "owner"],
        "statements": ["finance", "owner"],
        "links": ["owner", "sales"],
        "manage_links": ["owner", "sales"],
        "customers": ["owner", "sales"],
        "steward": ["owner", "sales"],
        "team": ["owner"],
        "disputes": ["finance", "owner"],
        "payout_settings": ["finance", "owner"],
        "consultations": ["finance", "owner"],
        "comment": ["finance", "owner"],
        "notices": ["finance", "owner", "sales"],
    }


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_what_the_matrix_says(role: str) -> None:
    worlds.rules_of_play()
    partner, own = rich("anna")
    client = browser(partner, role)

    for name, (capability, _) in ADDRESSES.items():
        expected = 403 if role not in MATRIX[capability] else 302 if name in POSTS else 200
        assert answer(client, name, own) == expected, name


@pytest.mark.parametrize("role", Role.values)
def test_a_suspended_partner_reads_and_writes_nothing(role: str) -> None:
    worlds.rules_of_play()
    partner, own = rich("anna")
    ChannelPartner.objects.update(status="suspended")
    client = browser(partner, role)

    for name, (capability, _) in ADDRESSES.items():
        allowed = role in MATRIX[capability] and capability not in WRITES
        assert answer(client, name, own) == ((302 if name in POSTS else 200) if allowed else 403), name
    assert "Your partnership is suspended" in client.get(reverse("portal:dashboard")).content.decode()
    assert partner.codes.get().is_active


@pytest.mark.parametrize("status", ["applied", "in_review", "info_requested", "terminated", "rejected"])
def test_other_partners_have_no_portal(status: str) -> None:
    worlds.rules_of_play()
    partner, own = rich("anna")
    ChannelPartner.objects.update(status=status)
    client = browser(partner)

    assert {answer(client, name, own) for name in ADDRESSES} == {404}


def test_staff_buyers_and_former_members_have_no_portal() -> None:
    worlds.rules_of_play()
    partner, own = rich("anna")
    former = make.member(partner)
    PartnerMember.objects.filter(pk=former.pk).update(is_active=False)
    staff = make.user(is_staff=True, is_superuser=True)

    for user in (staff, make.user(), former.user):
        client = Client()
        client.force_login(user)
        assert {answer(client, name, own) for name in ADDRESSES} == {404}


def test_visitors_are_sent_to_the_login_and_back() -> None:
    worlds.rules_of_play()
    _, own = rich("anna")
    client = Client()

    assert {answer(client, name, own) for name in ADDRESSES} == {302}
    response = client.get(reverse("portal:orders"), {"type": "RESALE"})
    assert response["Location"] == "/accounts/login/?next=/portal/orders/%3Ftype%3DRESALE"
    boosted = client.get(reverse("portal:orders"), headers={"HX-Request": "true"})
    assert boosted["HX-Redirect"] == "/accounts/login/?next=/portal/orders/"


def test_what_belongs_to_another_partner_is_not_found() -> None:
    worlds.rules_of_play()
    anna, _ = rich("anna")
    _, of_berta = rich("berta", at=NOON + days(75))
    client = browser(anna)

    named = [name for name, (_, keys) in ADDRESSES.items() if keys]
    assert {name: answer(client, name, of_berta) for name in named} == dict.fromkeys(named, 404)


def test_pages_are_not_kept_by_the_browser() -> None:
    client = browser(make.partner("anna"))
    assert "no-store" in client.get(reverse("portal:dashboard"))["Cache-Control"]
    assert "private" in client.get(reverse("portal:dashboard"))["Cache-Control"]


# --- the link in the header -----------------------------------------------------------------------------------------


MENU_ITEM = '<a class="menu-item" href="/portal/">'


def shown(client: Client) -> tuple[bool, list[str]]:
    """Whether an ordinary page shows the way to the portal, and the queries about members that it took."""
    with CaptureQueriesContext(connection) as captured:
        body = client.get(reverse("partner_directory")).content.decode()
    return MENU_ITEM in body, [query["sql"] for query in captured if "partnermember" in query["sql"].lower()]


def test_the_header_shows_the_way_without_asking_the_database() -> None:
    anonymous, member, buyer = Client(), Client(), Client()
    member.force_login(make.member(make.partner("anna")).user)
    buyer.force_login(make.user())

    assert shown(anonymous) == (False, [])
    assert shown(member) == (True, [])
    assert shown(buyer) == (False, [])


def test_what_is_remembered_grows_old() -> None:
    user = make.user()
    client = Client()
    client.force_login(user)
    PartnerMember.objects.create(partner=make.partner("anna"), user=user, role="sales", joined_at=NOON)
    assert shown(client) == (False, [])

    with time_machine.travel(worlds.TODAY + timedelta(minutes=16), tick=False):
        is_shown, queries = shown(client)
        assert (is_shown, len(queries)) == (True, 1)
        assert shown(client) == (True, [])


def test_a_change_of_membership_reaches_the_header_with_a_visit() -> None:
    user = make.user()
    client = Client()
    client.force_login(user)
    assert shown(client) == (False, [])

    joined = PartnerMember.objects.create(partner=make.partner("anna"), user=user, role="sales", joined_at=NOON)
    client.get(reverse("portal:dashboard"))
    assert shown(client) == (True, [])

    PartnerMember.objects.filter(pk=joined.pk).update(is_active=False)
    assert client.get(reverse("portal:dashboard")).status_code == 404
    assert shown(client) == (False, [])


def test_another_user_of_the_same_browser_is_asked_for_anew() -> None:
    client = Client()
    client.force_login(make.member(make.partner("anna")).user)
    assert shown(client) == (True, [])
    client.force_login(make.user())
    assert shown(client) == (False, [])
