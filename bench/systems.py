"""What is measured: databases, servers and a worker, all on 127.0.0.1, all gone when the run ends."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.harness import postgres, processes, redis_server

ROOT = Path(__file__).resolve().parents[1]
SERVER_WORKERS = 2
START_TIMEOUT = 120
SETTINGS = {
    "accord": "bench.accord.settings",
    "oscar": "bench.plain_oscar.settings",
    "bare": "bench.bare.settings",
}
APPLICATIONS = {
    "accord": "shop.wsgi:application",
    "oscar": "bench.plain_oscar.wsgi:application",
    "bare": "bench.bare.wsgi:application",
}
# As an installed server would run: unlike the tests' cluster, a commit waits for the disk.
SERVER_OPTIONS = {
    "max_connections": "100",
    "shared_buffers": "512MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "autovacuum": "on",
}


@dataclass
class Lab:
    """The PostgreSQL cluster, Redis and the folder of one run."""

    folder: Path
    dsn: str
    redis: str
    templates: dict[str, str] = field(default_factory=dict)

    def environment(self, shop: str, database: str, **extra: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "DJANGO_"))},
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": SETTINGS[shop],
            "DATABASE_URL": postgres.named(self.dsn, database),
            "DATA_DIR": str(self.folder / database.partition("_")[0]),
            "SECRET_KEY": "only-for-the-benchmark-0123456789-0123456789-0123456789",
            "BANK_ACCOUNT_KEYS": "b25seS1mb3ItdGhlLWJlbmNobWFyay0wMTIzNDU2Nzg=",
            "ALLOWED_HOSTS": "127.0.0.1",
            "BASE_URL": "http://127.0.0.1:8000",
            "REDIS_BROKER_URL": f"{self.redis}/0",
            "REDIS_CACHE_URL": f"{self.redis}/1",
            "BENCH_REDIS_CACHE": f"{self.redis}/{2 if shop == 'accord' else 3}",
            "LOG_LEVEL": "ERROR",
            **extra,
        }

    def run(self, shop: str, database: str, *command: str, **extra: str) -> str:
        """Run Python within a shop and return what it prints; a failure ends the benchmark with its last lines."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment(shop, database, **extra),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command[:3])} failed for {shop}:\n{done.stderr[-3000:]}{done.stdout[-500:]}")
        return done.stdout

    def build_templates(self) -> None:
        """Migrate each shop's schema once; the databases of each size are copies."""
        self.wait_for_disk(False)
        for shop in ("oscar", "accord"):
            self.templates[shop] = f"{shop}_template"
            self.sql(f"CREATE DATABASE {shop}_template")
            self.run(shop, f"{shop}_template", "-m", "django", "migrate", "--skip-checks", "-v0")
        self.run("accord", "accord_template", "-m", "django", "collectstatic", "--noinput", "-v0")

    def fill(self, shop: str, products: int, orders: dict[str, int]) -> dict[str, Any]:
        """Make the database of a shop with so many products and return the requests to measure."""
        database = f"{shop}_{products}"
        self.sql(f"CREATE DATABASE {database} TEMPLATE {self.templates[shop]}")
        plan = self.folder / f"{database}.json"
        wanted = json.dumps(orders)
        self.run(shop, database, "-m", "bench.inside.prepare", str(products), str(plan), wanted)
        return json.loads(plan.read_text())

    def drop(self, database: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def wait_for_disk(self, wanted: bool) -> None:
        """Say whether a commit waits for the disk: not while schemas are built and shops filled, but when measured."""
        self.sql(f"ALTER SYSTEM SET fsync = {'on' if wanted else 'off'}")
        self.sql(f"ALTER SYSTEM SET synchronous_commit = {'on' if wanted else 'off'}")
        self.sql("SELECT pg_reload_conf()")
        self.sql("CHECKPOINT")

    @contextlib.contextmanager
    def server(self, shop: str, database: str, **extra: str) -> Iterator[int]:
        """Serve a shop by gunicorn as long as the block runs; gives the port."""
        port = processes.free_port()
        options = ["--workers", str(SERVER_WORKERS), "--bind", f"127.0.0.1:{port}", "--timeout", "60"]
        quiet = ["--worker-tmp-dir", str(self.folder), "--log-level", "warning"]
        log = self.folder / f"{database}-{port}.log"
        process = self._start(
            ["-m", "gunicorn", *options, *quiet, APPLICATIONS[shop]], self.environment(shop, database, **extra), log
        )
        try:
            wait_for_port(port, process, log)
            yield port
        finally:
            processes.stop(process)

    @contextlib.contextmanager
    def worker(self, database: str) -> Iterator[None]:
        """Run a Celery worker of Accord, two tasks at a time; it yields to the web servers, as docker-compose.yml has it."""
        log = self.folder / f"{database}-worker.log"
        options = ["--loglevel=WARNING", "--concurrency=2", "--without-gossip", "--without-mingle"]
        process = self._start(
            ["-m", "celery", "-A", "shop", "worker", *options], self.environment("accord", database), log, niceness=10
        )
        try:
            yield
        finally:
            processes.stop(process, timeout=60)

    def _start(
        self, command: list[str], environment: dict[str, str], log: Path, *, niceness: int = 0
    ) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=processes.die_with_parent(niceness=niceness),  # noqa: PLW1509
            )


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"A server did not start:\n{processes.tail(log, 30)}")
        time.sleep(0.1)


@contextlib.contextmanager
def lab() -> Iterator[Lab]:
    """Start PostgreSQL and Redis in temporary folders; stop both and remove everything at the end."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="accord-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = postgres.Cluster(options=SERVER_OPTIONS)
        stack.callback(cluster.stop)
        server = redis_server.RedisServer()
        stack.callback(server.stop)
        yield Lab(folder=folder, dsn=cluster.dsn, redis=server.url)
