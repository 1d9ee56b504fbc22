import argparse
import json
import sys
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels.core.money import BASIS
from channels.journeys.engine.journey_rows import RowProblem, Unreadable
from channels.journeys.engine.model_settings import (
    DEAL_CREATED,
    DEFAULT_ROLE_WEIGHTS,
    LEAD_CREATED,
    ModelSettings,
)
from channels.journeys.engine.tally import printed
from channels.journeys.engine.timed import ALL_MODELS, TimedTally
from channels.journeys.services.journey_files import Outcome, credit_file

DIRECT = ("direct", "Direct", "DIRECT", "(direct)")
NO_ROLES = (
    "No touch has a paid role. Roles come from a column named role, or else from the touches' own names: "
    f"{', '.join(DEFAULT_ROLE_WEIGHTS)}."
)


def days(text: str) -> Fraction:
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        found = Fraction(0)
    if not 0 < found <= 36_500:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days above 0")
    return found


def ends(text: str) -> tuple[int, int]:
    """First and last as parts of one (0.4,0.4) or as percentages (40,40); in basis points."""
    try:
        first, last = (Fraction(part) for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is not two numbers such as 0.4,0.4 or 40,40") from None
    scale = BASIS if first + last <= 1 else BASIS // 100
    found = [first * scale, last * scale]
    if min(found) < 0 or sum(found) > BASIS or any(part.denominator != 1 for part in found):
        raise argparse.ArgumentTypeError(f"{text!r} must be at least 0, at most 1 together, and whole basis points")
    return int(found[0]), int(found[1])


class Command(BaseCommand):
    help = (
        "Share the conversions of a file of journeys among its channels, by any model. The credits sum to the "
        "conversions exactly; rows that cannot be used are named on standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", required=True, choices=ALL_MODELS)
        parser.add_argument("--input", required=True, help="the file, or - for standard input")
        parser.add_argument("--format", choices=("json", "table"), default="table")
        parser.add_argument("--value", action="store_true", help="share the value of the conversions, not their number")
        parser.add_argument("--half-life", type=days, default=Fraction(7), metavar="DAYS", help="of time-decay; 7")
        parser.add_argument("--weights", type=ends, default=(4_000, 4_000), metavar="F,L", help="of position; 0.4,0.4")
        parser.add_argument("--direct", action="append", metavar="NAME", help="what the direct channel is called")
        parser.add_argument("--decimals", type=int, choices=range(19), default=9, metavar="N", help="at most 18; 9")

    def handle(self, *args: Any, **options: Any) -> None:
        model = options["model"]
        first, last = options["weights"]
        settings = ModelSettings(first_bp=first, last_bp=last, half_life_days=options["half_life"])
        try:
            with self._open(options["input"]) as source:
                outcome = credit_file(
                    source,
                    [model],
                    settings=settings,
                    direct=options["direct"] or DIRECT,
                    with_value=options["value"],
                    tell=self._tell,
                )
        except Unreadable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Cannot read {options['input']}: {error.strerror or error}.") from error
        credits = outcome.credits(model)
        self._report(outcome, model)
        if outcome.rows and outcome.problems >= outcome.rows:
            raise CommandError("No row of the file could be used.")
        if model == "role" and outcome.total and not credits:
            raise CommandError(NO_ROLES)
        shown = printed(credits, names=outcome.tally.channels, decimals=options["decimals"])
        self.stdout.write(_json(shown) if options["format"] == "json" else _table(shown))

    def _open(self, name: str) -> Any:
        if name == "-":
            source: IO[bytes] = sys.stdin.buffer
            return nullcontext(source)
        return Path(name).open("rb")

    def _tell(self, problem: RowProblem) -> None:
        self.stderr.write(str(problem))

    def _report(self, outcome: Outcome, model: str) -> None:
        if outcome.problems:
            self.stderr.write(f"{outcome.problems} of {outcome.rows} rows could not be used.")
        nobody = outcome.unattributed(model)
        if nobody:
            what = "of value" if outcome.layout.with_value else "conversions"
            self.stderr.write(f"{_decimal(nobody)} {what} could not be attributed to any channel.")
        tally = outcome.tally
        if model == "w-shape" and isinstance(tally, TimedTally) and tally.weight and not tally.has_milestones:
            self.stderr.write(
                f"No journey has touches of the kinds {LEAD_CREATED} and {DEAL_CREATED}: w-shape shares as position does."
            )


def _decimal(number: Fraction) -> str:
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def _json(shown: dict[str, Decimal]) -> str:
    lines = [f"  {json.dumps(name, ensure_ascii=False)}: {credit:f}" for name, credit in shown.items()]
    return "{\n" + ",\n".join(lines) + "\n}" if lines else "{}"


def _table(shown: dict[str, Decimal]) -> str:
    """The largest first."""
    whole = sum(shown.values(), Decimal(0))
    rows = sorted(shown.items(), key=lambda row: (-row[1], row[0]))
    cells = [("channel", "credit", "share")]
    cells += [(name, f"{credit:f}", f"{credit / whole:.2%}" if whole else "") for name, credit in rows]
    cells.append(("total", f"{whole:f}", "100.00%" if whole else ""))
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {credit:>{widths[1]}}  {share:>{widths[2]}}" for name, credit, share in cells
    )
