"""Rows of the desk's lists: price lists, prices, agreements, and what changed."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from oscar.apps.partner.models import StockRecord

from shop.pricing.models import ContractPrice, PriceEntry, PriceList, PriceListAssignment, PriceRecord
from shop.pricing.selectors import in_force


def price_lists(
    *, on: date, q: str = "", state: str = "", channel: str = "", currency: str = ""
) -> QuerySet[PriceList]:
    """Return lists with how many prices they hold and for how many they are."""
    rows = PriceList.objects.select_related("parent").annotate(
        entry_count=_count(PriceEntry), assigned=_count(PriceListAssignment)
    )
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(code__icontains=q))
    if channel:
        rows = rows.filter(channel=channel)
    if currency:
        rows = rows.filter(currency__iexact=currency)
    states = {"now": in_force(on), "later": Q(valid_from__gt=on), "ended": Q(valid_to__lte=on)}
    return rows.filter(states[state]) if state else rows


def _count(model: type[Model]) -> Coalesce:
    """Count a list's rows by themselves: joined, a hundred thousand prices would meet every assignment."""
    rows = model._base_manager.filter(price_list=OuterRef("pk")).order_by().values("price_list")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def entries(price_list: PriceList, *, q: str = "") -> QuerySet[PriceEntry]:
    """Return a list's prices, each with its product, by product and quantity."""
    rows = PriceEntry.objects.filter(price_list=price_list)
    return _named(with_names(rows), q).order_by("product_id", "min_quantity", "valid_from")


def contracts(*, q: str = "", company: Any = None) -> QuerySet[ContractPrice]:
    rows = with_names(ContractPrice.objects.select_related("company"))
    if company:
        rows = rows.filter(company=company)
    return _named(rows, q, Q(reference__icontains=q)).order_by("company__name", "product_id", "min_quantity")


def history(
    *, q: str = "", price_list: Any = None, company: Any = None, by: str = "",
    since: date | None = None, until: date | None = None,
) -> QuerySet[PriceRecord]:  # fmt: skip
    """Return what changed, the newest first; days are the store's, both included."""
    rows = with_names(PriceRecord.objects.select_related("by", "price_list", "company"))
    if price_list:
        rows = rows.filter(price_list=price_list)
    if company:
        rows = rows.filter(company=company)
    if by:
        rows = rows.filter(
            Q(by__email__icontains=by) | Q(by__first_name__icontains=by) | Q(by__last_name__icontains=by)
        )
    if since:
        rows = rows.filter(at__gte=_start(since))
    if until:
        rows = rows.filter(at__lt=_start(until + timedelta(days=1)))
    return _named(rows, q).order_by("-pk")


def with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with the `sku` and `title` of their product; a variant without a title has its parent's."""
    records = StockRecord.objects.filter(product=OuterRef("product")).order_by("pk")
    return rows.annotate(
        sku=Coalesce(
            Subquery(records.values("partner_sku")[:1]), F("product__upc"), Value(""), output_field=CharField()
        ),
        title=Coalesce(NullIf(F("product__title"), Value("")), F("product__parent__title"), Value("")),
    )


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _named(rows: QuerySet[Any], q: str, more: Q | None = None) -> QuerySet[Any]:
    """Rows whose product's SKU or title holds the word."""
    if not q:
        return rows
    records = StockRecord.objects.filter(product=OuterRef("product_id"), partner_sku__icontains=q)
    named = Q(Exists(records)) | Q(product__title__icontains=q) | Q(product__parent__title__icontains=q)
    return rows.filter(named | more if more else named)
