"""The life of a dispute: opened by a partner, looked into by the desk, decided with a reason. Each step is audited.

Locks: the order, then the dispute, then the ledger head. What a claim says of an order never depends on whether there
is one: the partner learns only what it wrote itself, and the answer.
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.commissions.engine import disputes as engine
from channels.commissions.engine.disputes import Act, ActNotAllowed, Side
from channels.commissions.models import Adjustment, Dispute, DisputeEntry, DisputeLine
from channels.commissions.selectors import disputes as selectors
from channels.commissions.selectors.programmes import in_force
from channels.commissions.services import freezing, locks
from channels.commissions.services.facts import owe_rating
from channels.core.ids import key, public_ref
from channels.core.money import written
from channels.journeys.models import OrderRecord, Override
from channels.notices.models import Notice
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

State = Dispute.State
# So many claims of unknown orders may wait at once: nobody tries out order numbers.
MOST_CLAIMS = 25
TEXT_LIMIT = 4000

RECEIVED = gettext_noop("We have received %(dispute)s")
RECEIVED_BODY = gettext_noop(
    "Your request about order %(number)s is with our channel desk. You get an answer by %(due)s. You can add to it, or "
    "withdraw it, on your portal."
)
TAKEN_UP = gettext_noop("Somebody is looking into %(dispute)s")
TAKEN_UP_BODY = gettext_noop("Your request about order %(number)s is under review. You get an answer by %(due)s.")
MESSAGE = gettext_noop("There is a message about %(dispute)s")
MESSAGE_BODY = gettext_noop("About order %(number)s, our channel desk writes:\n\n%(text)s")
UPHELD = gettext_noop("%(dispute)s was decided in your favour")
UPHELD_BODY = gettext_noop("About order %(number)s: %(answer)s")
REJECTED = gettext_noop("%(dispute)s was not upheld")
REJECTED_BODY = gettext_noop("About order %(number)s: %(answer)s\n\nWhat was on hold because of it goes on now.")
THAWED = gettext_noop("Your commission on order %(number)s goes on")
THAWED_BODY = gettext_noop(
    "The question of who is credited for order %(number)s is answered. Your commission on it is released as usual."
)


class NotPossible(Exception):
    """The dispute cannot be opened or decided like this; the text says why."""


@transaction.atomic
def dispute_credit(
    *,
    partner_id: int,
    order_number: str,
    kind: str,
    reason: str,
    at: datetime,
    by: AbstractBaseUser | None,
    evidence: str = "",
    lines: Iterable[str] = (),
) -> Dispute:
    """Dispute the partner's own credit or commission on an order that it can see. Raises NotPossible."""
    partner = ChannelPartner.objects.get(pk=partner_id)
    order = OrderRecord.objects.filter(number=order_number).first()
    if order is None or not selectors.is_credited(partner, order) or kind == Dispute.Kind.CLAIM:
        raise NotPossible(_("This order does not credit you."))
    if not selectors.is_in_time(partner, order, now=at):
        raise NotPossible(
            _("A credit may be disputed for %(days)s days; these are over.") % {"days": settings.DISPUTE_CLAIM_DAYS}
        )
    return _open(partner, order.number, order, Dispute.Kind(kind), reason, evidence, list(lines), None, at, by)


@transaction.atomic
def claim(
    *,
    partner_id: int,
    named: str,
    ordered_on: date,
    reason: str,
    evidence: str,
    at: datetime,
    by: AbstractBaseUser | None,
) -> Dispute:
    """Claim an order by its number or public reference. Raises NotPossible, for what the partner wrote alone.

    The period runs from the day that the partner gives; the desk sees the real one.
    """
    partner = ChannelPartner.objects.get(pk=partner_id)
    name = selectors.tidy(named)
    if not name:
        raise NotPossible(_("Write the number of the order, or its reference."))
    if ordered_on > at.date():
        raise NotPossible(_("The day of the order is in the future."))
    if (at.date() - ordered_on).days >= settings.DISPUTE_CLAIM_DAYS:
        raise NotPossible(
            _("An order may be claimed for %(days)s days; these are over.") % {"days": settings.DISPUTE_CLAIM_DAYS}
        )
    waiting = selectors.open_disputes().filter(partner=partner, kind=Dispute.Kind.CLAIM).count()
    if waiting >= MOST_CLAIMS:
        raise NotPossible(_("You have many open claims. Wait for an answer before you add another one."))
    order = selectors.order_named(name)
    return _open(partner, name, order, Dispute.Kind.CLAIM, reason, evidence, [], ordered_on, at, by)


