"""Reading published terms (policies, programmes) from JSON, collecting every problem at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date


class TermsError(ValueError):
    """`problems` holds one plain sentence per mistake, each starting with where it is."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class TermsReader:
    """Takes each known key out of one JSON object; what is left over is unknown."""

    def __init__(self, raw: object, *, path: str = "", problems: list[str] | None = None) -> None:
        self.path = path
        self.problems: list[str] = [] if problems is None else problems
        self._raw: dict[str, object] = {}
        if isinstance(raw, Mapping):
            self._raw = {str(key): value for key, value in raw.items()}
        else:
            self.problem("", "must be an object")

    def problem(self, key: str, text: str) -> None:
        where = ".".join(part for part in (self.path, key) if part) or "terms"
        self.problems.append(f"{where}: {text}")

    def integer(self, key: str, *, default: int, low: int | None = None, high: int | None = None) -> int:
        value = self._raw.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.problem(key, f"must be a whole number, not {value!r}")
            return default
        if low is not None and value < low:
            self.problem(key, f"must be at least {low}, not {value}")
        if high is not None and value > high:
            self.problem(key, f"must be at most {high}, not {value}")
        return value

    def optional_integer(self, key: str, *, low: int | None = None, high: int | None = None) -> int | None:
        if self._raw.get(key) is None:
            self._raw.pop(key, None)
            return None
        return self.integer(key, default=low or 0, low=low, high=high)

    def boolean(self, key: str, *, default: bool) -> bool:
        value = self._raw.pop(key, default)
        if not isinstance(value, bool):
            self.problem(key, f"must be true or false, not {value!r}")
            return default
        return value

    def string(self, key: str, *, default: str, choices: Sequence[str] = ()) -> str:
        value = self._raw.pop(key, default)
        if not isinstance(value, str):
            self.problem(key, f"must be text, not {value!r}")
            return default
        if choices and value not in choices:
            self.problem(key, f"{value!r} is not one of {', '.join(choices)}")
        return value

    def strings(self, key: str, *, default: Sequence[str] = (), choices: Sequence[str] = ()) -> tuple[str, ...]:
        value = self._raw.pop(key, list(default))
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            self.problem(key, f"must be a list of texts, not {value!r}")
            return tuple(default)
        for item in value:
            if choices and item not in choices:
                self.problem(key, f"{item!r} is not one of {', '.join(choices)}")
        if len(set(value)) != len(value):
            self.problem(key, "names a value twice")
        return tuple(value)

    def optional_date(self, key: str) -> date | None:
        value = self._raw.pop(key, None)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            self.problem(key, f"must be a date such as 2026-03-31, not {value!r}")
            return None

    def integers_by_name(self, key: str, *, default: Mapping[str, int], low: int = 0) -> dict[str, int]:
        value = self._raw.pop(key, dict(default))
        if not isinstance(value, Mapping):
            self.problem(key, f"must be an object of whole numbers, not {value!r}")
            return dict(default)
        result: dict[str, int] = {}
        for name, number in value.items():
            if not isinstance(number, int) or isinstance(number, bool):
                self.problem(f"{key}.{name}", f"must be a whole number, not {number!r}")
            elif number < low:
                self.problem(f"{key}.{name}", f"must be at least {low}, not {number}")
            else:
                result[str(name)] = number
        return result

    def child(self, key: str) -> TermsReader:
        path = ".".join(part for part in (self.path, key) if part)
        return TermsReader(self._raw.pop(key, {}), path=path, problems=self.problems)

    def children(self, key: str) -> list[TermsReader]:
        value = self._raw.pop(key, [])
        if not isinstance(value, (list, tuple)):
            self.problem(key, f"must be a list, not {value!r}")
            return []
        path = ".".join(part for part in (self.path, key) if part)
        return [TermsReader(item, path=f"{path}[{index}]", problems=self.problems) for index, item in enumerate(value)]

    def close(self) -> None:
        """Names the keys nobody asked for; call it after the last known key was taken."""
        for key in self._raw:
            self.problem(key, "is not a known key")

    def raise_problems(self) -> None:
        if self.problems:
            raise TermsError(self.problems)
