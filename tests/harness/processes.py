"""Child processes that never outlive the tests."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1


class MissingComponentError(Exception):
    """Something the suite needs is not on this machine; the message names it and the way out."""


def free_port() -> int:
    """Return a port on 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """Return a port where connections are taken and nothing is ever answered."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        port: int = silent.getsockname()[1]
        yield port


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom a server that refuses root shall run as; None when this process is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    message = "Running as root, and there is neither a user 'postgres' nor 'nobody' to run PostgreSQL as."
    raise MissingComponentError(message)


def die_with_parent(stop_signal: int = signal.SIGTERM, *, niceness: int = 0) -> Callable[[], None]:
    """Return a preexec function: the kernel sends the signal when this process ends, however it ends (Linux)."""
    library = ctypes.CDLL(None)

    def ask() -> None:
        os.nice(niceness)
        if hasattr(library, "prctl"):
            library.prctl(PR_SET_PDEATHSIG, stop_signal)

    return ask


def stop(process: subprocess.Popen[bytes], stop_signal: int = signal.SIGTERM, timeout: float = 20) -> None:
    """End a process that we started, by its own id; kill it when it does not listen."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout)


def children_of(pid: int) -> list[int]:
    """Return the ids of a process's children (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def tail(path: Path, lines: int = 15) -> str:
    """Return the end of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""