@transaction.atomic
def take_up(*, dispute_id: int, at: datetime, by: AbstractBaseUser) -> Dispute:
    """Start the review. From now on the money of the others whom the dispute could take from is frozen as well."""
    dispute = _step(dispute_id, Act.TAKE_UP, Side.DESK)
    dispute.taken_up_by_id, dispute.taken_up_at = by.pk, at
    dispute.freezes_others = engine.freezes(
        disputant=False, wants_more=dispute.wants_more, is_grounded=dispute.is_grounded, state=dispute.state
    )
    dispute.save(update_fields=["state", "taken_up_by", "taken_up_at", "freezes_others"])
    freezing.freeze(dispute, at=at)
    _trace(dispute, Act.TAKE_UP, Side.DESK, "", at, by)
    _tell(dispute, TAKEN_UP, TAKEN_UP_BODY, "taken-up", at, due=f"{dispute.due_at:%Y-%m-%d}")
    return dispute


@transaction.atomic
def write(
    *, dispute_id: int, side: str, text: str, at: datetime, by: AbstractBaseUser | None, is_internal: bool = False
) -> DisputeEntry:
    """Add a message; the desk's, unless internal, reaches the partner as a notice."""
    dispute = _locked(dispute_id)
    if not dispute.is_open:
        raise NotPossible(_("This is decided; nothing can be added."))
    text = text.strip()[:TEXT_LIMIT]
    if not text:
        raise NotPossible(_("Write something first."))
    internal = is_internal and side == Side.DESK
    entry = _entry(dispute, "", Side(side), text, at, by, is_internal=internal)
    if side == Side.DESK and not internal:
        _tell(dispute, MESSAGE, MESSAGE_BODY, key("message", entry.pk), at, text=text)
    return entry


@transaction.atomic
def move_due(*, dispute_id: int, due_on: date, reason: str, at: datetime, by: AbstractBaseUser) -> Dispute:
    """Give the dispute another due date, with a reason that the partner reads."""
    dispute = _locked(dispute_id)
    moved = dispute.due_at.replace(year=due_on.year, month=due_on.month, day=due_on.day)
    if not dispute.is_open or moved <= at:
        raise NotPossible(_("Choose a day in the future."))
    if not reason.strip():
        raise NotPossible(_("Say why; the partner reads it."))
    dispute.due_at = moved
    dispute.save(update_fields=["due_at"])
    entry = _trace(dispute, "due", Side.DESK, f"{due_on:%Y-%m-%d}: {reason.strip()[:300]}", at, by)
    _tell(dispute, MESSAGE, MESSAGE_BODY, key("message", entry.pk), at, text=entry.text)
    return dispute


@transaction.atomic
def reject(*, dispute_id: int, answer: str, at: datetime, by: AbstractBaseUser) -> Dispute:
    """Turn the dispute down with an answer; the money goes on."""
    dispute = _step(dispute_id, Act.REJECT, Side.DESK)
    if dispute.override and dispute.override.state == Override.State.PROPOSED:
        raise NotPossible(_("An override is proposed for it: decide on that first."))
    _decide(dispute, answer, at, by)
    _close(dispute, Act.REJECT, Side.DESK, dispute.answer, at, by)
    _tell(dispute, REJECTED, REJECTED_BODY, "decided", at, answer=dispute.answer)
    return dispute


@transaction.atomic
def withdraw(*, dispute_id: int, at: datetime, by: AbstractBaseUser | None) -> Dispute:
    """Take one's own dispute back."""
    dispute = _step(dispute_id, Act.WITHDRAW, Side.PARTNER)
    dispute.decided_at, dispute.decided_by_id = at, by.pk if by else None
    dispute.save(update_fields=["state", "decided_at", "decided_by"])
    _close(dispute, Act.WITHDRAW, Side.PARTNER, "", at, by)
    return dispute


