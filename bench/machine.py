"""What the figures were measured on, without names or places."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from tests.harness import postgres


def describe() -> dict[str, Any]:
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "postgresql": _postgresql(),
    }


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 1)


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _postgresql() -> str:
    asked = subprocess.run([postgres.binaries() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return asked.stdout.split()[2]
