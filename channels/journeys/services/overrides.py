"""Overriding an order's credits: one person proposes, another one decides; the order gets a new attribution.

The only way in which the credits of a placed order change. Lines that are not named keep the credits they have, also
when a policy, a touch or a partner has changed since.
"""

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.core.ids import key
from channels.core.money import BASIS
from channels.journeys.engine.decision import Decision
from channels.journeys.models import AttributionRun, Credit, CreditRejection, OrderRecord, Override
from channels.journeys.selectors import overrides as selectors
from channels.journeys.selectors.overrides import Pools
from channels.journeys.services import explanation
from channels.journeys.services.attribution import write_credits

State = Override.State


class NotPossible(Exception):
    """The override cannot be proposed or decided like this; the text says why."""


@transaction.atomic
def propose(
    *,
    order_id: int,
    lines: Iterable[str],
    pools: Pools,
    reason: str,
    evidence: str,
    at: datetime,
    by: AbstractBaseUser,
) -> Override:
    """Propose new shares. Raises NotPossible; one proposal is open on an order at a time."""
    order = _locked_order(order_id)
    named = sorted(set(lines))
    check(order=order, lines=named, pools=pools)
    if not reason.strip() or not evidence.strip():
        raise NotPossible(_("An override needs a reason, which partners read, and its evidence."))
    if order.overrides.filter(state=State.PROPOSED).exists():
        raise NotPossible(_("An override of this order waits for a decision already."))
    proposal = Override.objects.create(
        order=order,
        lines=named,
        pools={pool: dict(shares) for pool, shares in pools.items()},
        reason=reason.strip()[:300],
        evidence=evidence.strip(),
        proposed_by_id=by.pk,
        proposed_at=at,
    )
    _trace("override.proposed", proposal, at, by, proposal.reason)
    return proposal


def check(*, order: OrderRecord, lines: Iterable[str], pools: Pools) -> None:
    """Raise NotPossible when these shares cannot become the credits of the order."""
    run = selectors.run_in_force(order)
    if run is None:
        raise NotPossible(_("The order is not attributed yet, so there is nothing to override."))
    unknown = set(lines) - {line.key for line in order.lines.all()}
    if unknown:
        raise NotPossible(_("The order has no line %s.") % ", ".join(sorted(unknown)))
    for pool, shares in pools.items():
        if pool not in Credit.Pool.values:
            raise NotPossible(_("%s is not a pool.") % pool)
        if sum(shares.values()) != BASIS or any(share <= 0 for share in shares.values()):
            raise NotPossible(_("The shares of each pool must be above zero, and sum to 100 %."))
    if refused := selectors.refused_partners(order, run, pools=pools):
        raise NotPossible(
            _("These partners may earn nothing on an order of that day: %s.") % ", ".join(sorted(refused))
        )


@transaction.atomic
def approve(*, override_id: int, at: datetime, by: AbstractBaseUser) -> AttributionRun:
    """Put a proposal in force as the order's next attribution. Raises NotPossible for the proposer, and once decided."""
    proposal = _locked_for_decision(override_id, by)
    order = proposal.order
    check(order=order, lines=proposal.lines, pools=proposal.pools)
    run = _attribute(proposal, at)
    proposal.state, proposal.decided_by_id, proposal.decided_at, proposal.run = State.APPROVED, by.pk, at, run
    proposal.save(update_fields=["state", "decided_by", "decided_at", "run"])
    _trace("override.approved", proposal, at, by, proposal.reason)
    return run


@transaction.atomic
def reject(*, override_id: int, at: datetime, by: AbstractBaseUser, answer: str) -> Override:
    """Turn a proposal down; the credits stay as they are."""
    proposal = _locked_for_decision(override_id, by)
    if not answer.strip():
        raise NotPossible(_("Say why the override is turned down."))
    return _close(proposal, State.REJECTED, at, by, answer)


@transaction.atomic
def withdraw(*, override_id: int, at: datetime, by: AbstractBaseUser, answer: str = "") -> Override:
    """Take one's own proposal back."""
    proposal = _locked(override_id)
    if proposal.proposed_by_id != by.pk:
        raise NotPossible(_("Only the person who proposed an override takes it back."))
    return _close(proposal, State.WITHDRAWN, at, by, answer)


