import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels.commissions.selectors import explanation, explanation_text


class Command(BaseCommand):
    help = "Explain an order from the first touch to the payout: who is credited, what was earned, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="?", help="the order's number")
        parser.add_argument("--latest", action="store_true", help="the order placed last")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["number"]) == options["latest"]:
            raise CommandError("Name one order, or pass --latest.")
        number = options["number"] or explanation.latest_order_number()
        if number is None:
            raise CommandError("No order was placed yet.")
        try:
            story = explanation.explain_order(number=number)
        except explanation.UnknownOrder as error:
            raise CommandError(f"{error}.") from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(story, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(explanation_text.render(story))
