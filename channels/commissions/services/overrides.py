"""What follows from an override: the order is rated anew with the reason on each posting, and partners are told."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.commissions.selectors.override_preview import Preview, preview
from channels.commissions.services import disputes
from channels.commissions.services.facts import owe_rating
from channels.core.ids import key
from channels.core.money import written
from channels.journeys.models import AttributionRun, Override
from channels.journeys.services import overrides
from channels.journeys.services.overrides import NotPossible
from channels.notices.services import tell

CHANGED = gettext_noop("The credit for order %(number)s was decided anew")
PAID_BODY = gettext_noop(
    "Two people decided who is credited for order %(number)s: %(reason)s\n\n"
    "Your commission on it changes by %(delta)s, from %(before)s to %(after)s. What was paid to you already stays paid; "
    "a difference is settled with your next statements."
)
UNPAID_BODY = gettext_noop(
    "Two people decided who is credited for order %(number)s: %(reason)s\n\n"
    "The customer has not paid the order yet, so nothing is booked. When it does, your commission is expected to be "
    "%(after)s instead of %(before)s."
)


@transaction.atomic
def approve(*, override_id: int, at: datetime, by: AbstractBaseUser) -> AttributionRun:
    """Approve a proposal, owe the order a rating, and tell the partners it touches. Raises NotPossible.

    The money follows as target minus posted in a task; when that is lost, `heal` finds the pending run.
    """
    proposal = Override.objects.select_related("order").filter(pk=override_id).first()
    if proposal is None:
        raise NotPossible(_("There is no such override."))
    # The order is locked by `overrides.approve`; what is previewed before it is checked again in there.
    expected = preview(proposal.order, lines=proposal.lines, pools=proposal.pools, reason=proposal.reason)
    run = overrides.approve(override_id=override_id, at=at, by=by)
    if proposal.order.rating_runs.exists():
        owe_rating(order_id=run.order_id, cause=key("re-attribution", run.sequence), reason=proposal.reason, at=at)
    disputes.uphold_by_override(override_id=override_id, at=at, by=by)
    _tell(proposal, expected, at)
    return run


def _tell(proposal: Override, expected: Preview, at: datetime) -> None:
    currency = expected.order.currency
    for partner, delta in expected.by_partner().items():
        own = [change for change in expected.changes if change.partner == partner]
        if not any(change.delta_minor for change in own):
            continue
        after = sum(change.after_minor for change in own)
        tell(
            partner_id=partner.pk,
            kind="override.approved",
            subject=CHANGED,
            body=PAID_BODY if expected.is_paid else UNPAID_BODY,
            params={
                "number": expected.order.number,
                "reason": proposal.reason,
                "delta": written(delta, currency, signed=True),
                "before": written(sum(change.before_minor for change in own), currency),
                "after": written(after, currency),
            },
            # Without a credit or a commission on it, the order's page is closed to the partner.
            path=f"/portal/orders/{expected.order.number}/" if expected.is_paid or after else "",
            key=key("override", proposal.pk, partner.pk),
            at=at,
        )
