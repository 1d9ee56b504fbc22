"""python -m bench.webhooks.client FILE CLIENT CLIENTS: store, receive and apply a share of the deliveries; report."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.inside import which

which.shop()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from shop.payments.models import WebhookEvent  # noqa: E402
from shop.payments.services import inbox  # noqa: E402

SECRET = "whsec_only_for_the_benchmark"
settings.STRIPE_WEBHOOK_SECRETS = [SECRET]


def store(delivery: tuple[str, str]) -> None:
    WebhookEvent.objects.create(
        body=delivery[0].encode(), signature=delivery[1], received_at=timezone.now(), state="ignored"
    )


def receive(delivery: tuple[str, str]) -> int:
    return inbox.receive(body=delivery[0].encode(), signature=delivery[1], at=timezone.now()).pk


def apply(event_id: int) -> None:
    inbox.apply_event(event_id=event_id, at=timezone.now())


def timed(act: Callable[[Any], Any], things: Sequence[Any]) -> list[Any]:
    """Wait for a line, do it to each, report when it began and ended, and return what came of it."""
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.time()
    done = [act(thing) for thing in things]
    print(json.dumps({"started": started, "ended": time.time(), "events": len(things)}), flush=True)
    return done


def main(path: str, client: int, clients: int) -> None:
    mine = json.loads(Path(path).read_text())[client::clients]
    connection.ensure_connection()
    inbox.apply_later(0)  # the first task connects to Redis, which nobody is to wait for below
    timed(store, mine)
    timed(apply, timed(receive, mine))


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:4]))
