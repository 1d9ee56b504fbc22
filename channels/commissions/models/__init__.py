"""Tables of the commissions app, by subject."""

from channels.commissions.models.accruals import Accrual, RatingRun
from channels.commissions.models.ledger import LedgerEntry, LedgerHead, LedgerPosting
from channels.commissions.models.payouts import Payout, PayoutAttempt
from channels.commissions.models.programmes import Programme, ProgrammeVersion
from channels.commissions.models.statements import Statement, StatementLine

__all__ = [
    "Accrual",
    "LedgerEntry",
    "LedgerHead",
    "LedgerPosting",
    "Payout",
    "PayoutAttempt",
    "Programme",
    "ProgrammeVersion",
    "RatingRun",
    "Statement",
    "StatementLine",
]
