"""A past to replay: orders that a published programme has rated, and a draft to hold against it."""

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import ProgrammeVersion
from channels.commissions.services import programmes, simulations
from tests.factories import channels as make
from tests.factories import commissions as money

NOON, days = make.NOON, make.days
SINCE, UNTIL = NOON - days(30), NOON + days(30)
GENEROUS = [{"id": "resale-gold", "type": "RESALE", "rate_bp": 2_000, "label": "Gold", "conditions": {"tiers": ["gold"]}},
            {"id": "resale", "type": "RESALE", "rate_bp": 1_000, "label": "Resale"}]  # fmt: skip


def terms(rules=None, **values):
    return {"rules": rules or GENEROUS, **values}


def draft(rules=None, **values) -> ProgrammeVersion:
    return programmes.create_draft(programme="channel", terms=terms(rules, **values), at=NOON)


def world():
    """Gold sold EUR 1,000 in two lines and gave 200 back; silver sold EUR 500; a third order is not paid."""
    money.programme()
    gold, silver = make.partner("gold", tier="gold"), make.partner("silver", tier="silver")
    lines = (make.line("A/1", 600_00), make.line("A/2", 400_00, quantity=4, cost_minor=100_00))
    first = money.credited("A", (gold, "resale", 10_000), lines=lines, placed_at=NOON)
    money.paid(first)
    money.refunded(first, NOON + days(2), ("A/2", 2, 200_00))
    money.paid(
        money.credited("B", (silver, "resale", 10_000), lines=(make.line("B/1", 500_00),), placed_at=NOON + days(1))
    )
    money.credited("C", (silver, "resale", 10_000), lines=(make.line("C/1", 900_00),), placed_at=NOON + days(2))
    return gold, silver


def result_of(raw, since=SINCE, until=UNTIL):
    return simulations.replay(terms=ProgrammeTerms.from_json(raw), since=since, until=until)
