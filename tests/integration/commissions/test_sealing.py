"""Account numbers are sealed in the database, and a new key replaces the old one with nothing lost."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection

from channels.audit.models import AuditEvent
from channels.commissions import sealing
from channels.commissions.models import BankAccount, PayoutAttempt, PayoutBatch, PayoutDetails
from channels.commissions.selectors.payees import partners_with_account, whereabouts
from channels.commissions.services import payees, payout_batches
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def nord(settings: Any) -> ChannelPartner:
    settings.BANK_ACCOUNT_KEYS = [OLD]
    money.programme()
    return make.partner("nord")


def sent(partner: ChannelPartner) -> PayoutBatch:
    """A SEPA batch of one payout to an account that was entered: every place that holds a whole number."""
    payees.enter(partner_id=partner.pk, rail="sepa", iban=pay.IBAN, holder="Nord AS", at=pay.MARCH, by=None)
    payout = pay.approved(partner)
    batch = payout_batches.create(payout_ids=[payout.pk], rail="sepa", at=pay.NOW, by=make.user())
    return payout_batches.run(batch_id=batch.pk, now=pay.NOW)


def stored() -> list[str]:
    """Every text of every table of channels, as the database holds it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("channels_"):
                cursor.execute(f'SELECT * FROM "{table}"')
                found += [str(value) for row in cursor.fetchall() for value in row]
    return found


def test_no_table_holds_a_whole_number(nord: ChannelPartner) -> None:
    batch = sent(nord)
    assert batch.file.count(pay.IBAN) == 1
    assert [text for text in stored() if pay.IBAN in text] == []
    entered = AuditEvent.objects.get(verb="payout_details.entered")
    assert entered.data["iban"] == "DE•• •••• 3000"


def test_without_the_key_it_is_refused_and_not_garbled(nord: ChannelPartner, settings: Any) -> None:
    sent(nord)
    settings.BANK_ACCOUNT_KEYS = [NEW]
    with pytest.raises(sealing.Unreadable):
        BankAccount.objects.get()
    assert partners_with_account(pay.IBAN) == set()


def test_one_account_is_kept_once_whoever_enters_it(nord: ChannelPartner) -> None:
    syd = make.partner("syd")
    for partner in (nord, syd):
        payees.enter(partner_id=partner.pk, rail="sepa", iban=pay.IBAN, holder="Nord AS", at=pay.NOW, by=None)
    assert BankAccount.objects.count() == 1
    assert partners_with_account(pay.IBAN) == {nord.pk, syd.pk}


def test_a_fingerprint_needs_the_key(nord: ChannelPartner, settings: Any) -> None:
    [before] = sealing.fingerprints(pay.IBAN)
    settings.BANK_ACCOUNT_KEYS = [NEW, OLD]
    assert sealing.fingerprints(pay.IBAN)[1] == before
    assert sealing.fingerprints(pay.IBAN)[0] != before


def test_a_sealed_value_cannot_be_looked_up() -> None:
    with pytest.raises(FieldError):
        BankAccount.objects.filter(iban=pay.IBAN).exists()


def test_a_new_key_takes_over_and_the_old_one_goes(nord: ChannelPartner, settings: Any) -> None:
    batch = sent(nord)
    kept = (BankAccount.objects.get().iban, PayoutAttempt.objects.get().destination, batch.file)
    settings.BANK_ACCOUNT_KEYS = [NEW, OLD]
    assert partners_with_account(pay.IBAN) == {nord.pk}
    again = payees.enter(partner_id=nord.pk, rail="sepa", iban=pay.IBAN, holder="Nord AS", at=pay.NOW, by=None)
    assert PayoutDetails.objects.get() == again  # the same account, whichever key knows it

    out = StringIO()
    call_command("reseal_accounts", stdout=out)
    assert out.getvalue() == "sealed anew: 3\n"

    settings.BANK_ACCOUNT_KEYS = [NEW]
    batch.refresh_from_db()
    assert (BankAccount.objects.get().iban, PayoutAttempt.objects.get().destination, batch.file) == kept
    assert partners_with_account(pay.IBAN) == {nord.pk}
    assert whereabouts(nord.pk, now=pay.NOW).payee.iban == pay.IBAN


def test_resealing_says_which_setting_lacks_a_key(nord: ChannelPartner, settings: Any) -> None:
    sent(nord)
    settings.BANK_ACCOUNT_KEYS = [NEW]
    with pytest.raises(CommandError, match="BANK_ACCOUNT_KEYS"):
        call_command("reseal_accounts")
    settings.BANK_ACCOUNT_KEYS = [OLD]
    assert BankAccount.objects.get().iban == pay.IBAN
