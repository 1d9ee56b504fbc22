"""What becomes of a return once its money has arrived, or has come back. The order is locked by the caller."""

from datetime import datetime

from shop.returns.models import Repayment, ReturnRequest, TakeBack
from shop.returns.services import steps
from shop.returns.services.steps import State, Step


def paid_back(*, take_back: TakeBack, at: datetime) -> None:
    """Close the return that the money was for, when the last of it has arrived."""
    request = _of(take_back)
    if request and steps.may_take(Step.SETTLE, request) and is_settled(take_back):
        steps.move(request, Step.SETTLE, State.REFUNDED, at=at)


def bounced(*, take_back: TakeBack, at: datetime) -> None:
    """Open the return again whose money the bank returned to us."""
    request = _of(take_back)
    if request and steps.may_take(Step.BOUNCE, request):
        steps.move(request, Step.BOUNCE, State.GRANTED, at=at)


def is_settled(take_back: TakeBack) -> bool:
    return not take_back.repayments.exclude(state=Repayment.State.DONE).exists()


def _of(take_back: TakeBack) -> ReturnRequest | None:
    return ReturnRequest.objects.select_for_update(of=("self",)).filter(take_back=take_back).first()
