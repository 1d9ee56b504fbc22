"""python -m bench.inside.prepare PRODUCTS FILE {"group": buyers}: fill the shop and write the requests that will be measured."""

import json
import sys
from pathlib import Path

from bench.inside import which

shop = which.shop()

from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402
from oscar.apps.catalogue.models import Product  # noqa: E402

from bench.inside import buyers, catalogue  # noqa: E402

PAGE = 24
VISITED = 20  # product pages that are asked for in turn


def pages(products: int) -> dict[str, list[buyers.Request]]:
    last = -(-products // PAGE)
    step = max(1, products // VISITED)
    shown = Product.objects.order_by("pk")[: step * VISITED : step]
    full = buyers.visitor(shop, group="full", content=buyers.stock(0, 50))
    known = buyers.visitor(shop, group="known", content=[])
    index = reverse("catalogue:index")
    return {
        "home": [{"path": shop.HOME_PATH}],
        "list": [{"path": index}],
        "list, last page": [{"path": f"{index}?page={last}"}],
        "product": [{"path": product.get_absolute_url()} for product in shown],
        "list, signed in": [{"path": index, **known}],
        "basket, 50 lines": [{"path": "/basket/", **full}],
    }


def orders(wanted: dict[str, int], products: int) -> dict[str, list[buyers.Request]]:
    contents = [buyers.stock(100 + 3 * n, buyers.LINES) for n in range(buyers.CONTENTS)]
    found = {
        name: buyers.make(shop, group=name, count=count, contents=contents)
        for name, count in wanted.items()
        if name != "scarce"
    }
    if "scarce" in wanted:
        scarce = [buyers.stock(products - 1, 1)]
        found["scarce"] = buyers.make(shop, group="scarce", count=wanted["scarce"], contents=scarce)
    return found


def main(products: int, target: Path, wanted: dict[str, int]) -> None:
    catalogue.fill(products=products)
    shop.finish()
    plan = {"pages": pages(products), "orders": orders(wanted, products)}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    target.write_text(json.dumps(plan))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
