"""The counters behind brackets and limits: locked, read into the facts before a rating, and moved after it.

What a rating read is frozen with it (`before`), so that its target stays a function of the order alone. Two things read
anew: a first rating, and one that would raise what the order holds of a limit (a new attribution does), since the room it
had may be taken by now.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from channels.commissions.engine.facts import Rating
from channels.commissions.models import CounterEntry, RuleCounter
from channels.commissions.selectors import targets
from channels.commissions.selectors.targets import Facts
from channels.commissions.services import locks


@dataclass(slots=True)
class Counters:
    """The locked counters of some orders, moved in memory and saved at the end."""

    rows: dict[str, RuleCounter] = field(default_factory=dict)
    entries: list[CounterEntry] = field(default_factory=list)

    @classmethod
    def lock(cls, every: Iterable[Facts]) -> "Counters":
        """Lock all counters that rating the orders may ask, before the ledger head."""
        names = {name for facts in every for name in (*targets.counters_for(facts), *facts.frozen.get("used", {}))}
        return cls(rows=locks.lock_counters(names))

    def rate(self, facts: Facts, rating_of: Callable[[Facts], Rating] = targets.rating_of) -> Rating:
        """Rate an order; its facts then hold what was read, and the counters what it uses."""
        frozen = facts.frozen
        had: dict[str, int] = frozen.get("used", {})
        before: dict[str, int] = dict(frozen.get("before", {}))
        for name in targets.counters_for(facts):
            before.setdefault(name, self._others(name, had))
        frozen["before"] = before
        rating = rating_of(facts)
        raised = [name for name in had if _is_limit(name) and rating.used.get(name, 0) > had[name]]
        if raised:
            frozen["before"] = before | {name: max(before[name], self._others(name, had)) for name in raised}
            rating = rating_of(facts)
        self._move(facts, had, rating)
        return rating

    def save(self) -> None:
        RuleCounter.objects.bulk_update(self.rows.values(), ["total_minor"], batch_size=100)
        CounterEntry.objects.bulk_create(
            self.entries, update_conflicts=True, unique_fields=["counter", "order"], update_fields=["used_minor"]
        )

    def _others(self, name: str, had: dict[str, int]) -> int:
        return self.rows[name].total_minor - had.get(name, 0)

    def _move(self, facts: Facts, had: dict[str, int], rating: Rating) -> None:
        used = {name: rating.used.get(name, 0) for name in sorted({*had, *rating.used})}
        for name, held in used.items():
            counter = self.rows[name]
            if name not in had or held != had[name]:
                self.entries.append(CounterEntry(counter=counter, order=facts.order, used_minor=held))
            counter.total_minor += held - had.get(name, 0)
        facts.frozen["used"] = used
        facts.frozen["before"] = {name: held for name, held in facts.frozen["before"].items() if name in used}


def _is_limit(name: str) -> bool:
    """Say whether a counter is of a limit: those of brackets keep the order's place whatever happens."""
    return name.split(":")[1] == "paid"
