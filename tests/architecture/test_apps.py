"""App labels, forks and file sizes."""

import ast
from pathlib import Path

from django.apps import apps

from shop.settings.oscar import MIGRATION_MODULES

FORK_LIMIT = 120
FILE_LIMIT = 400
# Longer files, each with the reason why parting it would read worse.
LONG_FILES: dict[str, str] = {}
PREFIXES = {"channels": "channels_", "shop": "shop_", "cms": "cms"}


def test_labels_are_prefixed() -> None:
    """Oscar owns the plain names (order, partner, catalogue, ...); ours never collide with them."""
    wrong = [
        f"{config.name} has label {config.label}"
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in PREFIXES
        and not config.name.startswith("shop.forks.")
        and not config.label.startswith(PREFIXES[config.name.split(".")[0]])
    ]
    assert wrong == []


def test_each_fork_keeps_oscars_label_and_migrations() -> None:
    """A behaviour fork owns no table: its label is Oscar's, and so are its migrations."""
    forks = [config for config in apps.get_app_configs() if config.name.startswith("shop.forks.")]
    assert forks != []
    wrong = []
    for config in forks:
        owner = config.name.removeprefix("shop.forks.")
        base = next((c.__module__ for c in type(config).__mro__[1:] if c.__module__.startswith("oscar.")), None)
        if base is None:
            wrong.append(f"{owner}: its config does not extend Oscar's")
            continue
        has_tables = any(model._meta.managed for model in config.get_models())
        migrations = MIGRATION_MODULES.get(config.label, "")
        if has_tables and not migrations.startswith(("oscar.", "shop.forks.")):
            wrong.append(f"{owner}: MIGRATION_MODULES['{config.label}'] must point at Oscar's migrations")
    assert wrong == []


def test_forks_are_thin(root: Path) -> None:
    """A fork holds apps.py, a star-import of Oscar's models where it has any, and short overrides."""
    wrong = []
    for fork in sorted((root / "shop" / "forks").iterdir()):
        if not (fork / "apps.py").exists():
            continue
        models = fork / "models.py"
        if models.exists() and "import *" not in models.read_text():
            wrong.append(f"{fork.name}: models.py does not star-import Oscar's")
        wrong += [
            f"{path.relative_to(root)}: {count} lines"
            for path in sorted(fork.rglob("*.py"))
            if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > FORK_LIMIT
        ]
    assert wrong == []


def test_files_stay_readable(root: Path) -> None:
    """A file over the limit is parted, or listed above with its reason."""
    long_files = {
        str(path.relative_to(root)): count
        for folder in ("shop", "cms", "channels", "tests", "bench", "scripts")
        for path in sorted((root / folder).rglob("*.py"))
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > FILE_LIMIT
    }
    assert sorted(long_files) == sorted(LONG_FILES), long_files


def test_no_catch_all_modules(root: Path) -> None:
    """A module is named for what it holds."""
    names = {"utils.py", "helpers.py", "managers.py", "actions.py", "misc.py", "common.py"}
    found = [
        str(path.relative_to(root))
        for package in ("shop", "cms", "channels")
        for path in sorted((root / package).rglob("*.py"))
        if path.name in names and "forks" not in path.parts
    ]
    assert found == []


def test_the_domain_reads_no_clock(root: Path) -> None:
    """Engines, core and contracts are given the moment; they never ask for it."""
    pure = [root / "channels" / "core", root / "channels" / "contracts.py", *(root / "channels").glob("*/engine")]
    found = []
    for place in pure:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            names = {call.attr for call in calls if isinstance(call, ast.Attribute)}
            if names & {"now", "utcnow", "today", "monotonic", "time_ns"}:
                found.append(str(path.relative_to(root)))
    assert found == []
