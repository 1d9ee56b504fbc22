"""What the portal calls types, states and movements, and how each state is coloured."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual, Dispute, LedgerPosting, Payout, Statement

# Not states of an accrual: the order credits the partner, and nothing is earned on it. Lists look for `UNEARNED`; what
# is shown says why.
UNEARNED, WAITING, CANCELLED, NO_RULE = "unearned", "waiting", "cancelled", "no_rule"
State = Accrual.State

TYPES: dict[str, Promise] = {
    CommissionType.RESALE.value: _("Resale"),
    CommissionType.REFERRAL.value: _("Referral"),
    CommissionType.INFLUENCE.value: _("Influence"),
    CommissionType.RENEWAL.value: _("Renewal"),
    CommissionType.EXPANSION.value: _("Expansion"),
    CommissionType.OVERRIDE.value: _("Distributor override"),
    CommissionType.BONUS.value: _("Bonus"),
    CommissionType.TOP_UP.value: _("Guarantee top-up"),
    CommissionType.ADJUSTMENT.value: _("Adjustment"),
}
# In the order in which a commission passes through them.
STATES: dict[str, tuple[Promise, str]] = {
    UNEARNED: (_("Nothing earned"), "neutral"),
    State.REVIEW.value: (_("Held for review"), "warning"),
    State.HELD.value: (_("Held"), "warning"),
    State.PAYABLE.value: (_("Payable"), "info"),
    State.STATED.value: (_("On a statement"), "info"),
    State.PAYING.value: (_("On its way"), "info"),
    State.PAID.value: (_("Paid"), "success"),
    State.REVERSED.value: (_("Taken back"), "error"),
}
WHY_UNEARNED: dict[str, tuple[Promise, str]] = {
    WAITING: (_("Waiting for payment"), "neutral"),
    CANCELLED: (_("Cancelled"), "neutral"),
    NO_RULE: (_("No commission"), "neutral"),
}
STATEMENT_TONES: dict[str, str] = {
    Statement.State.CLOSED.value: "neutral",
    Statement.State.APPROVED.value: "info",
    Statement.State.PAID.value: "success",
}
PAYOUT_STATES: dict[str, tuple[Promise, str]] = {
    Payout.State.DRAFT.value: (_("Being prepared"), "neutral"),
    Payout.State.APPROVED.value: (_("Approved for payment"), "info"),
    Payout.State.SENDING.value: (_("On its way"), "info"),
    Payout.State.PAID.value: (_("Paid"), "success"),
    Payout.State.FAILED.value: (_("Did not arrive, will be sent again"), "error"),
}
MOVEMENTS: dict[str, Promise] = {
    LedgerPosting.Kind.RELEASE.value: _("Commission became payable"),
    LedgerPosting.Kind.FREEZE.value: _("Back on hold because of a dispute"),
    LedgerPosting.Kind.REVERSE.value: _("Taken back after a refund or cancellation"),
    LedgerPosting.Kind.NET.value: _("Netted with what was to be paid back"),
    LedgerPosting.Kind.PAY.value: _("Paid out"),
    LedgerPosting.Kind.CONVERT.value: _("Converted to the currency that you are paid in"),
    LedgerPosting.Kind.RETURNED.value: _("Payment came back from the bank"),
}

DISPUTE_TONES: dict[str, str] = {
    Dispute.State.OPEN.value: "info",
    Dispute.State.UNDER_REVIEW.value: "warning",
    Dispute.State.UPHELD.value: "success",
    Dispute.State.REJECTED.value: "error",
    Dispute.State.WITHDRAWN.value: "neutral",
}
DISPUTE_STEPS: dict[str, Promise] = {
    "opened": _("You opened it"),
    "take_up": _("Somebody started to look into it"),
    "due": _("The answer was put off"),
    "uphold": _("It was decided in your favour"),
    "reject": _("It was not upheld"),
    "withdraw": _("You withdrew it"),
}


def dispute_state(code: str) -> dict[str, str]:
    return {"label": str(Dispute.State(code).label), "tone": DISPUTE_TONES[code]}


def type_label(code: str) -> str:
    return str(TYPES.get(code, code.replace("_", " ").capitalize()))


def state(code: str) -> dict[str, str]:
    """Return a badge: label and tone."""
    label, tone = STATES.get(code) or WHY_UNEARNED.get(code) or (code, "neutral")
    return {"label": str(label), "tone": tone}


def payout_state(code: str) -> dict[str, str]:
    label, tone = PAYOUT_STATES.get(code, (code, "neutral"))
    return {"label": str(label), "tone": tone}


def movement(kind: str, fallback: str) -> str:
    return str(MOVEMENTS.get(kind, fallback))
