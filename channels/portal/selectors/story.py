"""One order as the story of a partner's credit: its touches, its shares, and every amount with the sum behind it.

Other partners are in it as "another partner" and nothing else: no name, no code, no campaign, no place.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from channels.commissions.models import Accrual
from channels.commissions.selectors.counterfactual import earned_without
from channels.commissions.selectors.programmes import name_of, terms_of
from channels.contracts import OrderEventKind
from channels.journeys.models import AttributionRun, Credit, CreditRejection, OrderEvent, OrderLine, OrderRecord
from channels.journeys.selectors import wording
from channels.journeys.selectors.journeys import attributed_run
from channels.partners.models import ChannelPartner
from channels.portal import numbers, rule_wording
from channels.portal.selectors.orders import OrderFilter, OrderLedger, credited_orders, ledgers

TOLD_EVENTS = (OrderEventKind.PAID, OrderEventKind.UNPAID, OrderEventKind.DELIVERED)


class Whose(StrEnum):
    OWN = "own"
    OTHER = "other"
    SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Change:
    """What a touch did for one credit: the share as it is, and as it would have been."""

    line_key: str
    type: str
    with_bp: int
    without_bp: int


@dataclass(frozen=True, slots=True)
class Touch:
    """Kind, medium and campaign are filled for the partner's own touches, the kind for the supplier's too."""

    at: datetime
    whose: Whose
    kind: str = ""
    medium: str = ""
    campaign: str = ""
    counted: bool = False
    changes: tuple[Change, ...] = ()
    earned: tuple[int, int] | None = None  # what the partner earned on the order, and what it would have without


@dataclass(frozen=True, slots=True)
class Step:
    """One accrual with its sum. `sum_text` is empty where the amount is part of the step before it."""

    accrual: Accrual
    sum_text: str
    before_minor: int | None
    capped_from_minor: int | None
    programme: str
    limits: tuple[str, ...] = ()

    @property
    def is_reversal(self) -> bool:
        return self.accrual.amount_minor < 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule paid nothing. One that fits and leaves nothing says so of the partner's own money, not of the customer."""

    text: str
    fits: bool


@dataclass(slots=True)
class Part:
    """One credit: a line, and the pool in which the partner has a share of it."""

    line: OrderLine
    type: str
    credit: Credit | None = None
    why: str = ""
    held: str = ""
    rejection: CreditRejection | None = None
    refusals: list[Refusal] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def earned_minor(self) -> int:
        return sum(step.accrual.amount_minor for step in self.steps)


@dataclass(frozen=True, slots=True)
class Story:
    order: OrderRecord
    is_chosen: bool
    is_chosen_other: bool
    policy_version: int | None
    model: str
    window_days: int | None
    touches: list[Touch]
    parts: list[Part]
    events: list[OrderEvent]
    ledger: OrderLedger

    @property
    def earned_minor(self) -> int:
        return self.ledger.earned_minor


def story(partner: ChannelPartner, number: str) -> Story | None:
    """Return the partner's side of an order; None for one that does not credit it, known or not."""
    order = credited_orders(partner, OrderFilter()).filter(number=number).first()
    if order is None:
        return None
    run = attributed_run(order)
    told: dict[str, Any] = run.explanation if run else {}
    [ledger] = ledgers(partner, [order], OrderFilter(), explained=True)
    policy = told.get("policy", {})
    return Story(
        order=order,
        is_chosen=order.chosen_partner_id == partner.pk,
        is_chosen_other=order.chosen_partner_id not in (None, partner.pk),
        policy_version=policy.get("version"),
        model=str(wording.MODELS.get(policy.get("model"), policy.get("model", ""))),
        window_days=policy.get("window_days"),
        touches=_touches(told, order, partner),
        parts=_parts(partner, run, ledger),
        events=list(order.events.filter(kind__in=TOLD_EVENTS)),
        ledger=ledger,
    )


def _touches(told: dict[str, Any], order: OrderRecord, partner: ChannelPartner) -> list[Touch]:
    """All of the partner's own touches; of others only those that the policy's window holds, since no others mattered."""
    opens = order.placed_at - timedelta(days=told.get("policy", {}).get("window_days", 0))
    own = [touch["key"] for touch in told.get("touches", []) if touch["partner"] == partner.code]
    instead = earned_without(order, own)
    earned = {touch: without.of(partner.code) for touch, without in instead.items()}
    touches = (_touch(touch, told, partner, earned) for touch in told.get("touches", []))
    return [touch for touch in touches if touch.whose == Whose.OWN or touch.at >= opens]


