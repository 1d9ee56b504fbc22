"""The contracts in pyproject.toml hold, and each of them can fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("shop", "cms", "channels")
REGISTRY_CALL = re.compile(r"(?<![.\w])get_(?:model|class|classes|api_class)\(")
DYNAMIC_IMPORT = re.compile(r"\bimport_module\(|\b__import__\(|\bimport_string\(")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on the packages inside the folder."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", "--config", "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_hold(root: Path) -> None:
    """Every contract is kept by the tree as it is."""
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout
    assert re.search(r"Contracts: 7 kept, 0 broken", result.stdout), result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("cms/trespass.py", "import shop.celery", "shop may import cms and channels"),
        ("channels/core/trespass.py", "from channels.audit import models", "Inside channels"),
        ("channels/partners/trespass.py", "import oscar.core.loading", "channels imports neither Oscar"),
        ("channels/journeys/trespass.py", "import wagtail", "Within channels only the desk knows Wagtail"),
        ("channels/commissions/engine/trespass.py", "import django.db", "core, contracts and engines are plain Python"),
        ("shop/trespass.py", "from channels.partners import models", "Outside channels only channels.api"),
    ],
)
def test_contracts_notice_a_trespass(root: Path, tmp_path: Path, module: str, line: str, contract: str) -> None:
    """One forbidden import breaks the contract that is there for it."""
    for package in PACKAGES:
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    (tmp_path / module).write_text(line + "\n")
    result = lint_imports(tmp_path)
    broken = " ".join(part for part in result.stdout.split("\n\n") if "BROKEN" in part)
    assert result.returncode != 0
    assert contract in " ".join(broken.split()), result.stdout


def test_dynamic_imports_stay_in_the_forks(root: Path) -> None:
    """Linters cannot see get_model and get_class: Oscar models are imported by name, except inside the forks."""
    found = [
        f"{path.relative_to(root)}:{number}"
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        if "forks" not in path.parts
        and "migrations" not in path.parts
        and path.name
        not in {"stripe_connect.py", "gateway.py", "registers.py", "providers.py"}  # named by the settings
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if REGISTRY_CALL.search(text) or DYNAMIC_IMPORT.search(text)
    ]
    assert found == []


def test_channels_uses_no_registry_at_all(root: Path) -> None:
    """Within channels not even the app registry hides an import, migrations aside."""
    found = [
        str(path.relative_to(root))
        for path in sorted((root / "channels").rglob("*.py"))
        if "migrations" not in path.parts and ("get_model(" in path.read_text() or "get_class(" in path.read_text())
    ]
    assert found == []
