"""Every address that the resolver knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """`name` is the URL's name, or its pattern where it has none; `key` is what the table of policies calls it."""

    pattern: str
    name: str
    has_parameters: bool

    @property
    def key(self) -> str:
        return self.name or self.pattern

    @property
    def path(self) -> str:
        """The address of a route without parameters."""
        return "/" + self.pattern.replace("^", "").replace("$", "")

    def path_for(self, values: dict[str, Any]) -> str:
        return reverse(self.name, kwargs=values)


def every_route() -> list[Route]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: Any, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern, namespaces + ((entry.namespace,) if entry.namespace else ()))
        else:
            name = ":".join((*namespaces, entry.name)) if entry.name else ""
            yield Route(pattern, name, "<" in pattern or "(" in pattern)
