"""How many people must approve a statement, and whose turn it is."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from channels.commissions.models import Statement
from channels.commissions.selectors.rates import Rates, reporting_currency


@dataclass(frozen=True, slots=True)
class Limit:
    """What a statement asks for, in the reporting currency, beside the limit. Without a rate it takes two people."""

    currency: str
    limit_minor: int
    reported_minor: int | None

    @property
    def people(self) -> int:
        return 2 if self.reported_minor is None or self.reported_minor > self.limit_minor else 1

    def as_json(self) -> dict[str, Any]:
        return {"currency": self.currency, "limit_minor": self.limit_minor, "reported_minor": self.reported_minor}


def limit_for(statement: Statement, rates: Rates) -> Limit:
    """Return the limit by the rates of the closing. What asks for nothing needs nobody's approval twice."""
    reported = rates.reported(statement.payable_minor, statement.currency) if statement.payable_minor else 0
    return Limit(reporting_currency(), int(settings.CHANNELS_APPROVAL_LIMIT_MINOR), reported)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where an approval stands, for the person who looks."""

    given: int
    needed: int
    is_mine_given: bool

    @property
    def may_approve(self) -> bool:
        return self.given < self.needed and not self.is_mine_given


def turn(statement: Statement, user: AbstractBaseUser | AnonymousUser) -> Turn:
    people = list(statement.approvals.values_list("by_id", flat=True))
    return Turn(len(people), statement.approvals_needed, user.pk in people)
