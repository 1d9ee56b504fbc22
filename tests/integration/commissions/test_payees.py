"""Payout details: entered, changed and held, taken back, and everybody told."""

from datetime import datetime

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from channels.audit.models import AuditEvent
from channels.commissions.models import PayoutDetails, PayoutDetailsCancellation
from channels.commissions.selectors.payees import partners_with_account, waits_until, whereabouts
from channels.commissions.services import payees, payouts
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from shop.payments.fake_stripe import accounts, faults
from shop.payments.models import FakeObject
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay

pytestmark = pytest.mark.django_db
ACCOUNT = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def nord() -> ChannelPartner:
    return make.partner("nord", email="office@nord.example.com")


def enter(partner: ChannelPartner, iban: str = ACCOUNT, at: datetime = pay.NOW, **values: str) -> PayoutDetails:
    given = {"rail": "sepa", "iban": iban, "holder": " Nord   AS "} | values
    return payees.enter(partner_id=partner.pk, at=at, by=make.user(first_name="Ida", last_name="Berg"), **given)


def test_the_first_details_are_in_force_at_once(nord: ChannelPartner) -> None:
    details = enter(nord)
    assert (details.account.iban, details.holder, details.valid_from) == (pay.IBAN, "Nord AS", pay.NOW)
    assert whereabouts(nord.pk, now=pay.NOW).payee.iban == pay.IBAN
    assert waits_until(nord.pk, now=pay.NOW) is None


def test_a_change_is_held_for_seven_days_and_payouts_wait(nord: ChannelPartner) -> None:
    money.programme()
    payout = pay.approved(nord)
    enter(nord, at=pay.MARCH)
    enter(nord, pay.OTHER_IBAN)
    found = whereabouts(nord.pk, now=pay.later(days=7, seconds=-1))
    assert (found.payee.iban, found.pending and found.pending.account.iban) == (pay.IBAN, pay.OTHER_IBAN)
    with pytest.raises(payouts.OnHold, match="2026-03-09"):
        payouts.send(payout_id=payout.pk, reference="x", at=pay.later(days=7, seconds=-1))
    assert payout.attempts.count() == 0
    assert money.accounts() == {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}

    assert whereabouts(nord.pk, now=pay.later(days=7)).payee.iban == pay.OTHER_IBAN
    payouts.record_payment(payout_id=payout.pk, reference="x", at=pay.later(days=7))
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}


def test_twin_without_a_hold_the_money_follows_at_once(nord: ChannelPartner, settings: object) -> None:
    settings.PAYOUT_DETAILS_HOLD_DAYS = 0
    enter(nord, at=pay.MARCH)
    enter(nord, pay.OTHER_IBAN)
    assert whereabouts(nord.pk, now=pay.NOW).payee.iban == pay.OTHER_IBAN


def test_owners_and_finance_and_the_old_address_are_told_and_sales_is_not(
    nord: ChannelPartner, django_capture_on_commit_callbacks: object
) -> None:
    for role in ("owner", "finance", "sales"):
        make.member(nord, role, email=f"{role}@nord.example.com")
    enter(nord, at=pay.MARCH)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        enter(nord, pay.OTHER_IBAN)
    notice = Notice.objects.order_by("-pk")[0]
    assert (notice.kind, notice.audience) == ("payout_details.entered", "finance")
    assert notice.params == {"who": "Ida Berg", "account": "NL•• •••• 4300", "day": "2026-03-09"}
    warned = [message for message in mail.outbox if message.to == ["office@nord.example.com"]]
    assert len(warned) == 1
    assert "NL•• •••• 4300" in warned[0].body
    assert "2026-03-09" in warned[0].body
    assert not any("sales@nord.example.com" in message.to for message in mail.outbox)
    told = [*[message.body for message in mail.outbox], notice.body, *notice.params.values()]
    assert not any(pay.OTHER_IBAN in text for text in told)


def test_the_audit_trail_says_who_and_shows_no_whole_account(nord: ChannelPartner) -> None:
    details = enter(nord)
    event = AuditEvent.objects.get(verb="payout_details.entered")
    assert event.data == {
        "rail": "sepa", "iban": "DE•• •••• 3000", "valid_from": pay.NOW.isoformat(), "details": details.pk,
    }  # fmt: skip
    assert event.actor_id == details.entered_by_id


