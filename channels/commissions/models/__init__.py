"""Tables of the commissions app, by subject."""

from channels.commissions.models.accruals import Accrual, RatingRun
from channels.commissions.models.ledger import LedgerEntry, LedgerHead, LedgerPosting
from channels.commissions.models.payouts import Payout, PayoutAttempt
from channels.commissions.models.programmes import Programme, ProgrammeVersion
from channels.commissions.models.rates import ExchangeRate
from channels.commissions.models.simulations import DraftComment, DraftShare, SimulatedOrder, SimulationRun
from channels.commissions.models.statements import ClosedMonth, Statement, StatementApproval, StatementLine

__all__ = [
    "Accrual",
    "ClosedMonth",
    "DraftComment",
    "DraftShare",
    "ExchangeRate",
    "LedgerEntry",
    "LedgerHead",
    "LedgerPosting",
    "Payout",
    "PayoutAttempt",
    "Programme",
    "ProgrammeVersion",
    "RatingRun",
    "SimulatedOrder",
    "SimulationRun",
    "Statement",
    "StatementApproval",
    "StatementLine",
]
