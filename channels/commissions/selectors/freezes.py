"""Which accruals a dispute freezes: they are neither released nor stated nor paid until it is decided.

A frozen accrual is always held: opening a dispute posts what was payable back to held, so that statements and payouts
see it in the balance, and only the release has to ask here.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from channels.commissions.engine.disputes import OPEN_STATES
from channels.commissions.models import Accrual, Dispute, DisputeLine


def frozen_by_dispute() -> Exists:
    """Return the condition on an accrual: an open dispute concerns its line, and it is the disputant's or at stake."""
    concerned = DisputeLine.objects.filter(line=OuterRef("line"), dispute__state__in=OPEN_STATES)
    theirs = Q(dispute__partner=OuterRef("partner")) | Q(dispute__freezes_others=True)
    return Exists(concerned.filter(theirs))


def not_frozen(accruals: QuerySet[Accrual]) -> QuerySet[Accrual]:
    return accruals.filter(~frozen_by_dispute())


def frozen(accruals: QuerySet[Accrual]) -> QuerySet[Accrual]:
    return accruals.filter(frozen_by_dispute())


def concerned(dispute: Dispute) -> QuerySet[Accrual]:
    """Return the earning accruals on the dispute's lines that it freezes while it is open, whatever their state."""
    found = Accrual.objects.filter(line__disputes__dispute=dispute, reverses=None)
    return found if dispute.freezes_others else found.filter(partner_id=dispute.partner_id)
