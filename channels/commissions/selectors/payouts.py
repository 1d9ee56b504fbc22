"""What finance pays: statements that ask for money with their rail and what stands in the way, and batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from channels.commissions.models import Payout, PayoutAttempt, PayoutBatch, PayoutDetails, Rail, Statement
from channels.commissions.rails import rail
from channels.commissions.selectors.payees import Whereabouts, whereabouts_of

State = Payout.State
# Under way or paid: nothing to decide.
SETTLED = (State.SENDING, State.PAID)


@dataclass(frozen=True, slots=True)
class DuePayout:
    """A statement that asks for money. `obstacle` says why it cannot be sent now; empty when it can."""

    statement: Statement
    payout: Payout | None
    rail: str
    account: str
    obstacle: str
    last_error: str

    @property
    def rail_label(self) -> str:
        return str(Rail(self.rail).label)


def due(*, now: datetime) -> QuerySet[Statement]:
    """Return the statements that ask for money which has not left, each with the `rail` its partner chose."""
    in_force = PayoutDetails.objects.filter(
        partner=OuterRef("partner"), valid_from__lte=now, entered_at__lte=now, cancellation__isnull=True
    )
    chosen = Coalesce(Subquery(in_force.order_by("-pk").values("rail")[:1]), Value(str(Rail.MANUAL)))
    waiting = Statement.objects.filter(payable_minor__gt=0).exclude(state=Statement.State.PAID)
    return (
        waiting.exclude(payout__state__in=SETTLED)
        .annotate(rail=chosen, given=Count("approvals"))
        .select_related("partner", "payout")
        .prefetch_related(Prefetch("payout__attempts", PayoutAttempt.objects.order_by("-pk")))
        .order_by("-period_start", "partner__name", "currency")
    )


def described(statements: Iterable[Statement], *, now: datetime) -> list[DuePayout]:
    """Say of each due statement how it would be paid, and what stands in the way; two queries."""
    rows = list(statements)
    places = whereabouts_of({row.partner_id for row in rows}, now=now)
    return [_described(row, places[row.partner_id]) for row in rows]


def _described(statement: Statement, place: Whereabouts) -> DuePayout:
    payout: Payout | None = getattr(statement, "payout", None)
    attempts = list(payout.attempts.all()) if payout else []
    obstacle = rail(place.rail).obstacle(place.payee, statement.currency)
    if place.pending:
        day = place.pending.valid_from.strftime("%Y-%m-%d")
        obstacle = _("The bank details were changed; payouts wait until %(day)s.") % {"day": day}
    return DuePayout(
        statement=statement,
        payout=payout,
        rail=place.rail,
        account=(place.current.masked if place.current else "") or (place.account.account_id if place.account else ""),
        obstacle=obstacle,
        last_error=attempts[0].last_error if attempts else "",
    )


def batches() -> QuerySet[PayoutBatch]:
    """Return the batches, latest first, with how many payouts each holds and what came of them."""
    return (
        PayoutBatch.objects.select_related("created_by")
        .defer("file")
        .annotate(
            total=Count("items"),
            handled=Count("items", filter=Q(items__handled_at__isnull=False)),
            under_way=Count("items", filter=Q(items__attempt__state=PayoutAttempt.State.SENT)),
            paid=Count("items", filter=Q(items__attempt__state=PayoutAttempt.State.CONFIRMED)),
            failed=Count(
                "items",
                filter=Q(items__attempt__state__in=(PayoutAttempt.State.REFUSED, PayoutAttempt.State.RETURNED))
                | Q(items__handled_at__isnull=False, items__attempt__isnull=True),
            ),
        )
    )


def can_be_sent_again(batch: PayoutBatch) -> bool:
    """Tell whether something of the batch failed or was left out, and is not on its way in another."""
    return batch.items.filter(payout__state__in=(State.APPROVED, State.FAILED), handled_at__isnull=False).exists()
