"""Tables of returns: what customers ask for, what is taken back, and the money that goes back for it."""

from shop.returns.models.policies import ReturnPolicy
from shop.returns.models.repayments import Repayment
from shop.returns.models.requests import ReturnDocument, ReturnEvent, ReturnLine, ReturnRequest
from shop.returns.models.take_backs import TakeBack, TakeBackLine

__all__ = [
    "Repayment",
    "ReturnDocument",
    "ReturnEvent",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnRequest",
    "TakeBack",
    "TakeBackLine",
]
