"""Changes of the rules that staff make: after each, every process reads them again."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from channels import api
from shop.tax.models import ProductRate, Registration, Seller, TaxRate
from shop.tax.selectors import CACHE_KEY


def forget() -> None:
    """Forget the cached rules: now for this transaction's own reads, and again once others see the rows."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


@transaction.atomic
def save_rate(*, rate: TaxRate, at: datetime, by: Any) -> TaxRate:
    """Keep a rate; it ends the one before it, and ends itself where a later one begins. Past orders keep theirs."""
    others = TaxRate.objects.select_for_update().filter(country=rate.country, code=rate.code).exclude(pk=rate.pk)
    lasting = Q(valid_to=None) | Q(valid_to__gt=rate.valid_from)
    others.filter(lasting, valid_from__lt=rate.valid_from).update(valid_to=rate.valid_from)
    following = others.filter(valid_from__gt=rate.valid_from).order_by("valid_from").first()
    if following and (rate.valid_to is None or rate.valid_to > following.valid_from):
        rate.valid_to = following.valid_from
    return _keep(rate, at=at, by=by)


@transaction.atomic
def save(*, row: Seller | Registration | ProductRate, at: datetime, by: Any) -> Any:
    """Keep who sells, where it is registered, or which rate a kind of product bears."""
    return _keep(row, at=at, by=by)


@transaction.atomic
def remove(*, row: Registration | ProductRate, at: datetime, by: Any) -> None:
    api.record_audit(verb=f"tax.{row._meta.model_name}.removed", subject=row, at=at, actor=by)
    row.delete()
    forget()


def _keep(row: Any, *, at: datetime, by: Any) -> Any:
    row.save()
    api.record_audit(verb=f"tax.{row._meta.model_name}.saved", subject=row, at=at, actor=by)
    forget()
    return row
