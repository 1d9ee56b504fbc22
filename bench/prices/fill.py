"""python -m bench.prices.fill: ten lists with a price for every product, all in force for the first company, and contracts."""

from bench.inside import which

which.shop()

from decimal import Decimal  # noqa: E402

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from oscar.apps.partner.models import StockRecord  # noqa: E402

from bench.prices.__main__ import LISTS  # noqa: E402
from shop.companies.models import Company  # noqa: E402
from shop.pricing.models import ContractPrice, PriceEntry, PriceList, PriceListAssignment  # noqa: E402
from shop.pricing.services import version  # noqa: E402
from shop.segments.models import CustomerGroup, GroupMember  # noqa: E402

OF_COMPANY, OF_GROUPS = 2, 4  # the others are the channel's
EVERY = 5  # of the products one in so many has a contract price
BATCH = 5000


def main() -> None:
    company = Company.objects.order_by("pk")[0]
    goods = list(StockRecord.objects.order_by("pk").values_list("product_id", "price"))
    for number in range(LISTS):
        made = PriceList.objects.create(code=f"bench-{number}", name=f"Bench {number}", currency="EUR", priority=number)
        PriceListAssignment.objects.create(price_list=made, **_whom(number, company))
        share = Decimal(90 - number) / 100
        PriceEntry.objects.bulk_create(
            (PriceEntry(price_list=made, product_id=pk, price=round(price * share, 2)) for pk, price in goods),
            batch_size=BATCH,
        )
    ContractPrice.objects.bulk_create(
        (
            ContractPrice(company=company, product_id=pk, price=round(price * Decimal("0.7"), 2), currency="EUR")
            for pk, price in goods[::EVERY]
        ),
        batch_size=BATCH,
    )
    version.bump()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _whom(number: int, company: Company) -> dict[str, object]:
    if number < OF_COMPANY:
        return {"company": company}
    if number < OF_COMPANY + OF_GROUPS:
        group = CustomerGroup.objects.create(code=f"bench-{number}", name=f"Bench {number}")
        GroupMember.objects.create(group=group, company=company, added_at=timezone.now())
        return {"group": group}
    return {"channel": "direct"}


if __name__ == "__main__":
    main()
