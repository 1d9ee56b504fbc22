"""Lets groups follow the companies.

Companies are saved by services of several rooms and by the demo store: a signal, as for the catalogue's index, is the
one place where none of them is missed. What changes without one is found by the hourly run.
"""

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_save

from shop.companies.models import Company
from shop.segments import audiences


def company_saved(sender: type[Model], instance: Company, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        return
    from shop.segments.tasks import company_changed

    audiences.forget([str(instance.key)])
    transaction.on_commit(lambda: company_changed.delay(instance.pk), robust=True)


def connect() -> None:
    post_save.connect(company_saved, sender=Company, dispatch_uid="segments-company-saved")
