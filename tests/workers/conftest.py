"""Redis and a worker for the tests of this folder; they need committed rows, so each is `django_db(transaction=True)`."""

import os
from collections.abc import Iterator

import pytest
import redis

from tests.harness import postgres, processes, redis_server, workers


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Return a Redis server's address without a database number."""
    given = os.environ.get("TEST_REDIS_URL", "")
    if given:
        if not redis_server.answers(given):
            pytest.exit("Redis does not answer at the address in TEST_REDIS_URL.", returncode=4)
        yield given.rstrip("/")
        return
    try:
        server = redis_server.RedisServer()
    except processes.MissingComponentError as error:
        pytest.exit(str(error), returncode=4)
    yield server.url
    server.stop()


@pytest.fixture
def broker_url(redis_url: str) -> str:
    """Return an empty broker database."""
    url = f"{redis_url}/0"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def worker(transactional_db: None, broker_url: str, redis_url: str) -> Iterator[workers.Worker]:
    """Return a running worker; tasks that the test sends go to it."""
    running = workers.Worker(broker_url=broker_url, cache_url=f"{redis_url}/1")
    with workers.publishing_to(broker_url):
        yield running
    running.stop()


@pytest.fixture
def mortal_postgres(transactional_db: None) -> Iterator[postgres.Cluster]:
    """Return a server of the test's own, to be killed; everybody works on a copy of the test database there."""
    server = postgres.Cluster(keeps_commits=True)
    try:
        with workers.connected_to(server.copy(workers.database_url())):
            yield server
    finally:
        server.stop()
