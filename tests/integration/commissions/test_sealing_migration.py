"""Rows from before account numbers were sealed are kept, sealed, and as guarded as they were."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own, for it needs a database that stands where the one of an older store stands.
STORY = """
import django
django.setup()
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from channels.commissions.models import BankAccount, PayoutAttempt, PayoutBatch, PayoutDetails

APP, IBAN, now = "channels_commissions", "DE89370400440532013000", timezone.now()
call_command("migrate", APP, "0006", verbosity=0)
old = MigrationExecutor(connection).loader.project_state([(APP, "0006_disputes")]).apps.get_model
partners = [old("channels_partners", "ChannelPartner").objects.create(code=code, joined_at=now) for code in ("a", "b", "c")]
for partner, iban in zip(partners, (IBAN, IBAN, "")):
    old(APP, "PayoutDetails").objects.create(
        partner_id=partner.pk, rail="sepa", iban=iban, holder="Nord", entered_at=now, valid_from=now
    )
amounts = dict.fromkeys(("opening_minor", "movement_minor", "closing_minor", "payable_minor", "chain_sequence"), 1)
statement = old(APP, "Statement").objects.create(
    partner=partners[0], currency="EUR", period_start=now, period_end=now, closed_at=now, **amounts
)
payout = old(APP, "Payout").objects.create(statement=statement, amount_minor=1, currency="EUR", created_at=now)
batch = old(APP, "PayoutBatch").objects.create(rail="sepa", created_at=now, file=f"<IBAN>{IBAN}</IBAN>", file_at=now)
old(APP, "PayoutAttempt").objects.create(payout=payout, rail="sepa", amount_minor=1, destination=IBAN, at=now)

call_command("migrate", APP, verbosity=0)
with connection.cursor() as cursor:
    for table in ("bankaccount", "payoutdetails", "payoutattempt", "payoutbatch"):
        cursor.execute(f"SELECT * FROM {APP}_{table}")
        assert IBAN not in repr(cursor.fetchall()), table
assert [str(row.account) for row in PayoutDetails.objects.order_by("pk")] == ["DE•• •••• 3000"] * 2 + ["None"]
assert [row.iban for row in BankAccount.objects.all()] == [IBAN]
assert PayoutAttempt.objects.get().destination == IBAN
assert PayoutBatch.objects.get().file == f"<IBAN>{IBAN}</IBAN>"
for change in (lambda: PayoutDetails.objects.update(holder="Syd"), lambda: PayoutDetails.objects.all()._raw_delete("default")):
    try:
        change()
    except DatabaseError as error:
        print("refused:", "append-only" in str(error))
"""


@pytest.mark.slow
def test_what_was_plain_is_sealed_and_guarded_again(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "shop.settings.dev",
    }
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=pytestconfig.rootpath,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "refused: True\nrefused: True\n"), done.stderr[-2000:]