def test_a_change_is_taken_back_before_it_is_in_force_and_not_after(nord: ChannelPartner) -> None:
    enter(nord, at=pay.MARCH)
    change = enter(nord, pay.OTHER_IBAN)
    payees.cancel(details_id=change.pk, at=pay.later(days=1), by=None)
    assert waits_until(nord.pk, now=pay.later(days=1)) is None
    assert whereabouts(nord.pk, now=pay.later(days=30)).payee.iban == pay.IBAN
    with pytest.raises(payees.NotPending):
        payees.cancel(details_id=change.pk, at=pay.later(days=1), by=None)
    second = enter(nord, pay.OTHER_IBAN, at=pay.later(days=2))
    with pytest.raises(payees.NotPending):
        payees.cancel(details_id=second.pk, at=pay.later(days=9), by=None)
    assert PayoutDetailsCancellation.objects.count() == 1


def test_a_second_change_replaces_the_first_and_waits_anew(nord: ChannelPartner) -> None:
    enter(nord, at=pay.MARCH)
    first = enter(nord, pay.OTHER_IBAN)
    second = enter(nord, "NO93 8601 1117 947", at=pay.later(days=3))
    assert PayoutDetailsCancellation.objects.get().details == first
    assert waits_until(nord.pk, now=pay.later(days=3)) == pay.later(days=10)
    assert whereabouts(nord.pk, now=pay.later(days=10)).current == second


def test_the_same_details_again_change_nothing(nord: ChannelPartner) -> None:
    assert enter(nord) == enter(nord, at=pay.later(days=1))
    assert PayoutDetails.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"iban": "DE89370400440532013001"}, "iban"),
        ({"iban": "12345"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"iban": ACCOUNT, "holder": " "}, "holder"),
    ],
)
def test_what_cannot_be_an_account_is_refused(nord: ChannelPartner, values: dict[str, str], field: str) -> None:
    with pytest.raises(payees.InvalidDetails) as refusal:
        enter(nord, **values)
    assert refusal.value.field == field
    assert PayoutDetails.objects.count() == 0


def test_details_are_never_edited(nord: ChannelPartner) -> None:
    details = enter(nord)
    with pytest.raises(DatabaseError), transaction.atomic():
        PayoutDetails.objects.filter(pk=details.pk).update(account=payees.account_of(pay.OTHER_IBAN))
    details.refresh_from_db()
    assert details.account.iban == pay.IBAN


def test_who_ever_had_an_account_is_found_by_it(nord: ChannelPartner) -> None:
    enter(nord, at=pay.MARCH)
    enter(nord, pay.OTHER_IBAN)
    assert partners_with_account(ACCOUNT) == {nord.pk}
    assert partners_with_account("nl91 abna 0417 1643 00") == {nord.pk}
    assert partners_with_account("NO9386011117947") == set()
    assert partners_with_account("") == set()


# --- Stripe ---------------------------------------------------------------------------------------------------------


def onboard(partner: ChannelPartner) -> str:
    return payees.onboarding(
        partner_id=partner.pk, return_url="https://shop.example.com/back", refresh_url="https://shop.example.com/again",
        at=pay.NOW,
    )  # fmt: skip


def test_an_account_is_opened_once_even_when_its_answer_is_lost(nord: ChannelPartner) -> None:
    faults.plan(faults.LOST_ANSWER, "POST", "/v1/accounts")
    with pytest.raises(payees.stripe_connect.Undecided):
        onboard(nord)
    address = onboard(nord)
    assert address.startswith("https://shop.example.com/fake-stripe/onboarding/alnk_")
    account = FakeObject.objects.get(kind="account")
    nord.stripe_account.refresh_from_db()
    assert nord.stripe_account.account_id == account.pk
    assert not nord.stripe_account.is_ready
    assert nord.stripe_account.requirements == accounts.ASKED


def test_what_stripe_says_of_the_account_is_kept(nord: ChannelPartner) -> None:
    onboard(nord)
    account_id = nord.stripe_account.account_id
    for outcome, ready, due, reason in (
        ("missing", False, ["external_account"], "requirements.past_due"),
        ("complete", True, [], ""),
        ("rejected", False, [], "rejected.other"),
    ):
        accounts.tell(account_id, outcome)
        row = payees.refresh(partner_id=nord.pk, at=pay.NOW)
        assert row is not None
        assert (row.is_ready, row.requirements, row.disabled_reason) == (ready, due, reason)
    verbs = AuditEvent.objects.filter(verb__startswith="stripe_account").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["stripe_account.ready", "stripe_account.not_ready"]
    assert payees.refresh(partner_id=make.partner("syd").pk, at=pay.NOW) is None
