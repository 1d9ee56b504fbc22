"""What every rail can do, and the three ways in which a try may end: done, refused, or nobody knows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Protocol


class Refused(Exception):
    """The provider said no, for good: nothing moved and nothing will. The text is fit for finance to read."""


class Undecided(Exception):
    """No answer, or one that decides nothing. The money may have moved: look it up before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What is to be paid. The same key always carries the same values."""

    key: str
    group: str  # the payout's, so that all its tries are found together
    amount_minor: int
    currency: str
    destination: str
    holder: str
    reference: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The money moved; `provider_id` is how the provider calls it."""

    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Where a partner's money may go."""

    rail: str = "manual"
    iban: str = ""
    holder: str = ""
    account_id: str = ""
    account_is_ready: bool = False


class Rail(Protocol):
    # How long a key is safe to use again. A try that is older counts as never made once a look-up finds nothing.
    # None: the rail is never asked; a person or a file says what came of it.
    key_lives_for: ClassVar[timedelta | None]

    def obstacle(self, payee: Payee, currency: str) -> str:
        """Say why the payee cannot be paid on this rail; empty when it can."""
        ...

    def destination(self, payee: Payee) -> str: ...

    def send(self, transfer: Transfer) -> Receipt | None:
        """Move the money; None when somebody else reports later. Raises Refused or Undecided."""
        ...

    def find(self, transfer: Transfer) -> Receipt | None:
        """Look up whether it moved. Raises Undecided when even that cannot be asked."""
        ...

    def take_back(self, transfer: Transfer, *, provider_id: str, key: str) -> None:
        """Ask for all of a transfer back. Raises Refused or Undecided."""
        ...
