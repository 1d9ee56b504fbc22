"""Freezing the money of a dispute and letting it go on. The ledger grows by a posting; nothing in it is changed.

Called with the order locked; both take the head, so that a release and the opening of a dispute take turns.
"""

from datetime import datetime

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext_noop

from channels.commissions.engine import ledger as engine
from channels.commissions.models import Accrual, Dispute, LedgerPosting
from channels.commissions.selectors import freezes
from channels.commissions.services import ledger, locks
from channels.core.ids import key
from channels.notices.services import tell

State = Accrual.State
RELEASED = (State.PAYABLE, State.STATED)
ON_HOLD = (State.REVIEW, State.HELD)

FROZEN = gettext_noop("Your commission on order %(number)s is on hold")
FROZEN_BODY = gettext_noop(
    "Somebody asked us to look at who is credited for order %(number)s. Until that is decided, your commission on it "
    "is neither released nor paid. You need not do anything; we tell you what comes of it."
)


def freeze(dispute: Dispute, *, at: datetime) -> None:
    """Put what was released and not paid back on hold. What is on hold stays so, and what is being paid goes on."""
    locks.lock_head()
    released = freezes.concerned(dispute).filter(state__in=RELEASED)
    drafts = []
    for accrual in _with_rest(released):
        entries = engine.freeze(partner=str(accrual.partner_id), amount_minor=_rest(accrual), currency=accrual.currency)
        drafts.append(
            ledger.Draft(
                key=key("freeze", accrual.key, accrual.refreezes + 1),
                kind=LedgerPosting.Kind.FREEZE,
                booked_at=at,
                order_id=accrual.order_id,
                accrual_id=accrual.pk,
                memo=dispute.number,
                entries=entries,
            )
        )
    frozen = [draft.accrual_id for draft in drafts if draft.accrual_id]
    ledger.post_many(drafts)
    Accrual.objects.filter(pk__in=frozen).update(state=State.HELD, refreezes=F("refreezes") + 1)
    _tell_others(dispute, at)


def thaw(dispute: Dispute, *, at: datetime) -> None:
    """Let the money go on: it is released by the next run, booked on the day of the decision at the earliest.

    Called once the dispute is closed; what another open dispute concerns stays frozen.
    """
    locks.lock_head()
    waiting = freezes.concerned(dispute).filter(state__in=ON_HOLD, hold_until__lt=at)
    freezes.not_frozen(waiting).update(hold_until=at)


def _tell_others(dispute: Dispute, at: datetime) -> None:
    """Partners whose money waits because of somebody else's dispute. Whose it is they are not told."""
    order = dispute.order
    if order is None or not dispute.freezes_others:
        return
    held = freezes.concerned(dispute).filter(state__in=ON_HOLD).exclude(partner_id=dispute.partner_id)
    for partner_id in sorted(set(held.values_list("partner_id", flat=True))):
        tell(
            partner_id=partner_id,
            kind="dispute.frozen",
            subject=FROZEN,
            body=FROZEN_BODY,
            params={"number": order.number},
            path=f"/portal/orders/{order.number}/",
            key=key("dispute", dispute.pk, "frozen", partner_id),
            at=at,
        )


def _with_rest(accruals: QuerySet[Accrual]) -> list[Accrual]:
    rows = accruals.annotate(taken=Sum("reversals__amount_minor")).order_by("pk")
    return [row for row in rows if _rest(row) > 0]


def _rest(accrual: Accrual) -> int:
    return accrual.amount_minor + (getattr(accrual, "taken", None) or 0)
