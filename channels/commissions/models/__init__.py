"""Tables of the commissions app, by subject."""

from channels.commissions.models.accruals import Accrual, RatingRun
from channels.commissions.models.counters import CounterEntry, RuleCounter
from channels.commissions.models.disputes import Adjustment, Dispute, DisputeEntry, DisputeLine
from channels.commissions.models.ledger import LedgerEntry, LedgerHead, LedgerPosting
from channels.commissions.models.payees import BankAccount, PayoutDetails, PayoutDetailsCancellation, StripeAccount
from channels.commissions.models.payouts import (
    BankStatusFile,
    Payout,
    PayoutAttempt,
    PayoutBatch,
    PayoutBatchItem,
    PayoutRecall,
    Rail,
)
from channels.commissions.models.programmes import Programme, ProgrammeVersion
from channels.commissions.models.rates import ExchangeRate
from channels.commissions.models.simulations import DraftComment, DraftShare, SimulatedOrder, SimulationRun
from channels.commissions.models.statements import ClosedMonth, Statement, StatementApproval, StatementLine
from channels.commissions.models.stewards import StewardAcceptance

__all__ = [
    "Accrual",
    "Adjustment",
    "BankAccount",
    "BankStatusFile",
    "ClosedMonth",
    "CounterEntry",
    "Dispute",
    "DisputeEntry",
    "DisputeLine",
    "DraftComment",
    "DraftShare",
    "ExchangeRate",
    "LedgerEntry",
    "LedgerHead",
    "LedgerPosting",
    "Payout",
    "PayoutAttempt",
    "PayoutBatch",
    "PayoutBatchItem",
    "PayoutDetails",
    "PayoutDetailsCancellation",
    "PayoutRecall",
    "Programme",
    "ProgrammeVersion",
    "Rail",
    "RatingRun",
    "RuleCounter",
    "SimulatedOrder",
    "SimulationRun",
    "Statement",
    "StatementApproval",
    "StatementLine",
    "StewardAcceptance",
    "StripeAccount",
]
