"""What the documents point at is there: files, headings, make targets, management commands."""

import functools
import os
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
SKIPPED = {".venv", "node_modules", "var", ".git", ".pytest_cache"}
OURS = ("channels", "cms", "shop")
REQUIRED = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "channels/README.md",
    "fixtures/README.md",
    "bench/README.md",
    "docs/algorithms/attribution.md",
    "docs/algorithms/commission.md",
    "docs/algorithms/rounding.md",
)


@functools.cache
def documents() -> list[Path]:
    """Return every Markdown file of the project."""
    found = []
    for folder, children, names in os.walk(ROOT):
        children[:] = [child for child in children if child not in SKIPPED]
        found += [Path(folder) / name for name in names if name.endswith(".md")]
    return sorted(found)


def anchors(path: Path) -> set[str]:
    """Return the addresses of the headings, made as the usual Markdown sites make them."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", FENCE.sub("", path.read_text()), re.MULTILINE)
    plain = (re.sub(r"[`*\[\]]|\([^)]*\)", "", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(document: Path) -> None:
    """Each link to a file, and to a heading inside one, leads somewhere."""
    broken = []
    for target in LINK.findall(FENCE.sub("", document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (fragment and path.suffix == ".md" and fragment not in anchors(path)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", REQUIRED)
def test_the_promised_documents_are_there(name: str) -> None:
    """Each one is there, and says something."""
    assert len((ROOT / name).read_text().split()) > 50


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_the_documents_exist(document: Path) -> None:
    """`make X` is a target, `manage.py X` a command, and a script that is named lies where it is said to."""
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`|^\s*)make ([a-z-]+)", text, re.MULTILINE)
    assert sorted(set(named) - targets) == []
    assert sorted(set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands())) == []
    scripts = set(re.findall(r"\b((?:scripts|bench)/[\w./-]+\.(?:sh|py|mjs))\b", text))
    assert [name for name in sorted(scripts) if not (ROOT / name).exists()] == []


def test_each_management_command_is_documented() -> None:
    """An operator finds every command of ours in the documents."""
    text = "\n".join(path.read_text() for path in documents())
    ours = sorted(name for name, app in get_commands().items() if str(app).startswith(OURS))
    assert [name for name in ours if not re.search(rf"\b{name}\b", text)] == []


def test_documents_speak_of_the_project_alone() -> None:
    """No path of someone's machine, and no address of a package index."""
    foreign = re.compile(r"/work/|/root/|/home/\w|\.\./shared|pypi\.org|registry\.npmjs")
    found = [str(path.relative_to(ROOT)) for path in documents() if foreign.search(path.read_text())]
    assert found == []


def test_the_locks_name_no_index() -> None:
    """Packages come from whatever index the machine is set to; the hashes decide what is let in."""
    locks = [ROOT / "requirements/base.txt", ROOT / "requirements/dev.txt", ROOT / "package-lock.json"]
    assert [lock.name for lock in locks if re.search(r"--(?:extra-)?index|\"resolved\"", lock.read_text())] == []
    for lock in locks[:2]:
        requirements = re.split(r"\n(?=[a-z0-9])", lock.read_text())
        unhashed = [r.splitlines()[0] for r in requirements if "==" in r and "--hash=sha256:" not in r]
        assert unhashed == []
