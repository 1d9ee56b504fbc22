"""Holds plain JSON against the types that Stripe's own client library declares for its objects and parameters."""

import types
from collections.abc import Iterator
from functools import cache
from typing import (
    Any,
    ClassVar,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import stripe

SCALARS = {str: str, int: int, bool: bool, float: (int, float)}


def faults(value: Any, declared: Any, where: str = "") -> Iterator[str]:
    """Yield what the declared type does not allow: unknown names, values that are no choice, wrong kinds."""
    if isinstance(declared, ForwardRef):
        declared = getattr(stripe, declared.__forward_arg__, Any)
    origin, inner = get_origin(declared), get_args(declared)
    if origin in (NotRequired, Required):
        yield from faults(value, inner[0], where)
    elif origin in (Union, types.UnionType):
        # The library takes any text beside its choices, for those that Stripe adds later.
        is_choice = any(get_origin(choice) is Literal for choice in inner)
        tries = [list(faults(value, choice, where)) for choice in inner if not (is_choice and choice is str)]
        if all(tries):
            yield from min(tries, key=len)
    elif origin is Literal:
        if value not in inner:
            yield f"{where}: {value!r} is none of {len(inner)} choices"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
        else:
            for place, one in enumerate(value):
                yield from faults(one, inner[0], f"{where}[{place}]")
    elif declared in (None, type(None)):
        if value is not None:
            yield f"{where}: {value!r} is not null"
    elif declared in SCALARS:
        if not isinstance(value, SCALARS[declared]) or (declared is not bool and isinstance(value, bool)):
            yield f"{where}: {value!r} is no {declared.__name__}"
    elif isinstance(declared, type) and (issubclass(declared, stripe.StripeObject) or hasattr(declared, "__total__")):
        yield from _members(value, declared, where)


def missing(value: dict[str, Any], declared: type) -> set[str]:
    """Return the names that every such object has, and this one has not."""
    return {name for name, hint in hints_of(declared).items() if type(None) not in get_args(hint)} - set(value)


def _members(value: Any, declared: type, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no {declared.__name__}"
        return
    hints = hints_of(declared)
    if not hints:
        return  # anything, such as metadata
    for name, one in value.items():
        if name not in hints:
            yield f"{where}.{name}: {declared.__name__} has no such name"
        else:
            yield from faults(one, hints[name], f"{where}.{name}")


@cache
def hints_of(declared: type) -> dict[str, Any]:
    """Return the declared names; those that only the client itself keeps are left out."""
    try:
        found = get_type_hints(declared, include_extras=True)
    except NameError:  # some are only known to type checkers
        found = dict(getattr(declared, "__annotations__", {}))
    return {
        name: hint
        for name, hint in found.items()
        if get_origin(hint) is not ClassVar and not name.startswith("_") and name != "last_response"
    }
