"""Pages that were kept name one state of the catalogue: what is offered, and in which quantities, belongs to it."""

from typing import Any

from django.db.models.signals import post_delete, post_save

from shop.catalogue.services import version
from shop.offering.models import Offering, OfferingChoice, QuantityRule


def changed(sender: Any, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        version.bump()


def connect() -> None:
    for model in (Offering, OfferingChoice, QuantityRule):
        for signal in (post_save, post_delete):
            signal.connect(changed, sender=model, dispatch_uid="offering.changed")
