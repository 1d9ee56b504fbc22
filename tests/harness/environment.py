"""Chooses the database before Django reads its settings.

ACCORD_TEST_DB is `sqlite` (a file, the default), `memory` or `postgres`. Under xdist the controlling process starts the
server and builds the template database once; its workers inherit the environment and clone the template.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.harness import postgres, processes

CHOICES = ("sqlite", "memory", "postgres")


@dataclass(frozen=True)
class Database:
    """What the tests run on."""

    kind: str
    name: str | None
    template: str | None = None

    @property
    def test_settings(self) -> dict[str, str | None]:
        """Return Django's DATABASES[...]["TEST"]."""
        settings = {"NAME": self.name}
        if self.template:
            settings["TEMPLATE"] = self.template
        return settings


def prepare() -> Database:
    """Set the environment for `shop.settings.test` and return what was chosen; end the run when it is not to be had."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings.test"
    stripe = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")
    for name in ("REDIS_BROKER_URL", "REDIS_CACHE_URL", *stripe, "MAINTENANCE"):
        os.environ[name] = ""
    os.environ.pop("MAINTENANCE")
    kind = os.environ.get("ACCORD_TEST_DB") or "sqlite"
    if kind not in CHOICES:
        raise SystemExit(f"ACCORD_TEST_DB is '{kind}'; it must be one of {', '.join(CHOICES)}.")
    folder = _scratch_folder()
    if kind != "postgres":
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'accord.sqlite3'}"
        return Database(kind, str(folder / "test.sqlite3") if kind == "sqlite" else None)
    try:
        return _postgres()
    except (processes.MissingComponentError, RuntimeError) as error:
        # pytest wraps an Exception from a conftest in a traceback; one sentence says more.
        raise SystemExit(f"Error: {error}") from None


def _scratch_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="accord-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["DATA_DIR"] = str(folder)
    return folder


def _postgres() -> Database:
    dsn = os.environ.get("TEST_PG_DSN", "")
    if not dsn:
        cluster = postgres.Cluster()
        owner = os.getpid()
        atexit.register(lambda: cluster.stop() if os.getpid() == owner else None)
        dsn = os.environ["TEST_PG_DSN"] = cluster.dsn
    elif not postgres.answers(dsn):
        raise processes.MissingComponentError("PostgreSQL does not answer at the address in TEST_PG_DSN.")
    template = postgres.ensure_template(dsn)
    os.environ["DATABASE_URL"] = postgres.named(dsn, "postgres")
    # Two runs may share a server: each names its databases by its process.
    run = os.environ.setdefault("ACCORD_TEST_RUN", str(os.getpid()))
    return Database("postgres", f"test_accord_{run}", template)


def apply(database: Database) -> None:
    """Tell Django's connections about the test database; Django is set up already."""
    from django.db import connections

    for config in connections.settings.values():
        config["TEST"].update(database.test_settings)
    with contextlib.suppress(AttributeError):
        connections["default"].settings_dict["TEST"].update(database.test_settings)
