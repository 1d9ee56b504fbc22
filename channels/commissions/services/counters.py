"""The counters behind brackets and limits: locked, read into the facts before a rating, and moved after it.

What a rating read is frozen with it (`before`), so that its target stays a function of the order alone. Two things read
anew: a first rating, and one that would raise what the order holds of a limit (a new attribution does), since the room it
had may be taken by now.

A refund that lowers the base of a retroactive bracket reaches the orders that came to it later: they are owed a rating
(`TRUE_UP`) which reads what is left of the orders before them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Sum

from channels.commissions.engine.brackets import Steps, added
from channels.commissions.engine.facts import Rating
from channels.commissions.models import CounterEntry, RatingRun, RuleCounter
from channels.commissions.selectors import targets
from channels.commissions.selectors.targets import Facts
from channels.commissions.services import bulk, locks

TRUE_UP = "true-up:"


@dataclass(slots=True)
class Counters:
    """The locked counters of some orders, moved in memory and saved at the end."""

    rows: dict[str, RuleCounter] = field(default_factory=dict)
    entries: list[CounterEntry] = field(default_factory=list)
    lowered: list[tuple[str, Steps, int, RatingRun]] = field(default_factory=list)

    @classmethod
    def lock(cls, every: Iterable[Facts]) -> "Counters":
        """Lock all counters that rating the orders may ask, before the ledger head."""
        names = {name for facts in every for name in (*targets.counters_for(facts), *facts.frozen.get("used", {}))}
        return cls(rows=locks.lock_counters(names))

    def rate(self, run: RatingRun, facts: Facts, rating_of: Callable[[Facts], Rating] = targets.rating_of) -> Rating:
        """Rate an order; its facts then hold what was read, and the counters what it uses."""
        frozen = facts.frozen
        had: dict[str, int] = frozen.get("used", {})
        before: dict[str, int] = dict(frozen.get("before", {}))
        for name in targets.counters_for(facts):
            before.setdefault(name, self._others(name, had))
        if run.cause.startswith(TRUE_UP):
            before |= {name: self._earlier(name, facts.order.pk) for name in had if not _is_limit(name)}
        frozen["before"] = before
        rating = rating_of(facts)
        raised = [name for name in had if _is_limit(name) and rating.used.get(name, 0) > had[name]]
        if raised:
            frozen["before"] = before | {name: max(before[name], self._others(name, had)) for name in raised}
            rating = rating_of(facts)
        self._move(facts, had, rating)
        self._note_lowered(run, facts, had)
        return rating

    def save(self) -> list[RatingRun]:
        """Write what moved; return the ratings that other orders are owed now, created."""
        self._write()
        owed: dict[int, RatingRun] = {}
        for name, steps, drop, run in self.lowered:
            for order_id in _reached(self.rows[name], steps, drop, run.order_id):
                owed.setdefault(
                    order_id,
                    RatingRun(
                        order_id=order_id,
                        cause=f"{TRUE_UP}{run.pk}",
                        created_at=run.event.at if run.event else run.created_at,
                    ),
                )
        return RatingRun.objects.bulk_create(owed.values())

    def _write(self) -> None:
        bulk.update(RuleCounter, list(self.rows.values()), ["total_minor"])
        CounterEntry.objects.bulk_create(
            self.entries, update_conflicts=True, unique_fields=["counter", "order"], update_fields=["used_minor"]
        )

    def _others(self, name: str, had: dict[str, int]) -> int:
        return self.rows[name].total_minor - had.get(name, 0)

    def _earlier(self, name: str, order_id: int) -> int:
        """Return what is left in a counter of the orders that came to it before this one."""
        own = CounterEntry.objects.filter(counter=self.rows[name], order=order_id).values("pk")[:1]
        earlier = CounterEntry.objects.filter(counter=self.rows[name], pk__lt=own)
        return earlier.aggregate(total=Sum("used_minor"))["total"] or 0

    def _note_lowered(self, run: RatingRun, facts: Facts, had: dict[str, int]) -> None:
        if facts.terms is None:
            return
        retroactive = {rule.id: rule for rule in facts.terms.rules if rule.rate_kind == "retroactive"}
        for name, held in facts.frozen["used"].items():
            _programme, kind, rule_id, *_ = name.split(":")
            if kind == "base" and rule_id in retroactive and held < had.get(name, 0):
                currency = facts.order.currency
                steps = [(one.from_minor[currency], one.rate_bp) for one in retroactive[rule_id].brackets]
                self.lowered.append((name, steps, had[name] - held, run))

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


def _reached(counter: RuleCounter, steps: Steps, drop: int, order_id: int) -> list[int]:
    """Return the later orders whose commission changes when those before them hold `drop` less."""
    found: list[int] = []
    before, is_later = 0, False
    for owner, used in CounterEntry.objects.filter(counter=counter).order_by("pk").values_list("order", "used_minor"):
        if is_later and used:
            now = added("retroactive", steps, before_minor=before, base_minor=used)
            if now != added("retroactive", steps, before_minor=before + drop, base_minor=used):
                found.append(owner)
        is_later = is_later or owner == order_id
        before += used
    return found
