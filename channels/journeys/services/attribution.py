"""Attributing an order: gather the facts, let the engine decide, write the credits once."""

import logging
from datetime import datetime, timedelta
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import Journey
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import decide
from channels.journeys.engine.stewardship import steward_after
from channels.journeys.models import AttributionRun, Credit, OrderRecord, Relationship
from channels.journeys.selectors.facts import journey_of
from channels.journeys.services import explanation, policies, relationships
from channels.partners.models import ChannelPartner

logger = logging.getLogger(__name__)

State = AttributionRun.State
LONGEST_PAUSE = timedelta(hours=6)
# A pending run this young still has its task under way.
TASK_GRACE = timedelta(minutes=2)


def attribute(*, run_id: int, now: datetime) -> AttributionRun:
    """Attribute an order. Twice, or twice at once, changes nothing; a failure stays on the run and is not raised."""
    try:
        with transaction.atomic():
            run = AttributionRun.objects.select_for_update().get(pk=run_id)
            if run.state != State.DONE:
                _complete(run, now)
            return run
    except AttributionRun.DoesNotExist:
        raise
    except Exception as error:
        logger.exception("Attribution run %s failed.", run_id)
        return _fail(run_id, error, now)


def retry(*, run_id: int, now: datetime, actor: AbstractBaseUser | None = None) -> AttributionRun:
    """Attribute again what failed or was lost; the desk's button leaves a trace, the sweeper does not."""
    run = AttributionRun.objects.select_related("order").get(pk=run_id)
    if run.state == State.DONE:
        return run
    if actor is not None:
        record(verb="attribution.retried", subject=run, at=now, actor=actor)
    return attribute(run_id=run_id, now=now)


def due_runs(*, now: datetime, limit: int = 500) -> list[int]:
    """Return the runs that the sweeper should take: lost ones, and failed ones after a pause that doubles."""
    waiting = AttributionRun.objects.exclude(state=State.DONE).order_by("pk").defer("explanation").iterator()
    return list(islice((run.pk for run in waiting if _is_due(run, now)), limit))


def _is_due(run: AttributionRun, now: datetime) -> bool:
    """A failure dated after `now` comes from a run ahead of the clock (`run_due --as-of`), and is due."""
    if run.finished_at is None:
        return run.created_at + TASK_GRACE <= now
    return not run.finished_at <= now < run.finished_at + pause_after(run.attempts)


def pause_after(attempts: int) -> timedelta:
    """One minute after the first failure, then twice as long each time, at most six hours."""
    return min(timedelta(minutes=2 ** min(max(attempts - 1, 0), 12)), LONGEST_PAUSE)


def _complete(run: AttributionRun, now: datetime) -> None:
    order = OrderRecord.objects.select_related("company", "chosen_partner").get(pk=run.order_id)
    run.order = order
    policy = policies.current(at=order.placed_at)
    terms = PolicyTerms.from_json(policy.terms).for_mode(order.facts.get("site_mode", ""))
    journey = journey_of(order, terms)
    decisions = decide(journey, terms)
    write_credits(run, decisions)
    run.policy = policy
    run.step = decisions[0].step if decisions else ""
    run.explanation = explanation.explain(journey, decisions, terms, policy_version=policy.version)
    run.state, run.finished_at, run.last_error = State.DONE, now, ""
    run.attempts += 1
    run.save()
    _follow_up(order, journey, decisions, terms, now)


def write_credits(run: AttributionRun, decisions: tuple[Decision, ...]) -> None:
    shares = [share for decision in decisions for share in decision.credits]
    sentences = {decision.line_key: decision.why.text for decision in decisions}
    lines = {line.key: line.pk for line in run.order.lines.all()}
    partners = dict(ChannelPartner.objects.filter(code__in={s.partner for s in shares}).values_list("code", "pk"))
    Credit.objects.bulk_create(
        Credit(
            run=run,
            line_id=lines[share.line_key],
            pool=share.pool,
            partner_id=partners[share.partner],
            role=share.role,
            share_bp=share.share_bp,
            reason=sentences[share.line_key][:500],
            touch_keys=list(share.touch_ids),
            is_held_for_review=share.held_for_review,
        )
        for share in shares
    )


def _follow_up(
    order: OrderRecord, journey: Journey, decisions: tuple[Decision, ...], terms: PolicyTerms, now: datetime
) -> None:
    """Keep what the order says of who stands for the company: its reseller, and who looks after the renewal."""
    evidence = f"Order {order.number}"
    chosen = order.chosen_partner.code if order.chosen_partner else ""
    resold = any(
        share.partner == chosen and share.pool == Credit.Pool.RESALE and not share.held_for_review
        for decision in decisions
        for share in decision.credits
    )
    if resold and order.cycle == 0:
        relationships.set_relationship(
            company_key=order.company.key, partner_code=chosen, role=Relationship.Role.RESELLER,
            valid_from=order.placed_at, at=now, source="order", evidence=evidence,
        )  # fmt: skip
    # For all segments, whatever the company's is today: it may be filed under another by the time it renews.
    for steward in steward_after(journey, decisions, terms):
        relationships.set_renewal_steward(
            company_key=order.company.key, partner_code=steward.partner,
            valid_from=steward.valid_from, at=now, source="order", evidence=evidence,
        )  # fmt: skip


@transaction.atomic
def _fail(run_id: int, error: Exception, now: datetime) -> AttributionRun:
    run = AttributionRun.objects.select_for_update().get(pk=run_id)
    if run.state != State.DONE:
        run.state, run.finished_at = State.FAILED, now
        run.attempts += 1
        run.last_error = f"{type(error).__name__}: {error}"[:2000]
        run.save(update_fields=["state", "finished_at", "attempts", "last_error"])
    return run
