"""The secrets of authenticator apps at rest, and one code that is tried by many at once."""

from binascii import unhexlify
from datetime import UTC, datetime
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import QuerySet
from django_otp.oath import TOTP

from shop.accounts.models import AuthenticatorApp
from shop.accounts.services import second_factor
from tests.factories import shop
from tests.harness.race import errors, race, together, values

pytestmark = pytest.mark.django_db
OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))
SECRET = "3132333435363738393031323334353637383930"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM shop_accounts_authenticatorapp")
        return str(cursor.fetchone()[0])


def code_of_now() -> str:
    return f"{TOTP(unhexlify(SECRET)).token():06d}"


def test_a_secret_is_sealed_in_the_database_and_whole_in_the_program() -> None:
    AuthenticatorApp.objects.create(user=shop.user(), name="app", key=SECRET)

    assert SECRET not in stored()
    assert AuthenticatorApp.objects.get().key == SECRET
    with pytest.raises(FieldError):
        AuthenticatorApp.objects.filter(key=SECRET).exists()


def test_a_new_key_seals_what_an_old_one_sealed_and_the_old_one_can_go(settings: Any) -> None:
    settings.BANK_ACCOUNT_KEYS = [OLD_KEY]
    AuthenticatorApp.objects.create(user=shop.user(), name="app", key=SECRET)
    settings.BANK_ACCOUNT_KEYS, out = [NEW_KEY, OLD_KEY], StringIO()

    call_command("reseal_second_factors", stdout=out)

    assert out.getvalue() == "sealed anew: 1\n"
    settings.BANK_ACCOUNT_KEYS = [NEW_KEY]
    assert AuthenticatorApp.objects.get().key == SECRET
    settings.BANK_ACCOUNT_KEYS = [OLD_KEY]
    with pytest.raises(CommandError, match="Add the key that is missing"):
        call_command("reseal_second_factors")


def test_the_key_of_account_numbers_does_not_open_a_second_factor(settings: Any) -> None:
    settings.BANK_ACCOUNT_KEYS = [OLD_KEY]
    AuthenticatorApp.objects.create(user=shop.user(), name="app", key=SECRET)

    with pytest.raises(InvalidToken):
        Fernet(OLD_KEY).decrypt(stored().encode())


def test_apps_of_an_older_store_are_sealed_and_their_table_goes() -> None:
    user = shop.user()
    migration = import_module("shop.accounts.migrations.0003_sealed_secrets")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {migration.OLD} (id integer, user_id integer, name varchar(64), confirmed boolean,"
            " key varchar(80), drift smallint, last_t bigint)"
        )
        cursor.execute(
            f"INSERT INTO {migration.OLD} VALUES (7, %s, 'authenticator', %s, %s, 1, 42)", [user.pk, True, SECRET]
        )

    for _ in range(2):
        migration.move(apps, SimpleNamespace(connection=connection))

    app = AuthenticatorApp.objects.get()
    assert (app.user, app.confirmed, app.key, app.drift, app.last_t) == (user, True, SECRET, 1, 42)
    assert SECRET not in stored()
    assert migration.OLD not in connection.introspection.table_names()


def accepted(contenders: int, settings: Any) -> int:
    """How often one code lets somebody in that is tried so often at once; how many tries are free is not asked here."""
    settings.PASSWORD_LIMIT = "1000 per minute"
    user = shop.user()
    AuthenticatorApp.objects.create(user=user, name="app", key=SECRET)
    code, now = code_of_now(), datetime.now(UTC)
    outcomes = race(contenders, lambda _: second_factor.verify(user=user, code=code, at=now))
    assert errors(outcomes) == []
    return sum(found is not None for found in values(outcomes))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_try_one_code_at_once_one_is_let_in(settings: Any) -> None:
    assert accepted(20, settings) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_lock_both_are_let_in(settings: Any) -> None:
    with (
        mock.patch.object(QuerySet, "select_for_update", lambda rows, **_: rows),
        together("shop.accounts.models.TOTP", patience=5),
    ):
        assert accepted(2, settings) == 2
