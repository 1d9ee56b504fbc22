"""What changed between two versions of terms, in lines a person can read."""

from collections.abc import Mapping
from typing import Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return one line per changed value, e.g. `rules.renewal.rate_bp: 600 → 700`."""
    old, new = _flat(before), _flat(after)
    lines = []
    for path in [*old, *(path for path in new if path not in old)]:
        if path not in new:
            lines.append(f"{path}: {old[path]} → –")
        elif path not in old:
            lines.append(f"{path}: – → {new[path]}")
        elif old[path] != new[path]:
            lines.append(f"{path}: {old[path]} → {new[path]}")
    return lines


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Flatten to dotted paths; list items that have an id go by it, so that moving a rule is no change of it."""
    if isinstance(value, Mapping):
        return {name: leaf for key, inner in value.items() for name, leaf in _flat(inner, _join(path, key)).items()}
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and "id" in item for item in value):
        return {name: leaf for item in value for name, leaf in _flat(item, _join(path, item["id"])).items()}
    if isinstance(value, list):
        return {path: ", ".join(map(str, value)) or "–"}
    return {path: value}


def _join(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)
