"""Dockerfile and docker-compose.yml say what production relies on; no Docker is needed to read them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Return the composition with its merges resolved."""
    path = Path(__file__).resolve().parents[2] / "docker-compose.yml"
    parsed: dict[str, Any] = yaml.safe_load(path.read_text())
    return parsed


OURS = {"web", "worker", "beat", "migrate"}


def test_one_image_serves_all_roles(compose: dict[str, Any]) -> None:
    """Web, worker, beat and the migration run the same image and the same environment."""
    services = compose["services"]
    assert set(services) >= OURS
    assert {services[name]["image"] for name in OURS} == {"accord:${ACCORD_VERSION:-latest}"}
    environments = [services[name]["environment"] for name in sorted(OURS)]
    assert all(environment == environments[0] for environment in environments)
    assert environments[0]["DJANGO_SETTINGS_MODULE"] == "shop.settings.production"


def test_broker_and_cache_are_apart(compose: dict[str, Any]) -> None:
    """An evicted cache key must never be a lost task: two servers, and the broker's writes everything down."""
    services = compose["services"]
    broker, cache = " ".join(services["redis"]["command"]), " ".join(services["redis-cache"]["command"])
    assert "--appendonly yes" in broker
    assert "--maxmemory-policy noeviction" in broker
    assert "--maxmemory-policy allkeys-lru" in cache
    environment = services["web"]["environment"]
    assert environment["REDIS_BROKER_URL"] == "redis://redis:6379/0"
    assert environment["REDIS_CACHE_URL"] == "redis://redis-cache:6379/0"


def test_every_lasting_service_is_checked(compose: dict[str, Any]) -> None:
    """Each service that stays has a health check and comes back after a crash."""
    lasting = {name: service for name, service in compose["services"].items() if name != "migrate"}
    assert [name for name, service in lasting.items() if "healthcheck" not in service] == []
    assert [name for name, service in lasting.items() if service.get("restart") != "unless-stopped"] == []


def test_what_must_not_be_lost_is_on_a_volume(compose: dict[str, Any]) -> None:
    """Database, broker and media outlive their containers."""
    services = compose["services"]
    named = {
        volume.split(":")[0] for name in ("postgres", "redis", "web", "worker") for volume in services[name]["volumes"]
    }
    assert named == {"postgres", "broker", "media"}
    assert named == set(compose["volumes"])


def test_only_the_web_port_is_open(compose: dict[str, Any]) -> None:
    """Databases and brokers are reachable inside only, and the web server from this machine."""
    opened = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert list(opened) == ["web"]
    assert opened["web"][0].startswith("127.0.0.1:")


def test_scale_profile_adds_replicas(compose: dict[str, Any]) -> None:
    """`--profile scale` adds web servers and workers behind the same database and brokers."""
    scaled = [name for name, service in compose["services"].items() if service.get("profiles") == ["scale"]]
    assert sorted(scaled) == ["web-more", "worker-more"]
    assert {compose["services"][name]["image"] for name in scaled} == {"accord:${ACCORD_VERSION:-latest}"}


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    """Secrets must be given: the composition does not start without them."""
    environment = compose["services"]["web"]["environment"]
    assert re.fullmatch(r"\$\{SECRET_KEY:\?.+\}", environment["SECRET_KEY"])
    assert re.fullmatch(r"\$\{BANK_ACCOUNT_KEYS:\?.+\}", environment["BANK_ACCOUNT_KEYS"])
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
    assert re.fullmatch(
        r"\$\{POSTGRES_PASSWORD:\?.+\}", compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    )


def test_the_image_is_small_and_unprivileged(root: Path) -> None:
    """Built in stages, run by a user without rights, checked by the readiness address."""
    text = (root / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?", text, re.MULTILINE)
    assert [name for _, name in stages] == ["frontend", "python", "runtime"]
    last = text.split("AS runtime")[1]
    assert re.search(r"^USER accord$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n?.*healthz", last, re.MULTILINE)
    assert "--require-hashes" in text
    assert "COPY .env" not in text