@transaction.atomic
def uphold_with_adjustment(
    *, dispute_id: int, line_key: str, amount_minor: int, answer: str, at: datetime, by: AbstractBaseUser
) -> Dispute:
    """Decide for the partner by an amount on a line. Two people: whoever took the dispute up does not set it."""
    dispute = _step(dispute_id, Act.UPHOLD, Side.DESK)
    line = dispute.order.lines.filter(key=line_key).first() if dispute.order else None
    if dispute.order is None or line is None:
        raise NotPossible(_("There is no such order line to adjust."))
    if in_force(at=dispute.order.placed_at) is None:
        raise NotPossible(_("No programme was in force on the day of the order, so nothing can be booked on it."))
    if by.pk == dispute.taken_up_by_id:
        raise NotPossible(_("Somebody else than the person who took the dispute up decides on an amount."))
    if not 0 < amount_minor <= max(line.net_minor, 0):
        raise NotPossible(_("The amount must be above zero, and no more than the line's net."))
    _decide(dispute, answer, at, by)
    adjustment = Adjustment.objects.create(
        dispute=dispute, line=line, partner_id=dispute.partner_id, amount_minor=amount_minor,
        reason=f"{dispute.number}: {dispute.answer}"[:300], at=at, by_id=by.pk,
    )  # fmt: skip
    owe_rating(order_id=dispute.order.pk, cause=key("adjustment", dispute.number), reason=adjustment.reason, at=at)
    _close(dispute, Act.UPHOLD, Side.DESK, dispute.answer, at, by)
    amount = written(amount_minor, dispute.order.currency)
    _tell(dispute, UPHELD, UPHELD_BODY, "decided", at, answer=f"{dispute.answer} ({amount})")
    return dispute


@transaction.atomic
def propose_remedy(*, dispute_id: int, override_id: int) -> Dispute:
    """Keep that an override was proposed because of a dispute under review: approving it upholds the dispute."""
    dispute = _locked(dispute_id)
    proposal = Override.objects.get(pk=override_id)
    if dispute.state != State.UNDER_REVIEW or dispute.order_id != proposal.order_id:
        raise NotPossible(_("The override does not belong to this dispute."))
    if dispute.override and dispute.override.state == Override.State.PROPOSED:
        raise NotPossible(_("An override is proposed for it already."))
    dispute.override = proposal
    dispute.save(update_fields=["override"])
    return dispute


def uphold_by_override(*, override_id: int, at: datetime, by: AbstractBaseUser) -> None:
    """Close the dispute behind an approved override; in the transaction that approves it, with the order locked."""
    found = Dispute.objects.filter(override=override_id, state=State.UNDER_REVIEW).values_list("pk", flat=True)
    for dispute_id in found:
        dispute = _step(dispute_id, Act.UPHOLD, Side.DESK)
        override = Override.objects.get(pk=override_id)
        _decide(dispute, override.reason, at, by)
        _close(dispute, Act.UPHOLD, Side.DESK, dispute.answer, at, by)
        _tell(dispute, UPHELD, UPHELD_BODY, "decided", at, answer=dispute.answer)


# --- shared -----------------------------------------------------------------------------------------------------------


def _open(
    partner: ChannelPartner,
    named: str,
    order: OrderRecord | None,
    kind: str,
    reason: str,
    evidence: str,
    lines: list[str],
    ordered_on: date | None,
    at: datetime,
    by: AbstractBaseUser | None,
) -> Dispute:
    if not reason.strip():
        raise NotPossible(_("Say what is wrong, and why."))
    if order is not None:
        locks.lock_orders([order.pk])
    if selectors.open_disputes().filter(partner=partner, named=named).exists():
        raise NotPossible(_("You have an open request about this order already."))
    dispute = Dispute(
        number=public_ref(secrets.token_bytes(5), prefix="D"), partner=partner, kind=kind, named=named,
        ordered_on=ordered_on, order=order, reason=reason.strip()[:TEXT_LIMIT], evidence=evidence.strip()[:TEXT_LIMIT],
        opened_at=at, opened_by_id=by.pk if by else None,
        due_at=engine.due_at(opened_at=at, days=settings.DISPUTE_ANSWER_DAYS),
    )  # fmt: skip
    dispute.is_grounded = order is not None and selectors.is_grounded(partner, order)
    dispute.freezes_others = engine.freezes(
        disputant=False, wants_more=dispute.wants_more, is_grounded=dispute.is_grounded, state=dispute.state
    )
    dispute.save()
    if order is not None:
        rows = [row for row in order.lines.all() if not lines or row.key in lines]
        DisputeLine.objects.bulk_create(DisputeLine(dispute=dispute, line=row) for row in rows)
        freezing.freeze(dispute, at=at)
    _trace(dispute, "opened", Side.PARTNER, "", at, by)
    _tell(dispute, RECEIVED, RECEIVED_BODY, "received", at, due=f"{dispute.due_at:%Y-%m-%d}")
    return dispute