def _touch(
    touch: dict[str, Any], told: dict[str, Any], partner: ChannelPartner, earned: dict[str, tuple[int, int]]
) -> Touch:
    at = datetime.fromisoformat(touch["at"])
    if not touch["partner"]:
        return Touch(at, Whose.SUPPLIER, kind=wording.touch_kind(touch["kind"]))
    if touch["partner"] != partner.code:
        return Touch(at, Whose.OTHER)
    rows = told.get("counterfactuals", [])
    changes: list[dict[str, Any]] = next((row["changes"] for row in rows if row["touch"] == touch["key"]), [])
    return Touch(
        at,
        Whose.OWN,
        kind=wording.touch_kind(touch["kind"]),
        medium=wording.medium(touch["medium"]),
        campaign=touch["campaign"],
        counted=touch["counted"],
        changes=tuple(Change(row["line"], row["pool"].upper(), row["with_bp"], row["without_bp"]) for row in changes),
        earned=earned.get(touch["key"]),
    )


def _parts(partner: ChannelPartner, run: AttributionRun | None, ledger: OrderLedger) -> list[Part]:
    parts: dict[tuple[str, str], Part] = {}
    rejections = {row.credit_id: row for row in CreditRejection.objects.filter(credit__in=ledger.credits)}
    for credit in ledger.credits:
        part = Part(credit.line, credit.pool.upper(), credit, rejection=rejections.get(credit.pk))
        part.why, part.held = _why(run, credit, partner)
        parts[credit.line.key, part.type] = part
    for accrual in ledger.accruals:
        part = parts.setdefault((accrual.line.key, accrual.type), Part(accrual.line, accrual.type))
        part.steps.append(_step(accrual, part, partner))
    refusals = _refusals(ledger.order, partner)
    for (line, kind), part in parts.items():
        part.refusals = [] if part.steps else refusals.get((line, kind), [])
    return sorted(parts.values(), key=lambda part: (part.line.position, part.type))


def _why(run: AttributionRun | None, credit: Credit, partner: ChannelPartner) -> tuple[str, str]:
    lines = run.explanation.get("lines", []) if run else []
    line = next((row for row in lines if row["line"] == credit.line.key), None)
    # A code without a translation has English text alone, and that names everybody by code.
    if line is None or line["why"]["code"] not in wording.WHY:
        return "", ""
    shares = (row for row in line["credits"] if row["partner"] == partner.code and row["pool"] == credit.pool)
    reason = next((share["held_reason"] for share in shares), "")
    return wording.why(line["why"], {partner.code: partner.name}), wording.held(reason) if reason else ""


def _step(accrual: Accrual, part: Part, partner: ChannelPartner) -> Step:
    """The first step shows the sum; a later one shows what is left, and from how much. One sum per rating."""
    told: dict[str, Any] = accrual.run.explanation
    earlier = part.steps
    programme = name_of(accrual.programme_version)
    if any(step.accrual.run_id == accrual.run_id for step in earlier):
        return Step(accrual, "", None, None, programme)
    before = sum(step.accrual.amount_minor for step in earlier) if earlier else None
    target = _target(told, accrual, partner)
    if target is None:
        return Step(accrual, "", before, None, programme)
    left = next((row["net_minor"] for row in told.get("left", []) if row["line"] == accrual.line.key), None)
    text = rule_wording.reckoning(target, accrual.currency) or numbers.arithmetic(
        net_minor=accrual.line.net_minor if left is None else left,
        share_bp=accrual.credit.share_bp if accrual.credit else 0,
        base_minor=target["base_minor"],
        rate_bp=target["rate_bp"],
        currency=accrual.currency,
        is_margin=_is_margin(accrual),
    )
    is_capped = target["uncapped_minor"] != target["amount_minor"]
    limits = tuple(rule_wording.limits(target, accrual.currency))
    return Step(accrual, text, before, target["uncapped_minor"] if is_capped else None, programme, limits)


def _target(told: dict[str, Any], accrual: Accrual, partner: ChannelPartner) -> dict[str, Any] | None:
    wanted = (accrual.line.key, accrual.type, partner.code)
    rows = told.get("targets", [])
    return next((row for row in rows if (row["line"], row["type"], row["partner"]) == wanted), None)


def _is_margin(accrual: Accrual) -> bool:
    rules = terms_of(accrual.programme_version).rules
    return any(rule.id == accrual.rule_id and rule.base == "margin" for rule in rules)


def _refusals(order: OrderRecord, partner: ChannelPartner) -> dict[tuple[str, str], list[Refusal]]:
    """Why the latest rating paid the partner nothing for a credit: the rules that did not fit, or left nothing."""
    run = order.rating_runs.filter(state="done").order_by("-pk").first()
    found: dict[tuple[str, str], list[Refusal]] = {}
    for row in run.explanation.get("skips", []) if run else []:
        if row["partner"] == partner.code and row["reason"] != "rejected":
            refusal = Refusal(rule_wording.refusal(row), fits=row["reason"] in rule_wording.LEAVES_NOTHING)
            found.setdefault((row["line"], row["type"]), []).append(refusal)
    return found
