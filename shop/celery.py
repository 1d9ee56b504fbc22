"""The Celery application; `celery -A shop worker` and `celery -A shop beat` load it."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_process_init

from shop.operations.memory import freeze

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")

app = Celery("accord")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def be_patient(conf: Any, **_: object) -> None:
    """Give a worker, which waits for tasks, the time that a buyer's request has not."""
    conf.broker_transport_options = {
        **conf.broker_transport_options,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    }


worker_process_init.connect(freeze)
