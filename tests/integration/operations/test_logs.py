"""Log lines of production are JSON objects, and one request id leads from the access line to the tasks."""

import json
import logging
import os
import subprocess
import sys
from logging.config import dictConfig

from shop import gunicorn
from shop.operations.access_log import AccessFormatter

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "shop.settings.production",
    "SECRET_KEY": "k" * 50,
    "BANK_ACCOUNT_KEYS": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgres://accord@127.0.0.1:1/accord",
    "REDIS_BROKER_URL": "redis://127.0.0.1:1/0",
    "REDIS_CACHE_URL": "redis://127.0.0.1:1/1",
}


def test_an_access_line_is_an_object_without_the_query():
    atoms = {
        "m": "GET", "U": "/search/", "q": "q=secret", "s": "200", "B": 512, "M": 7, "h": "192.0.2.1",
        "{x-request-id}o": "abc",
    }  # fmt: skip
    record = logging.LogRecord("gunicorn.access", logging.INFO, "", 0, "%(h)s", (atoms,), None)
    line = AccessFormatter("%(levelname)s %(name)s %(message)s").format(record)
    assert json.loads(line) == {
        "levelname": "INFO", "name": "gunicorn.access", "method": "GET", "path": "/search/", "status": 200,
        "bytes": 512, "ms": 7, "client": "192.0.2.1", "request_id": "abc",
    }  # fmt: skip


def test_the_web_servers_logging_can_be_set_up():
    manager = logging.getLogger("gunicorn.access")
    before = (manager.handlers[:], manager.propagate, logging.getLogger().handlers[:])
    try:
        dictConfig(gunicorn.logconfig_dict)
        assert isinstance(manager.handlers[0].formatter, AccessFormatter)
        assert manager.propagate is False
    finally:
        manager.handlers, manager.propagate, logging.getLogger().handlers = before


def test_in_production_a_task_carries_the_id_of_its_request():
    script = (
        "import django; django.setup()\n"
        "from django_guid import set_guid\n"
        "from celery.signals import before_task_publish, setup_logging\n"
        "headers = {}\n"
        "set_guid('from-the-request')\n"
        "before_task_publish.send(sender='task', headers=headers)\n"
        "print(headers['X-Request-ID'], len(setup_logging.receivers))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **PRODUCTION}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["from-the-request", "1"], done.stderr
