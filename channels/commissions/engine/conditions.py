"""What a rule asks of a line, of its customer and of the credited partner."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from channels.core.terms import TermsReader

# "new" is whatever is no renewal: "first" (the customer's first purchase, or one after a long lapse) and "expansion".
CYCLES = ("any", "new", "first", "expansion", "renewal")
ACQUISITIONS = ("any", "direct", "partner")
EITHER = ("any", "yes", "no")


@dataclass(frozen=True, slots=True)
class Conditions:
    """All must hold; an empty tuple, "any", 0 and None ask nothing. Lists match when any of their values does.

    Quantities are those sold: a refund moves no line to another rule. `ordered_until` is exclusive.
    """

    product_classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    min_term_months: int = 0
    max_term_months: int | None = None
    min_quantity: int = 0
    max_quantity: int | None = None
    cycle: str = "any"
    acquired: str = "any"
    deal_registered: str = "any"
    own_territory: str = "any"
    ordered_from: date | None = None
    ordered_until: date | None = None
    steward_accepted: bool = False
    activity_days: int = 0

    @classmethod
    def read(cls, reader: TermsReader) -> Conditions:
        conditions = cls(
            product_classes=reader.strings("product_classes"),
            categories=reader.strings("categories"),
            skus=reader.strings("skus"),
            segments=reader.strings("segments"),
            partner_kinds=reader.strings("partner_kinds"),
            tiers=reader.strings("tiers"),
            roles=reader.strings("roles"),
            certifications=reader.strings("certifications"),
            channels=reader.strings("channels", choices=("DIRECT", "RESELLER")),
            countries=reader.strings("countries"),
            campaigns=reader.strings("campaigns"),
            min_term_months=reader.integer("min_term_months", default=0, low=0),
            max_term_months=reader.optional_integer("max_term_months", low=0),
            min_quantity=reader.integer("min_quantity", default=0, low=0),
            max_quantity=reader.optional_integer("max_quantity", low=1),
            cycle=reader.string("cycle", default="any", choices=CYCLES),
            acquired=reader.string("acquired", default="any", choices=ACQUISITIONS),
            deal_registered=reader.string("deal_registered", default="any", choices=EITHER),
            own_territory=reader.string("own_territory", default="any", choices=EITHER),
            ordered_from=reader.optional_date("ordered_from"),
            ordered_until=reader.optional_date("ordered_until"),
            steward_accepted=reader.boolean("steward_accepted", default=False),
            activity_days=reader.integer("activity_days", default=0, low=0),
        )
        conditions._check(reader)
        reader.close()
        return conditions

    def _check(self, reader: TermsReader) -> None:
        ranges = (
            ("max_term_months", self.min_term_months, self.max_term_months),
            ("max_quantity", self.min_quantity, self.max_quantity),
        )
        for name, low, high in ranges:
            if high is not None and high < low:
                reader.problem(name, f"is below {name.replace('max', 'min')}")
        if self.ordered_from and self.ordered_until and self.ordered_until <= self.ordered_from:
            reader.problem("ordered_until", "must be after ordered_from")

    def to_json(self) -> dict[str, object]:
        """Only what is asked, so that a rule reads short."""
        asked: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.default:
                asked[item.name] = _plain(value)
        return asked


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
