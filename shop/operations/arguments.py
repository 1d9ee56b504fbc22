"""Arguments of management commands."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Read a day or a moment in ISO 8601; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(
            f"{text!r} is not a date or datetime; write for example 2027-01-31 or 2027-01-31T12:00."
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
