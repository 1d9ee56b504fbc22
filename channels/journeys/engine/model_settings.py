"""What a policy may set about its model, and the names of all models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from channels.core.roles import Role

LEAD_CREATED = "lead_created"
DEAL_CREATED = "deal_created"

# Models of the whole period: they advise and audit. No policy accepts them, since what they say
# of one order depends on all the others and does not reconcile order by order.
ADVISORY = ("markov", "shapley")

DEFAULT_ROLE_WEIGHTS: Mapping[str, int] = {
    Role.SOURCER.value: 40,
    Role.INFLUENCER.value: 20,
    Role.IMPLEMENTER.value: 20,
    Role.CLOSER.value: 20,
}


@dataclass(frozen=True, slots=True)
class ModelSettings:
    first_bp: int = 4_000
    last_bp: int = 4_000
    half_life_days: int | Fraction = 7
    role_weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_ROLE_WEIGHTS))
