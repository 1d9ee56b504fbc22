"""A credit that waits for a person, such as a possible self-referral: cleared, or rejected for good."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.commissions.models import Accrual
from channels.commissions.services import holds, locks
from channels.commissions.services.facts import owe_rating
from channels.core.ids import key
from channels.journeys.services import overrides
from channels.notices.services import tell

CLEARED = gettext_noop("Your commission on order %(number)s is cleared")
CLEARED_BODY = gettext_noop(
    "A person looked at your credit for order %(number)s, and it stands. Your commission goes on to its normal hold."
)
REJECTED = gettext_noop("Your credit for order %(number)s was rejected")
REJECTED_BODY = gettext_noop(
    "A person looked at your credit for order %(number)s and rejected it: %(reason)s\n\n"
    "The commission that was held because of it is taken back. If you think that this is wrong, open the order on your "
    "portal and dispute it."
)


class NotPossible(Exception):
    """The credit is not waiting for a person any more, or the reason is missing."""


@transaction.atomic
def clear(*, accrual_id: int, at: datetime, by: AbstractBaseUser | None, reason: str = "") -> None:
    """Let the commission go on to its normal hold, and tell the partner."""
    accrual = _waiting(accrual_id)
    holds.clear_review(accrual_ids=[accrual.pk], at=at, by=by, reason=reason)
    _tell(accrual, CLEARED, CLEARED_BODY, "cleared", at)


@transaction.atomic
def reject(*, accrual_id: int, at: datetime, by: AbstractBaseUser | None, reason: str) -> None:
    """Refuse the credit: its target becomes nothing, so the next rating takes back what was posted, with the reason."""
    accrual = _waiting(accrual_id)
    if not reason.strip():
        raise NotPossible(_("Say why; the partner reads it."))
    if accrual.credit_id is None:
        raise NotPossible(_("This commission has no credit that could be rejected."))
    overrides.reject_credit(credit_id=accrual.credit_id, reason=reason, at=at, by=by)
    record(verb="accrual.review_rejected", subject=accrual, at=at, actor=by, reason=reason.strip())
    owe_rating(order_id=accrual.order_id, cause=key("review", accrual.credit_id), reason=reason.strip(), at=at)
    _tell(accrual, REJECTED, REJECTED_BODY, "rejected", at, reason=reason.strip())


def _waiting(accrual_id: int) -> Accrual:
    """Lock the order, so that of two people at once the second is refused."""
    order_id = Accrual.objects.values_list("order_id", flat=True).get(pk=accrual_id)
    locks.lock_orders([order_id])
    accrual = Accrual.objects.select_related("partner", "order").get(pk=accrual_id)
    rejected = accrual.credit is not None and hasattr(accrual.credit, "rejection")
    if accrual.state != Accrual.State.REVIEW or rejected:
        raise NotPossible(_("Somebody decided on this credit already."))
    return accrual


def _tell(accrual: Accrual, subject: str, body: str, step: str, at: datetime, **params: str) -> None:
    tell(
        partner_id=accrual.partner_id,
        kind=f"review.{step}",
        subject=subject,
        body=body,
        params={"number": accrual.order.number, **params},
        path=f"/portal/orders/{accrual.order.number}/",
        key=key("review", accrual.pk, step),
        at=at,
    )
