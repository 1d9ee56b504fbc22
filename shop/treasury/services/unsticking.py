"""The safe acts for what came to a halt: settle an attempt again, refund it, send a refund again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channels import api
from shop.buying.models import CheckoutAttempt
from shop.buying.services import attempts, refusals, settlement
from shop.payments.models import Refund
from shop.payments.services import refunds
from shop.treasury.stuck import AGAIN

State = CheckoutAttempt.State


class NotStuck(Exception):
    """The act does not fit any more; the message says how the row stands."""


def settle_again(*, attempt_id: int, at: datetime, by: Any) -> CheckoutAttempt:
    """Ask Stripe how the payment stands, then place, refund or give up as that says; safe to repeat.

    Over the network, never in a transaction. One whose time is over is given up unless it was paid meanwhile. Raises
    NotStuck for one without a payment, ProviderAway, and what keeps a paid order from being placed.
    """
    attempt = CheckoutAttempt.objects.get(pk=attempt_id)
    if attempt.payment_id is None:
        raise NotStuck(_("This attempt has no payment."))
    is_over = attempt.expires_at is not None and attempt.expires_at <= at
    act = settlement.abandon if is_over and attempt.state != State.PAID else settlement.check
    settled = act(attempt_id=attempt_id, at=at)
    api.record_audit(
        verb="attempt.settled_again", subject=settled, at=at, actor=by, data={"was": attempt.state, "is": settled.state}
    )
    return settled


@transaction.atomic
def refund_now(*, attempt_id: int, reason: str, at: datetime, by: Any) -> CheckoutAttempt:
    """Give the money of a paid attempt back instead of placing it; the refund is sent after the commit.

    Raises NotStuck for one in any other state: what is placed is taken back as a return, what is open is settled.
    """
    attempt = attempts.locked(attempt_id)
    if attempt.state != State.PAID:
        raise NotStuck(
            _("Only a paid attempt without an order is refunded here; this one is: %s.") % attempt.get_state_display()
        )
    refusals.refund(attempt, reason=reason, at=at)
    api.record_audit(verb="attempt.refunded", subject=attempt, at=at, actor=by, reason=reason)
    return attempt


@transaction.atomic
def refund_again(*, refund_id: int, at: datetime, by: Any) -> Refund:
    """Ask anew for a refund that failed; the same one twice asks once. It is sent after the commit.

    Raises NotStuck for one that did not fail, and OverRefund where the money went back otherwise.
    """
    failed = Refund.objects.get(pk=refund_id)
    if failed.state != Refund.State.FAILED:
        raise NotStuck(_("Only a failed refund is sent again; this one is: %s.") % failed.get_state_display())
    made = refunds.request_refund(
        payment_id=failed.payment_id,
        amount=failed.amount,
        key=f"{AGAIN}{failed.pk}",
        reason=failed.reason,
        by=by,
        at=at,
    )
    api.record_audit(verb="refund.sent_again", subject=made, at=at, actor=by, data={"failed": failed.key})
    return made