def _step(dispute_id: int, act: Act, side: Side) -> Dispute:
    """Lock the dispute and move it, unsaved; of two people at once the second is refused."""
    dispute = _locked(dispute_id)
    try:
        dispute.state = engine.after(dispute.state, act, side=side)
    except ActNotAllowed:
        raise NotPossible(
            _("%(dispute)s is %(state)s: this step is not open.")
            % {"dispute": dispute.number, "state": dispute.get_state_display()}
        ) from None
    return dispute


def _locked(dispute_id: int) -> Dispute:
    order_id = Dispute.objects.values_list("order_id", flat=True).get(pk=dispute_id)
    if order_id is not None:
        locks.lock_orders([order_id])
    found = Dispute.objects.select_for_update(no_key=True, of=("self",))
    return found.select_related("partner", "order", "override").get(pk=dispute_id)


def _decide(dispute: Dispute, answer: str, at: datetime, by: AbstractBaseUser) -> None:
    dispute.answer = answer.strip()[:TEXT_LIMIT]
    if not dispute.answer:
        raise NotPossible(_("Write the answer; the partner reads it."))
    dispute.decided_at, dispute.decided_by_id = at, by.pk
    dispute.save(update_fields=["state", "answer", "decided_at", "decided_by"])


def _close(dispute: Dispute, act: Act, side: Side, text: str, at: datetime, by: AbstractBaseUser | None) -> None:
    freezing.thaw(dispute, at=at)
    _trace(dispute, act, side, text, at, by)
    if dispute.order is None:
        return
    frozen = Notice.objects.filter(kind="dispute.frozen", key__startswith=key("dispute", dispute.pk, "frozen") + ":")
    for partner_id in frozen.order_by("pk").values_list("partner_id", flat=True):
        tell(
            partner_id=partner_id, kind="dispute.thawed", subject=THAWED, body=THAWED_BODY,
            params={"number": dispute.order.number}, path=f"/portal/orders/{dispute.order.number}/",
            key=key("dispute", dispute.pk, "thawed", partner_id), at=at,
        )  # fmt: skip


def _trace(
    dispute: Dispute, step: str, side: Side, text: str, at: datetime, by: AbstractBaseUser | None
) -> DisputeEntry:
    data = {"partner": dispute.partner.code, "order": dispute.named, "kind": dispute.kind, "state": dispute.state}
    record(verb=f"dispute.{step}", subject=dispute, at=at, actor=by, reason=text, data=data)
    return _entry(dispute, step, side, text, at, by)


def _entry(
    dispute: Dispute, step: str, side: Side, text: str, at: datetime, by: AbstractBaseUser | None, **values: Any
) -> DisputeEntry:
    return DisputeEntry.objects.create(
        dispute=dispute, step=step, side=side, text=text, at=at, by_id=by.pk if by else None, **values
    )


def _tell(dispute: Dispute, subject: str, body: str, step: str, at: datetime, **params: str) -> None:
    tell(
        partner_id=dispute.partner_id,
        kind="dispute",
        subject=subject,
        body=body,
        params={"dispute": dispute.number, "number": dispute.named, **params},
        path=f"/portal/disputes/{dispute.number}/",
        key=key("dispute", dispute.pk, step),
        at=at,
        audience=Notice.Audience.FINANCE,
    )
