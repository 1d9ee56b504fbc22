"""A steward that changes in mid-term: the renewal is shared by the days of each, where the programme says so.

The shares become a new attribution of the renewal order, so the books move as for any other: target minus posted.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from channels.commissions.engine.renewals import shares_by_days
from channels.commissions.selectors.programmes import Published
from channels.commissions.services import locks
from channels.core.periods import add_months
from channels.core.roles import Role
from channels.journeys.engine.decision import Step
from channels.journeys.engine.facts import RelationshipFact
from channels.journeys.engine.stewardship import steward_on
from channels.journeys.engine.wording import why
from channels.journeys.models import AttributionRun, Credit, OrderLine, OrderRecord, Relationship
from channels.journeys.selectors.companies import companies_as_one, relationships_of
from channels.journeys.selectors.rows import relationship_fact
from channels.partners.models import ChannelPartner
from channels.partners.selectors import statuses_at

LONGEST_TERM = timedelta(days=5 * 366)
CAUSE = "steward-change"


def share_terms(*, now: datetime) -> int:
    """Share every renewal whose steward changed within its term; return how many orders were attributed anew."""
    published = Published()
    if not any(published.terms_of(version).steward_change == "by_days" for version in published.versions):
        return 0
    changed = Relationship.objects.filter(
        role=Relationship.Role.RENEWAL_STEWARD, valid_from__gt=now - LONGEST_TERM, valid_from__lte=now
    )
    orders = OrderRecord.objects.filter(
        company__in=changed.values("company"), cycle__gt=0, placed_at__gt=now - LONGEST_TERM
    )
    return sum(_share(order.pk, published, now) for order in orders.order_by("pk"))


@transaction.atomic
def _share(order_id: int, published: Published, now: datetime) -> bool:
    locks.lock_orders([order_id])
    order = OrderRecord.objects.select_related("company").get(pk=order_id)
    version = published.in_force(at=order.placed_at)
    if version is None or published.terms_of(version).steward_change != "by_days":
        return False
    run = order.attribution_runs.order_by("-sequence").first()
    # What two people decided, or is still to be decided, stays as it is.
    if run is None or run.state != AttributionRun.State.DONE or run.step != Step.RENEWAL_STEWARD:
        return False
    before = list(run.credits.select_related("partner", "line"))
    facts = [relationship_fact(row) for row in relationships_of(companies_as_one([order.company_id], at=now))]
    after = [credit for line in order.lines.all() for credit in _credits(line, order, before, facts, now)]
    if _shares(after) == _shares(before):
        return False
    _attribute_anew(run, after, now)
    return True


def _credits(
    line: OrderLine, order: OrderRecord, before: Sequence[Credit], facts: Sequence[RelationshipFact], now: datetime
) -> list[Credit]:
    """Return the line's credits, unsaved: those of the renewal pool by days, the others as they were."""
    own = [credit for credit in before if credit.line_id == line.pk]
    renewing = [credit for credit in own if credit.pool == Credit.Pool.RENEWAL]
    others = [_copy(credit, credit.share_bp) for credit in own if credit.pool != Credit.Pool.RENEWAL]
    if not renewing:
        return others
    start = order.placed_at.astimezone(UTC).date()
    end = add_months(start, line.term_months or 1)
    stewards = _stewards(order, facts, end, now)
    if len(stewards) < 2:
        return [*others, *(_copy(credit, credit.share_bp) for credit in renewing)]
    partners = {row.code: row for row in ChannelPartner.objects.filter(code__in={code for code, _ in stewards})}
    shares = shares_by_days(stewards, start, end)
    return [*others, *(_copy(renewing[0], share, partners[code]) for code, share in shares)]


def _stewards(
    order: OrderRecord, facts: Sequence[RelationshipFact], end: date, now: datetime
) -> list[tuple[str, date]]:
    """Return who stood for the company, each from its day; who was not active then does not take over."""
    segment = order.company.segment
    first = steward_on(facts, segment, order.placed_at)
    found = [(first.partner, order.placed_at.astimezone(UTC).date())] if first else []
    starts = {fact.valid_from for fact in facts if fact.role == Role.RENEWAL_STEWARD}
    for at in sorted(moment for moment in starts if order.placed_at < moment <= now):
        steward = steward_on(facts, segment, at)
        day = at.astimezone(UTC).date()
        if steward and day < end and found and steward.partner != found[-1][0] and _is_active(steward.partner, at):
            found.append((steward.partner, day))
    return found


def _is_active(code: str, at: datetime) -> bool:
    partner = ChannelPartner.objects.get(code=code)
    return statuses_at([partner], at)[partner.pk] == ChannelPartner.Status.ACTIVE


def _copy(credit: Credit, share_bp: int, partner: ChannelPartner | None = None) -> Credit:
    return Credit(
        line=credit.line, pool=credit.pool, partner=partner or credit.partner, role=credit.role, share_bp=share_bp,
        reason=why("steward_days").text if partner else credit.reason, touch_keys=credit.touch_keys,
        is_held_for_review=credit.is_held_for_review,
    )  # fmt: skip


def _shares(credits: Iterable[Credit]) -> set[tuple[int, str, int, int]]:
    return {(credit.line_id, credit.pool, credit.partner.pk, credit.share_bp) for credit in credits}


def _attribute_anew(run: AttributionRun, credits: Sequence[Credit], now: datetime) -> None:
    anew = AttributionRun.objects.create(
        order_id=run.order_id, sequence=run.sequence + 1, cause=CAUSE, state=AttributionRun.State.DONE, attempts=1,
        policy_id=run.policy_id, step=run.step, explanation=_explanation(run, credits), created_at=now, finished_at=now,
    )  # fmt: skip
    for credit in credits:
        credit.run = anew
    Credit.objects.bulk_create(credits)


def _explanation(run: AttributionRun, credits: Sequence[Credit]) -> dict[str, Any]:
    """The decision as it was told, with the shares as they are now."""
    told: dict[str, Any] = dict(run.explanation)
    reason = why("steward_days")
    told["lines"] = [
        {
            **line,
            "why": {"code": reason.code, "params": dict(reason.params), "text": reason.text},
            "credits": [
                {
                    "partner": credit.partner.code, "pool": credit.pool, "role": credit.role,
                    "share_bp": credit.share_bp, "reason": Step.RENEWAL_STEWARD.value, "touches": [], "held_reason": "",
                }
                for credit in credits
                if credit.line.key == line["line"]
            ],
        }
        for line in run.explanation.get("lines", [])
    ]  # fmt: skip
    return told
