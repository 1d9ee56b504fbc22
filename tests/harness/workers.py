"""A real Celery worker on the test database and a real Redis: what production runs."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from tests.harness import processes

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60


def wait_until(condition: Callable[[], Any], *, timeout: float = 30, what: str = "the condition") -> Any:
    """Return the condition's first true value; fail after the timeout."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout} s")
        time.sleep(0.05)


class Worker:
    """One worker process tree; `pid` is its parent's, `children` are those that run tasks."""

    def __init__(self, *, broker_url: str, cache_url: str, concurrency: int = 2) -> None:
        """Start it and wait until it takes tasks."""
        self.log = Path(tempfile.mkdtemp(prefix="accord-worker-")) / "log"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "shop.settings.test",
            "DATABASE_URL": database_url(),
            "REDIS_BROKER_URL": broker_url,
            "REDIS_CACHE_URL": cache_url,
        }
        command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "--loglevel=INFO", "--without-gossip"]
        options = ["--without-mingle", f"--concurrency={concurrency}", f"--hostname=test-{time.time_ns()}@localhost"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(),  # noqa: PLW1509
            )
        wait_until(self._is_ready, timeout=START_TIMEOUT, what="A ready worker")

    @property
    def pid(self) -> int:
        """Return the parent's process id."""
        return self.process.pid

    @property
    def children(self) -> list[int]:
        """Return the ids of the processes that run tasks."""
        return processes.children_of(self.pid)

    def output(self) -> str:
        """Return what it has logged."""
        return self.log.read_text(errors="replace")

    def kill_process(self, pid: int) -> None:
        """End one of its task processes as the kernel's out-of-memory killer would."""
        assert pid in self.children
        os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the whole tree at once."""
        for pid in [*self.children, self.pid]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """Ask it to finish; its children go with it."""
        processes.stop(self.process, timeout=30)

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"The worker ended at start:\n{processes.tail(self.log, 30)}")
        return " ready." in self.output()


def database_url() -> str:
    """Return the address of the test database that this process is connected to."""
    config = connection.settings_dict
    return f"postgres://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


@contextmanager
def connected_to(dsn: str) -> Iterator[None]:
    """Connect this process, and the workers that it starts, to another PostgreSQL database."""
    address = urlsplit(dsn)
    other = {"HOST": address.hostname, "PORT": address.port, "NAME": address.path.removeprefix("/")}
    before = {name: connection.settings_dict[name] for name in other}
    connection.close()
    connection.settings_dict.update(other)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def publishing_to(broker_url: str) -> Iterator[None]:
    """Send this process's tasks to the broker instead of running them at once."""
    from shop.celery import app

    before = {name: getattr(app.conf, name) for name in ("broker_url", "task_always_eager")}
    app.conf.update(broker_url=broker_url, task_always_eager=False)
    _forget_connections()
    try:
        yield
    finally:
        app.conf.update(**before)
        _forget_connections()


def _forget_connections() -> None:
    """Make Celery read the broker's address again; it keeps pools in three places."""
    import kombu.pools

    from shop.celery import app

    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
