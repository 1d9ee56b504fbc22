"""Tests on real files, which are not part of the project: their folder is ACCORD_DATA, or `shared/data` beside the project.

A test marked `real_data("name.csv")` is left out where the file is absent, and the end of the run says so by name.
"""

import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("ACCORD_DATA") or Path(__file__).parents[3] / "shared" / "data")
_ABSENT = pytest.StashKey[dict[str, int]]()


def real_file(name: str) -> Path:
    return FOLDER / name


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "real_data(*names): needs these files of ACCORD_DATA; left out, and said, without"
    )
    config.stash[_ABSENT] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = config.stash[_ABSENT]
    left_out = []
    for item in items:
        missing = {
            name for mark in item.iter_markers("real_data") for name in mark.args if not real_file(name).exists()
        }
        for name in missing:
            absent[name] = absent.get(name, 0) + 1
        if missing:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its findings to the process that writes the summary."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["absent_real_data"] = session.config.stash[_ABSENT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[_ABSENT].update(getattr(node, "workeroutput", {}).get("absent_real_data", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for name, count in sorted(config.stash[_ABSENT].items()):
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(
            f"{tests} left out: {name} is not in {FOLDER}. Set ACCORD_DATA to the folder that has it.", yellow=True
        )
