"""The page on which a partner says where its money goes."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels.commissions.models import PayoutDetails, PayoutDetailsCancellation, StripeAccount
from channels.partners.models import ChannelPartner
from shop.payments.models import FakeObject
from tests.factories import channels as make
from tests.factories import payouts as pay
from tests.integration.portal.worlds import TODAY, days

pytestmark = pytest.mark.django_db
PAGE = "/portal/payout-settings/"


@pytest.fixture
def nord() -> ChannelPartner:
    return make.partner("nord")


def browser(partner: ChannelPartner, role: str = "finance") -> Client:
    client = Client()
    client.force_login(make.member(partner, role).user, "shop.forks.customer.auth_backends.EmailBackend")
    return client


def typed(**values: str) -> dict[str, str]:
    return {"rail": "sepa", "iban": pay.IBAN, "holder": "Nord AS", "password": "correct-horse-9", **values}


def text(page: Any) -> str:
    return page.content.decode()


def test_details_are_entered_with_the_password_and_shown_masked(nord: ChannelPartner) -> None:
    client = browser(nord)
    assert client.post(PAGE, typed()).status_code == 302
    details = PayoutDetails.objects.get()
    assert (details.partner, details.account.iban, details.rail) == (nord, pay.IBAN, "sepa")
    page = text(client.get(PAGE))
    assert "DE•• •••• 3000" in page
    assert pay.IBAN not in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"password": "wrong"}, "This is not your password."),
        ({"password": ""}, "This field is required."),
        ({"iban": "DE00"}, "This is not a valid IBAN."),
        ({"rail": "cash"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(nord: ChannelPartner, values: dict[str, str], said: str) -> None:
    answer = browser(nord).post(PAGE, typed(**values))
    assert answer.status_code == 422
    assert said in text(answer)
    assert "correct-horse-9" not in text(answer)
    assert PayoutDetails.objects.count() == 0


def test_a_change_waits_and_is_taken_back_by_a_colleague(nord: ChannelPartner) -> None:
    pay.details(nord)
    client = browser(nord)
    client.post(PAGE, typed(iban=pay.OTHER_IBAN))
    page = text(client.get(PAGE))
    assert "A change is waiting" in page
    assert "Nothing is paid out until 22 Jun 2026." in page
    change = PayoutDetails.objects.get(account__last_four="4300")
    assert change.valid_from == TODAY + days(7)

    colleague = browser(nord, "owner")
    assert colleague.post(f"{PAGE}{change.pk}/cancel/").status_code == 302
    assert PayoutDetailsCancellation.objects.get().details == change
    assert "A change is waiting" not in text(colleague.get(PAGE))


def test_the_page_may_send_its_form_on_to_stripe(nord: ChannelPartner) -> None:
    policy = browser(nord).get(PAGE).headers["Content-Security-Policy"]
    assert "form-action 'self' https://connect.stripe.com" in policy


def test_sales_neither_sees_nor_changes_it(nord: ChannelPartner) -> None:
    details = pay.details(nord, entered_at=TODAY, valid_from=TODAY + days(7))
    client = browser(nord, "sales")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, typed()).status_code == 403
    assert client.post(f"{PAGE}{details.pk}/cancel/").status_code == 403
    assert client.post(f"{PAGE}stripe/").status_code == 403
    assert PayoutDetails.objects.count() == 1
    assert PayoutDetailsCancellation.objects.count() == 0
    assert StripeAccount.objects.count() == 0


def test_another_partners_change_is_not_found(nord: ChannelPartner) -> None:
    theirs = pay.details(make.partner("syd"), holder="Syd Canary", entered_at=TODAY, valid_from=TODAY + days(7))
    client = browser(nord)
    assert client.post(f"{PAGE}{theirs.pk}/cancel/").status_code == 404
    assert "Syd Canary" not in text(client.get(PAGE))
    assert PayoutDetailsCancellation.objects.count() == 0


def test_an_account_is_connected_through_the_test_page(nord: ChannelPartner) -> None:
    client = browser(nord)
    leaves = client.post(f"{PAGE}stripe/")
    assert leaves.status_code == 302
    onboarding = leaves.headers["Location"].removeprefix("http://testserver")
    page = client.get(onboarding)
    assert "This is a test page" in text(page)
    assert FakeObject.objects.get(kind="account_link").data["is_used"] is False

    comes_back = client.post(onboarding, {"outcome": "complete"})
    assert comes_back.headers["Location"] == f"http://testserver{PAGE}?returned=1"
    returned = text(client.get(f"{PAGE}?returned=1"))
    assert 'hx-trigger="load"' in returned
    assert not StripeAccount.objects.get().is_ready  # looking changes nothing

    answer = client.post(f"{PAGE}stripe/refresh/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == PAGE
    assert StripeAccount.objects.get().is_ready
    assert "Your account is cleared" in text(client.get(PAGE))
    assert client.post(onboarding, {"outcome": "rejected"}).headers["Location"].endswith("?expired=1")
    assert client.get(reverse("fake_stripe_onboarding", args=["alnk_unknown"])).status_code == 404


def test_the_statement_says_why_nothing_is_paid(nord: ChannelPartner) -> None:
    from tests.factories import commissions as money

    money.programme()
    [statement] = pay.statements_of(nord)
    client = browser(nord)
    page = f"/portal/statements/{statement.number}/"
    assert "Nothing is paid out until" not in text(client.get(page))
    pay.details(nord, entered_at=TODAY, valid_from=TODAY + days(7))
    assert "Nothing is paid out until 22 Jun 2026." in text(client.get(page))
