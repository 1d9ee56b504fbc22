"""Sets Django up on the chosen database, and keeps the promises every test relies on.

The database server must run before Django reads its settings, so this happens when this file is imported.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest

from tests.harness import environment

pytest_plugins = ("tests.harness.real_data",)

DATABASE = environment.prepare()
django.setup()
environment.apply(DATABASE)

hypothesis.settings.register_profile("accord", deadline=None, print_blob=True)
hypothesis.settings.register_profile("fast", deadline=None, print_blob=True, max_examples=10)
# Ten times as many examples, for a night: pytest --hypothesis-profile=nightly.
hypothesis.settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=1_000)
hypothesis.settings.load_profile("fast" if DATABASE.kind == "memory" else "accord")


PAGE_FOLDERS = {"access", "cms", "demo", "desk", "operations", "portal", "reports"}
PAGE_FILES = re.compile(r"test_(desk|\w*pages?)\.py")


def is_of_pages(path: Path) -> bool:
    """Tell whether the tests of a file look at pages and what these show, rather than at what services do."""
    lane, *folders = path.relative_to(Path(__file__).parent).parts
    return lane == "integration" and (folders[0] in PAGE_FOLDERS or PAGE_FILES.fullmatch(path.name) is not None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of pages, and leave out what another stage runs: PostgreSQL's own and the workers' on SQLite."""
    for item in items:
        if is_of_pages(item.path):
            item.add_marker(pytest.mark.pages)
    if DATABASE.kind == "postgres":
        return
    elsewhere = [item for item in items if item.get_closest_marker("postgres") or item.get_closest_marker("worker")]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped a test: a missing component is an error, never a gap."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} tests were skipped; this suite never skips.", red=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, django_db_use_migrations: bool) -> Iterator[None]:
    """Create the test database and remember its first rows, for `baseline.restore`."""
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.harness import baseline

    with django_db_blocker.unblock():
        if not django_db_use_migrations:
            baseline.create_what_migrations_do()
        baseline.remember()
        connection.close_if_unusable_or_obsolete()
    # Django flushes here after each test that commits; TestCase, which rolls back, does not come by.
    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _: baseline.restore()
    yield
    TransactionTestCase._fixture_teardown = original
    with django_db_blocker.unblock():
        baseline.end_other_sessions()


@pytest.fixture(autouse=True)
def _clean_caches() -> Iterator[None]:
    """Keep one test's cached rows out of the next."""
    yield
    from tests.harness import baseline

    baseline.forget_caches()