@transaction.atomic
def reject_credit(*, credit_id: int, reason: str, at: datetime, by: AbstractBaseUser | None) -> CreditRejection | None:
    """Refuse a credit for good; None when it was refused before."""
    credit = Credit.objects.select_related("run").get(pk=credit_id)
    _locked_order(credit.run.order_id)
    found, is_new = CreditRejection.objects.get_or_create(
        credit=credit, defaults={"reason": reason.strip()[:300], "at": at, "by_id": by.pk if by else None}
    )
    if not is_new:
        return None
    record(verb="credit.rejected", subject=credit, at=at, actor=by, reason=found.reason)
    return found


def _attribute(proposal: Override, at: datetime) -> AttributionRun:
    """Write the next run: the lines named as decided, the others exactly as they were."""
    before = selectors.run_in_force(proposal.order)
    if before is None:
        raise NotPossible(_("The order is not attributed yet, so there is nothing to override."))
    decisions = selectors.decide_override(
        proposal.order, before, lines=proposal.lines, pools=proposal.pools, reason=proposal.reason
    )
    latest = proposal.order.attribution_runs.order_by("-sequence").first() or before
    run = AttributionRun.objects.create(
        order=proposal.order,
        sequence=latest.sequence + 1,
        cause=key("override", proposal.pk),
        state=AttributionRun.State.DONE,
        attempts=1,
        policy=before.policy,
        step=decisions[0].step if decisions else before.step,
        explanation=_explanation(before, decisions),
        created_at=at,
        finished_at=at,
    )
    write_credits(run, decisions)
    decided = {decision.line_key for decision in decisions}
    for credit in before.credits.select_related("line", "rejection").order_by("line__position", "pk"):
        if credit.line.key not in decided:
            _copy(credit, run)
    return run


def _copy(credit: Credit, run: AttributionRun) -> None:
    """With its rejection: the shares of a pool sum to the whole, and what was refused stays refused."""
    copy = Credit.objects.create(
        run=run,
        line_id=credit.line_id,
        pool=credit.pool,
        partner_id=credit.partner_id,
        role=credit.role,
        share_bp=credit.share_bp,
        reason=credit.reason,
        touch_keys=credit.touch_keys,
        is_held_for_review=credit.is_held_for_review,
    )
    rejection = getattr(credit, "rejection", None)
    if rejection is not None:
        CreditRejection.objects.create(credit=copy, reason=rejection.reason, at=rejection.at, by_id=rejection.by_id)


def _explanation(before: AttributionRun, decisions: tuple[Decision, ...]) -> dict[str, Any]:
    """Keep the story of the other lines; on a line that people decided, no touch makes a difference."""
    story: dict[str, Any] = deepcopy(before.explanation)
    told = {decision.line_key: explanation.line(decision) for decision in decisions}
    story["lines"] = [told.get(row["line"], row) for row in story.get("lines", [])]
    known = {row["line"] for row in story["lines"]}
    story["lines"] += [row for name, row in told.items() if name not in known]
    for instead in story.get("counterfactuals", []):
        instead["changes"] = [change for change in instead["changes"] if change["line"] not in told]
    for lines in story.get("without", {}).values():
        for name in told:
            lines.pop(name, None)
    return story


def _close(proposal: Override, state: str, at: datetime, by: AbstractBaseUser, answer: str) -> Override:
    proposal.state, proposal.decided_by_id, proposal.decided_at = state, by.pk, at
    proposal.answer = answer.strip()[:300]
    proposal.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    _trace(f"override.{state}", proposal, at, by, proposal.answer)
    return proposal


def _locked_for_decision(override_id: int, by: AbstractBaseUser) -> Override:
    proposal = _locked(override_id)
    if proposal.proposed_by_id == by.pk:
        raise NotPossible(_("Somebody else than the person who proposed an override decides on it."))
    return proposal


def _locked(override_id: int) -> Override:
    """Lock the order first, as ratings do; of two deciders the second finds it decided."""
    found = Override.objects.only("order_id").filter(pk=override_id).first()
    if found is None:
        raise NotPossible(_("There is no such override."))
    _locked_order(found.order_id)
    proposal = Override.objects.select_for_update(no_key=True, of=("self",)).select_related("order").get(pk=override_id)
    if proposal.state != State.PROPOSED:
        raise NotPossible(_("This override is decided already."))
    return proposal


def _locked_order(order_id: int) -> OrderRecord:
    return OrderRecord.objects.select_for_update(no_key=True).get(pk=order_id)


def _trace(verb: str, proposal: Override, at: datetime, by: AbstractBaseUser, reason: str) -> None:
    data = {"order": proposal.order.number, "lines": proposal.lines, "pools": proposal.pools}
    record(verb=verb, subject=proposal, at=at, actor=by, reason=reason, data=data)
