"""The rule of a customer group: a small fixed vocabulary, kept as JSON, in which all that is asked must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

ACQUISITIONS = ("", "direct", "reseller")
CHANNELS = ("", "direct", "reseller")
STATUSES = ("pending", "approved", "rejected", "blocked")
MOST_MONTHS = 120


class RuleError(ValueError):
    """The JSON is no rule; the text names each problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """An empty tuple, "", 0 and None ask nothing. Lists match when any of their values does.

    `acquired` is the channel of the first order. `channel` is "reseller" for a company with a partner of record.
    `spent_minor` is what was ordered net, less what was taken back, in the last `spent_months` months.
    """

    countries: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    acquired: str = ""
    spent_minor: int = 0
    spent_months: int = 12
    channel: str = ""
    partner: str = ""
    registered_from: date | None = None

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Conditions:
        """Raise RuleError with every unknown word and wrong value."""
        known = {item.name for item in fields(cls)}
        problems = [f"{name} is unknown" for name in sorted(set(raw) - known)]
        values: dict[str, object] = {}
        for name, value in raw.items():
            if name in known:
                try:
                    values[name] = _read(name, value)
                except (TypeError, ValueError) as error:
                    problems.append(f"{name} {error}")
        if problems:
            raise RuleError("; ".join(problems))
        return cls(**values)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, object]:
        """Only what is asked, so that a rule reads short."""
        asked: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.default:
                asked[item.name] = _plain(value)
        if not self.spent_minor:
            asked.pop("spent_months", None)
        return asked

    @property
    def asks_nothing(self) -> bool:
        return not self.to_json()

    def hold_for(self, company: CompanyFacts) -> bool:
        """Whether all that is asked holds for the company."""
        return (
            (not self.countries or company.country in self.countries)
            and (not self.segments or company.segment in self.segments)
            and (not self.statuses or company.status in self.statuses)
            and (not self.acquired or company.acquired == self.acquired)
            and (self.registered_from is None or company.registered_on >= self.registered_from)
            and (not self.spent_minor or company.spent_minor >= self.spent_minor)
            and (not self.channel or ("reseller" if company.partner else "direct") == self.channel)
            and (not self.partner or company.partner == self.partner)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """What a rule may ask of a company on a day. `acquired` is "" before the first order."""

    id: int
    country: str
    segment: str
    status: str
    registered_on: date
    acquired: str = ""
    spent_minor: int = 0
    partner: str = ""


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: object) -> object:
    if name in ("countries", "segments", "statuses"):
        return _words(value, STATUSES if name == "statuses" else ())
    if name in ("spent_minor", "spent_months"):
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError("is not a whole number")
        if value < 0 or (name == "spent_months" and not 1 <= value <= MOST_MONTHS):
            raise ValueError("is out of range")
        return value
    if not isinstance(value, str):
        raise TypeError("is not text")
    if name == "registered_from":
        return date.fromisoformat(value)
    if name in ("acquired", "channel") and value not in CHANNELS:
        raise ValueError(f"is not one of {', '.join(filter(None, CHANNELS))}")
    return value


def _words(value: object, choices: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word for word in value):
        raise TypeError("is not a list of words")
    if choices and not set(value) <= set(choices):
        raise ValueError(f"has a word that is not one of {', '.join(choices)}")
    return tuple(value)
