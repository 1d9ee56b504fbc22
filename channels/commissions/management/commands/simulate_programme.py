import heapq
import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.simulation import Change
from channels.commissions.models import ProgrammeVersion
from channels.commissions.selectors import simulation_text
from channels.commissions.services import simulations
from channels.core.periods import moment
from channels.core.terms import TermsError


class Command(BaseCommand):
    help = "Replay past orders under a draft of a programme: what it would cost, who wins and who loses."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--draft", required=True, help="a JSON file with terms, a version's id, or CODE.vN")
        parser.add_argument(
            "--since", required=True, type=_moment, help="first day (UTC) of the orders, such as 2026-01-01"
        )
        parser.add_argument("--until", required=True, type=_moment, help="the day after the last, such as 2026-07-01")
        parser.add_argument("--orders", type=int, default=20, help="how many of the most changed orders to list")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        farthest = Farthest(options["orders"])
        try:
            terms = ProgrammeTerms.from_json(_draft(options["draft"]))
            result = simulations.replay(
                terms=terms,
                since=options["since"],
                until=options["until"],
                follow=farthest.follow,
            )
        except (TermsError, simulations.EmptyPeriod) as error:
            raise CommandError(f"{error}.") from error
        story = simulation_text.named(result, farthest.changes())
        if options["format"] == "json":
            self.stdout.write(json.dumps(story, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(simulation_text.render(story))


class Farthest:
    """Keeps the orders that change most, and forgets the rest."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: list[tuple[int, int, Change]] = []
        self._number = count()

    def follow(self, _done: int, changes: Iterable[Change]) -> None:
        for change in changes:
            heapq.heappush(self._kept, (abs(change.now_minor - change.then_minor), -next(self._number), change))
            if len(self._kept) > self.most:
                heapq.heappop(self._kept)

    def changes(self) -> list[Change]:
        return [change for *_, change in sorted(self._kept, key=lambda kept: kept[:2], reverse=True)]


def _draft(named: str) -> Any:
    """Return the terms of a version, or of a file: as they stand, or below `terms`."""
    code, dot, number = named.rpartition(".v")
    if named.isdecimal() or (dot and number.isdecimal() and not Path(named).exists()):
        wanted = {"pk": int(named)} if named.isdecimal() else {"programme__code": code, "version": int(number)}
        version = ProgrammeVersion.objects.filter(**wanted).first()
        if version is None:
            raise CommandError(f"There is no programme version {named}.")
        return version.terms
    try:
        document = json.loads(Path(named).read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{named} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{named} is not JSON: {error}.") from error
    return document["terms"] if isinstance(document, dict) and "terms" in document else document


def _moment(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError as error:
        raise ArgumentTypeError(f"write a day such as 2026-01-01, not {text!r}.") from error
