"""The two commands say in one sentence what is missing, and stop."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest


def make(root: Path, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a make target; colours off."""
    return subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )


def sentence(result: subprocess.CompletedProcess[str]) -> str:
    """Return what follows "Error:", which is all that a failure says of itself."""
    errors = re.findall(r"Error:\x1b\[0m (.+)", result.stderr)
    assert len(errors) == 1, result.stderr
    text: str = errors[0]
    return text


def test_help_lists_every_target(root: Path) -> None:
    """Each target has its line."""
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    listed = set(re.findall(r"make ([a-z-]+) ", re.sub(r"\x1b\[\d+m", " ", make(root, "help").stdout)))
    assert listed == targets
    assert {"run", "test", "test-fast", "lint", "bench", "clean", "lock", "messages", "help"} <= targets


def test_an_old_python_is_named(root: Path, tmp_path: Path) -> None:
    """A Python before 3.11 is refused with its version."""
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.10.13" && exit 0\nexit 1\n')
    old.chmod(0o755)
    result = make(root, "run", PYTHON=str(old))
    assert result.returncode != 0
    assert sentence(result).startswith("Accord needs Python 3.11 or newer, and ")
    assert "Python 3.10.13" in sentence(result)


def test_a_taken_port_is_named(root: Path) -> None:
    """The sentence names the port and the variable."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = make(root, "run", PORT=str(port))
    assert result.returncode != 0
    assert sentence(result) == (
        f"Port {port} is already in use on 127.0.0.1; stop what listens there, "
        "or choose another with: make run PORT=8001"
    )


@pytest.mark.parametrize("port", ["abc", "80 80"])
def test_a_port_is_a_number(root: Path, port: str) -> None:
    """Anything else is refused before anything is installed."""
    result = make(root, "run", PORT=port)
    assert result.returncode != 0
    assert sentence(result) == f"PORT must be a number; it is '{port}'."


def test_no_network_is_one_sentence(root: Path, tmp_path: Path) -> None:
    """When packages cannot be fetched the run stops, says so, and names the log."""
    for name in ("scripts", "requirements"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.copy(root / "Makefile", tmp_path)
    unreachable = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    result = make(tmp_path, "run", PIP_NO_CACHE_DIR="1", PIP_FIND_LINKS="", PORT="8999", **unreachable)
    assert result.returncode != 0
    assert sentence(result) == (
        "Python packages could not be installed: check the network or the package index that pip is set to "
        "(all of it: var/log/pip-base.log)"
    )
    assert (tmp_path / "var/log/pip-base.log").stat().st_size > 0
    assert not (tmp_path / "var/accord.sqlite3").exists()
