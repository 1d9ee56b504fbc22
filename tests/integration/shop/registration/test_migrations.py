"""Rows from before roles, applications and sales reps were tables of their own are kept and taken up."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

# In a process of its own, for it needs a database that stands where the one of an older store stands.
STORY = """
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

COMPANIES, REGISTRATION, now = "shop_companies", "shop_registration", timezone.now()

def models_at(app, name):
    call_command("migrate", app, name, verbosity=0)
    return MigrationExecutor(connection).loader.project_state([(app, name)]).apps.get_model

old = models_at(COMPANIES, "0002_membership_is_confirmed")
people = {}
for name, status, role, is_confirmed in (
    ("ada", "approved", "admin", True), ("bo", "approved", "buyer", True), ("cy", "pending", "admin", True),
    ("di", "rejected", "admin", True), ("eli", "pending", "admin", False),
):
    company = old(COMPANIES, "Company").objects.get_or_create(
        name=f"{status}{'' if is_confirmed else ' not'}", defaults={"country": "NO", "status": status, "created_at": now}
    )[0]
    user = old("auth", "User").objects.create(username=name, email=f"{name}@example.com", date_joined=now)
    people[name] = user.pk
    old(COMPANIES, "Membership").objects.create(user=user, company=company, role=role, is_confirmed=is_confirmed)
later = models_at(REGISTRATION, "0002_sales_rep")
later(REGISTRATION, "Application").objects.filter(applicant=people["cy"]).update(sales_rep=people["bo"])

call_command("migrate", COMPANIES, verbosity=0)
call_command("migrate", REGISTRATION, verbosity=0)

from shop.companies.models import Company, Membership, Role
from shop.registration.models import Application, ApplicationEvent

found = Membership.objects.order_by("user__username").values_list("user__username", "role__name", "role__company")
assert list(found) == [
    ("ada", "Administrator", None), ("bo", "Buyer", None), ("cy", "Administrator", None), ("di", "Administrator", None),
    ("eli", "Administrator", None),
], list(found)
assert Role.objects.count() == 5
states = dict(Application.objects.values_list("applicant__username", "state"))
assert states == {"cy": "waiting", "di": "rejected", "eli": "unconfirmed"}, states
reps = dict(Company.objects.values_list("name", "sales_rep__username"))
assert reps == {"approved": None, "pending": "bo", "rejected": None, "pending not": None}, reps
try:
    ApplicationEvent.objects.update(text="other")
except DatabaseError as error:
    print(connection.vendor, "append-only" in str(error))
"""


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """An empty database beside that of the tests, on the same kind of server."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
        return
    given, name = connection.settings_dict, f"older_store_{os.getpid()}"
    server = {key: given[key.upper()] for key in ("host", "port", "user", "password")}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield "postgres://{user}:{password}@{host}:{port}/{name}".format(name=name, **server)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.slow
def test_companies_people_and_registrations_of_an_older_store_are_taken_up(
    database_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database_url,
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
    assert (done.returncode, done.stdout) == (0, f"{connection.vendor} True\n"), done.stderr[-2000:]
