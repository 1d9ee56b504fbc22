"""Which of the two shops this process is."""

import os
from types import ModuleType

import django

IS_ACCORD = os.environ.get("DJANGO_SETTINGS_MODULE", "").startswith("bench.accord")


def shop() -> ModuleType:
    """Return the module of this shop's own ways. Sets Django up."""
    django.setup()
    if IS_ACCORD:
        from bench.inside import accord

        return accord
    from bench.inside import plain

    return plain
