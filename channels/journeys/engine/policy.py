"""The terms of an attribution policy version: immutable once published, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from channels.core.free_mail import FREE_MAIL
from channels.core.money import BASIS
from channels.core.roles import Role
from channels.core.terms import TermsReader
from channels.journeys.engine.models import (
    DEFAULT_ROLE_WEIGHTS,
    MODELS,
    ModelSettings,
)

SITE_MODES = ("inform", "influence", "facilitate", "sell")


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """`pick_share_bp` is the picked reseller's part of the resale pool; the model shares the rest.

    Role weights are whole percents which sum to 100, or all zero for "nobody". `mode_models` names the model for the
    orders of a site mode where it is another than `model`.
    """

    window_days: int = 90
    model: str = "position"
    position_first_bp: int = 4_000
    position_last_bp: int = 4_000
    half_life_days: int = 7
    role_weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_ROLE_WEIGHTS))
    pick_share_bp: int = BASIS
    influence_pool: bool = True
    incumbent: bool = True
    house_order: bool = True
    auto_steward: bool = True
    free_mail: tuple[str, ...] = FREE_MAIL
    mode_models: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: object) -> PolicyTerms:
        """Raises TermsError naming every unknown key and wrong value."""
        reader = TermsReader(raw)
        terms = cls(
            window_days=reader.integer("window_days", default=90, low=1, high=3_650),
            model=reader.string("model", default="position", choices=tuple(MODELS)),
            position_first_bp=reader.integer("position_first_bp", default=4_000, low=0, high=BASIS),
            position_last_bp=reader.integer("position_last_bp", default=4_000, low=0, high=BASIS),
            half_life_days=reader.integer("half_life_days", default=7, low=1, high=3_650),
            role_weights=reader.integers_by_name("role_weights", default=DEFAULT_ROLE_WEIGHTS),
            pick_share_bp=reader.integer("pick_share_bp", default=BASIS, low=0, high=BASIS),
            influence_pool=reader.boolean("influence_pool", default=True),
            incumbent=reader.boolean("incumbent", default=True),
            house_order=reader.boolean("house_order", default=True),
            auto_steward=reader.boolean("auto_steward", default=True),
            free_mail=reader.strings("free_mail", default=FREE_MAIL),
            mode_models=_mode_models(reader.child("mode_models")),
        )
        terms._check(reader)
        reader.close()
        reader.raise_problems()
        return terms

    def _check(self, reader: TermsReader) -> None:
        ends = self.position_first_bp + self.position_last_bp
        if ends > BASIS:
            reader.problem("position_first_bp", f"first and last sum to {ends} bp, above {BASIS}")
        known = {role.value for role in Role}
        for role in self.role_weights:
            if role not in known:
                reader.problem(f"role_weights.{role}", "is not a known role")
        total = sum(self.role_weights.values())
        if total not in (0, 100):
            reader.problem("role_weights", f"sum to {total}, not to 100")

    def to_json(self) -> dict[str, object]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        if not self.mode_models:
            del values["mode_models"]
        return values | {
            "role_weights": dict(self.role_weights),
            "free_mail": list(self.free_mail),
        }

    def for_mode(self, site_mode: str) -> PolicyTerms:
        """Return the terms as they hold for orders of this site mode."""
        model = self.mode_models.get(site_mode)
        return replace(self, model=model) if model else self

    @property
    def model_settings(self) -> ModelSettings:
        return ModelSettings(
            first_bp=self.position_first_bp,
            last_bp=self.position_last_bp,
            half_life_days=self.half_life_days,
            role_weights=self.role_weights,
        )


def _mode_models(reader: TermsReader) -> dict[str, str]:
    found = {mode: reader.string(mode, default="", choices=("", *MODELS)) for mode in SITE_MODES}
    reader.close()
    return {mode: model for mode, model in found.items() if model}
