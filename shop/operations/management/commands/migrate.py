"""Django's migrate, rendering the models of each step only as far as the step looks.

Django renders every model that is connected to the one a step changes. Here nearly all are connected, through users,
companies and orders, so that each of some eleven hundred changes renders hundreds of classes (ADR 0044). A step's SQL
asks for a model and those directly related to it; code in a migration gets all of them rendered anew, as ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


@contextmanager
def rendering_near() -> Iterator[None]:
    """Let every reload be a "delayed" one: Django's own word for leaving the far models to whoever asks for them."""
    whole = ProjectState.reload_model

    def near(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
        whole(state, app_label, model_name, delay=True)

    ProjectState.reload_model = near  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ProjectState.reload_model = whole  # type: ignore[method-assign]


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with rendering_near():
            super().handle(*args, **options)
