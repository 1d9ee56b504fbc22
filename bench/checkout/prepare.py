"""python -m bench.checkout.prepare PRODUCTS FILE {"group": buyers}: buyers at the last click, ten lines and a coupon each."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.inside import which

shop = which.shop()

from oscar.core.loading import get_model  # noqa: E402

from bench.inside import buyers  # noqa: E402

LINES = 10
CREDIT = 10_000_000  # never reached, and asked for under its lock all the same


def coupon() -> Any:
    """Return a code that takes five percent off everything, as often as one likes."""
    products = get_model("offer", "Range").objects.create(name="Bench", slug="bench", includes_all_products=True)
    condition = get_model("offer", "Condition").objects.create(range=products, type="Count", value=1)
    benefit = get_model("offer", "Benefit").objects.create(range=products, type="Percentage", value=5)
    offer = get_model("offer", "ConditionalOffer").objects.create(
        name="Bench", slug="bench", offer_type="Voucher", condition=condition, benefit=benefit
    )
    now = datetime.now(UTC)
    made = get_model("voucher", "Voucher").objects.create(
        name="Bench", code="BENCH", usage="Multi-use",
        start_datetime=now - timedelta(days=1), end_datetime=now + timedelta(days=1),
    )  # fmt: skip
    made.offers.add(offer)
    return made


def open_credit() -> None:
    from shop.companies.models import Company
    from shop.credit.models import CreditAccount

    CreditAccount.objects.bulk_create(
        CreditAccount(company=company, currency="EUR", limit=CREDIT) for company in Company.objects.all()
    )


def main(products: int, target: Path, wanted: dict[str, int]) -> None:
    code = coupon()
    if which.IS_ACCORD:
        open_credit()
    contents = [buyers.stock(100 + 3 * n, LINES) for n in range(buyers.CONTENTS)]
    scarce = [buyers.stock(products - 1, 1)]
    plan = {
        name: buyers.make(shop, group=name, count=count, contents=contents, voucher=code)
        if name != "scarce"
        else buyers.make(shop, group=name, count=count, contents=scarce)
        for name, count in wanted.items()
    }
    target.write_text(json.dumps(plan))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
