"""The environment has one reader, each variable is documented, and production refuses what is unsafe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

READS = re.compile(r"""\benv(?:\.[a-z_]+)?\(\s*["']([A-Z][A-Z0-9_]+)["']""")
SAFE = {
    "SECRET_KEY": "k" * 20 + "0123456789" * 4,
    "BANK_ACCOUNT_KEYS": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "ALLOWED_HOSTS": "shop.example.com",
    "BASE_URL": "https://shop.example.com",
    "DATABASE_URL": "postgres://accord:secret@db.example.com/accord",
    "REDIS_BROKER_URL": "redis://broker.example.com/0",
    "REDIS_CACHE_URL": "redis://cache.example.com/0",
    "STRIPE_SECRET_KEY": "sk_live_0123456789",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789",
    "DEBUG": "false",
}


def load_production(tmp_path: Path, root: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Import the production settings in a process of their own, with the safe values and these changes."""
    return subprocess.run(
        [sys.executable, "-c", "import shop.settings.production"],
        cwd=root,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **SAFE, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_only_env_reads_the_environment(root: Path) -> None:
    """`os.environ` and `os.getenv` stay out of the source, but for the lines that name the settings module."""
    found = [
        f"{path.relative_to(root)}:{number}"
        for package in ("shop", "cms", "channels")
        for path in sorted((root / package).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"os\.environ|os\.getenv|\bgetenv\(", line)
        and 'os.environ.setdefault("DJANGO_SETTINGS_MODULE"' not in line
    ]
    assert found == []


def test_each_variable_is_documented(root: Path) -> None:
    """Whatever env.py reads stands in .env.example, and nothing else does."""
    read = set(READS.findall((root / "shop/settings/env.py").read_text()))
    documented = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (root / ".env.example").read_text(), re.MULTILINE))
    assert read == documented


def test_production_starts_on_safe_values(tmp_path: Path, root: Path) -> None:
    """With every value safe the settings load."""
    result = load_production(tmp_path, root)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("SECRET_KEY", "insecure-development-key-never-in-production", "SECRET_KEY"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("BANK_ACCOUNT_KEYS", "", "BANK_ACCOUNT_KEYS"),
        ("BANK_ACCOUNT_KEYS", "not-a-key", "BANK_ACCOUNT_KEYS"),
        (
            "BANK_ACCOUNT_KEYS",
            "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=,aW5zZWN1cmUtZGV2ZWxvcG1lbnQta2V5LW9ubHktMDA=",
            "BANK_ACCOUNT_KEYS",
        ),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", "shop.example.com,*", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS"),
        ("DEBUG", "true", "DEBUG"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "DATABASE_URL"),
        ("REDIS_BROKER_URL", "", "REDIS_BROKER_URL"),
        ("REDIS_CACHE_URL", "redis://broker.example.com/0", "same"),
        ("STRIPE_SECRET_KEY", "sk_test_0123456789", "test key"),
        ("STRIPE_SECRET_KEY", "rk_test_0123456789", "test key"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_0123456789", "test key"),
        ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET"),
        ("STRIPE_WEBHOOK_SECRET", ",", "STRIPE_WEBHOOK_SECRET"),
        ("STRIPE_HTTP_CLIENT", "shop.payments.fake_stripe.FakeStripe", "STRIPE_HTTP_CLIENT"),
    ],
)
def test_production_refuses(tmp_path: Path, root: Path, variable: str, value: str, named: str) -> None:
    """One unsafe value is enough, and the message names it."""
    result = load_production(tmp_path, root, **{variable: value})
    assert result.returncode != 0
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: Unsafe production settings: ")
    assert named in last


def test_all_faults_are_named_at_once(tmp_path: Path, root: Path) -> None:
    """One start tells everything that has to be mended."""
    result = load_production(tmp_path, root, SECRET_KEY="short", ALLOWED_HOSTS="*", DEBUG="true")
    last = result.stderr.strip().splitlines()[-1]
    assert [name in last for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "DATABASE_URL")] == [
        True,
        True,
        True,
        False,
    ]
