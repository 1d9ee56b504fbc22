"""Keeps the index in step with Oscar's dashboard.

Signals are right here, and only here: the dashboard saves products, images, categories and stock records through its
own forms, so there is no service of ours to call the index from. Everything of ours calls `services.index` itself.
"""

from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from oscar.apps.catalogue.models import (
    Category,
    Product,
    ProductAttributeValue,
    ProductCategory,
    ProductClass,
    ProductImage,
    ProductRecommendation,
)
from oscar.apps.partner.models import StockRecord

from shop.catalogue.models import ProductDocument
from shop.catalogue.services import index, stock


def product_changed(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        return
    product_id = instance.pk if isinstance(instance, Product) else getattr(instance, "product_id", None)
    if product_id:
        index.schedule(product_ids={product_id})


def stock_record_changed(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Oscar's allocate() sends post_save by hand, without `update_fields`: a sale, not an edit."""
    if raw:
        return
    if "update_fields" in kwargs or "created" not in kwargs:
        index.schedule(product_ids={instance.product_id})
    else:
        stock.schedule(product_ids={instance.product_id})


def recommendation_changed(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        index.schedule(product_ids={instance.primary_id})


def options_chosen(sender: type[Model], instance: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_") and isinstance(instance, ProductAttributeValue):
        index.schedule(product_ids={instance.product_id})


def tree_changed(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """A category or class is named in many entries, so all are written again."""
    if not raw and not kwargs.get("created", False):
        index.schedule_rebuild()


def connect() -> None:
    for model in (Product, ProductImage, ProductCategory, ProductAttributeValue, ProductDocument):
        post_save.connect(product_changed, sender=model, dispatch_uid=f"catalogue-saved-{model.__name__}")
        post_delete.connect(product_changed, sender=model, dispatch_uid=f"catalogue-deleted-{model.__name__}")
    for signal in (post_save, post_delete):
        name = "saved" if signal is post_save else "deleted"
        signal.connect(stock_record_changed, sender=StockRecord, dispatch_uid=f"catalogue-stock-{name}")
        signal.connect(recommendation_changed, sender=ProductRecommendation, dispatch_uid=f"catalogue-rec-{name}")
        for model in (Category, ProductClass):
            signal.connect(tree_changed, sender=model, dispatch_uid=f"catalogue-{name}-{model.__name__}")
    m2m_changed.connect(
        options_chosen, sender=ProductAttributeValue.value_multi_option.through, dispatch_uid="catalogue-options"
    )
