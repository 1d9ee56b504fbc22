"""Hiding the prices of a product or a category from all but customers, and showing them again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Category, Product

from shop.pricing.models import PriceGate, PriceRecord
from shop.pricing.services import version


@transaction.atomic
def set_gate(
    *, product: Product | None = None, category: Category | None = None, is_open: bool = False, at: datetime, by: Any
) -> PriceGate:
    """Hide the prices of exactly one of a product (a version stands for its parent) and a category.

    `is_open` keeps a product's prices shown whatever category it is in. What is set already is set anew.
    """
    if product is not None and product.parent_id:
        product = product.parent
    values = {"is_open": is_open, "created_at": at, "created_by": by}
    gate, _created = PriceGate.objects.update_or_create(product=product, category=category, defaults=values)
    _record(gate, _("Prices shown to everybody") if is_open else _("Prices hidden"), at=at, by=by)
    return gate


@transaction.atomic
def remove_gate(*, gate: PriceGate, at: datetime, by: Any) -> None:
    """Let the prices be shown again as everywhere else."""
    deleted, _rows = PriceGate.objects.filter(pk=gate.pk).delete()
    if deleted:
        _record(gate, _("Prices as elsewhere"), at=at, by=by)


def _record(gate: PriceGate, note: str, *, at: datetime, by: Any) -> None:
    PriceRecord.objects.create(at=at, by=by, product=gate.product, note=f"{note}: {gate}"[:120])
    version.bump_gates(is_gated=PriceGate.objects.exists())
