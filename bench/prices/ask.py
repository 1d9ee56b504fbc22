"""python -m bench.prices.ask PLAN: milliseconds to resolve basket rows, and queries of list pages, as JSON on the last line."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.inside import which

which.shop()

from django.core.cache import cache  # noqa: E402
from django.utils import timezone  # noqa: E402
from oscar.apps.partner.models import StockRecord  # noqa: E402

from bench.inside.count import ask  # noqa: E402
from shop.companies.models import Company  # noqa: E402
from shop.pricing.contexts import PriceContext  # noqa: E402
from shop.pricing.resolver import PriceQuestion, resolve_prices  # noqa: E402

ROWS = 1000
TIMES = 15


def resolution() -> list[float]:
    """Milliseconds for the rows of a large basket, loaded already, spread over the whole catalogue."""
    company = Company.objects.order_by("pk")[0]
    context = PriceContext(at=timezone.now(), company_key=str(company.key))
    step = max(1, StockRecord.objects.count() // ROWS)
    records = list(StockRecord.objects.select_related("product").order_by("pk")[: ROWS * step : step])
    questions = [
        PriceQuestion(key=record.pk, product=record.product, stockrecord=record, quantity=n % 50 + 1)
        for n, record in enumerate(records)
    ]
    taken = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        found = resolve_prices(context=context, questions=questions)
        taken.append(1000 * (time.perf_counter() - started))
    if len(found) != len(questions):
        raise SystemExit(f"{len(found)} prices for {len(questions)} rows")
    return taken[1:]


def queries(request: dict[str, str]) -> dict[str, int]:
    """Queries of a page whose every cache is warm, and of one whose parts have to be made."""
    ask(request)
    warm, _response = ask(request)
    cache.clear()
    cold, response = ask(request)
    if response.status_code != 200:
        raise SystemExit(f"{request['path']}: {response.status_code}")
    return {"warm": warm, "cold": cold}


def main(plan: dict[str, Any]) -> None:
    pages = {name: plan["pages"][name][0] for name in ("list", "list, signed in")}
    print(json.dumps({"resolve": resolution(), **{name: queries(request) for name, request in pages.items()}}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
