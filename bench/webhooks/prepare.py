"""python -m bench.webhooks.prepare NAME PAYMENTS FILE: make payments that wait at Stripe, and write their signed events."""

import json
import random
import sys
from pathlib import Path

from bench.inside import which

which.shop()

from django.utils import timezone  # noqa: E402

from bench.webhooks.client import SECRET  # noqa: E402
from shop.payments.fake_stripe import deliveries  # noqa: E402
from tests.factories import payment_stories  # noqa: E402

if __name__ == "__main__":
    name, payments, path = sys.argv[1:4]
    events = payment_stories.told(int(payments), name)
    random.Random(name).shuffle(events)
    signed = [deliveries.signed(event, at=timezone.now(), secret=SECRET) for event in events]
    Path(path).write_text(json.dumps([(body.decode(), signature) for body, signature in signed]))
    print(len(events))
