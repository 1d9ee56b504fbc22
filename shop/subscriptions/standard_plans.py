"""The plans that every store starts with, as plain values: what the migration writes, and what a new term gets."""

from typing import Any

# Terms that get their plan at once; any other term that is sold gets its own when it is first bought.
TERMS = (0, 12, 24, 36, 60)


def values(term_months: int) -> dict[str, Any]:
    """Return the plan of a term in months: billed in advance for all of it; 0 is month by month, without obligation."""
    common = {
        "term_months": term_months,
        "auto_renew": True,
        "price_rule": "list",
        "uplift_bp": 0,
        "cap_bp": 500,
        "unanswered": "capped",
        "retry_days": [0, 3, 7],
        "after_grace": "suspend",
        "cancel_fee_bp": 10_000,
    }
    if term_months <= 1:
        return common | {
            "code": "monthly", "name": "Month by month", "interval_months": 1, "commitment_months": None,
            "notice_days": [], "review_days": 20, "answer_days": 5, "grace_days": 14,
        }  # fmt: skip
    return common | {
        "code": f"term-{term_months}", "name": f"{term_months} months", "interval_months": term_months,
        "commitment_months": term_months, "notice_days": [90, 60, 30], "review_days": 60, "answer_days": 14,
        "grace_days": 21,
    }  # fmt: skip
