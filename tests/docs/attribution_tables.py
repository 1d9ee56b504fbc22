"""Runs the rows of docs/algorithms/attribution.md."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import DealFact, Journey, LineFact, OrderFacts, PartnerFact, RelationshipFact, Touch
from channels.journeys.engine.models import MODELS, ModelSettings
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.precedence import counterfactual, decide
from tests.docs.markdown_tables import Row

ORDER_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2030, 1, 1, tzinfo=UTC)
TOUCH = re.compile(r"(?P<partner>\w+|-)(\((?P<word>\w+)\))?")
KINDS = {"lead_created", "deal_created"}


def touches_of(text: str) -> list[Touch]:
    """`A B+C(closer) -`: an hour apart, the last one an hour before the order."""
    groups = text.split()
    touches: list[Touch] = []
    for place, group in enumerate(groups):
        at = ORDER_AT - timedelta(hours=len(groups) - place)
        for item in group.split("+"):
            found = TOUCH.fullmatch(item)
            assert found, item
            partner, word = found["partner"], found["word"] or ""
            touches.append(
                Touch(
                    id=str(len(touches) + 1),
                    partner=None if partner == "-" else partner,
                    at=at,
                    kind=word if word in KINDS else "visit",
                    role=word if word and word not in KINDS else "influencer",
                )
            )
    return touches


def shares_of(text: str) -> dict[str | None, Fraction]:
    pairs = [item.split() for item in text.split(",") if item.strip()]
    return {None if name == "-" else name: Fraction(share) for name, share in pairs}


def credits_of(decision: Decision) -> list[str]:
    return [f"{credit.pool} {credit.partner} {credit.share_bp}" for credit in decision.credits]


def listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def journey_of(row: Row) -> Journey:
    suspended = row.get("suspended", "")
    partners = [
        PartnerFact(
            code,
            status="suspended" if code in suspended.split() else "active",
            parent="D" if code == "R" else None,
            territories=frozenset({"NO"}) if code == "N" else frozenset(),
        )
        for code in "ABCRDN"
    ]
    picked, deal, steward = row.get("picked", ""), row.get("deal", ""), row.get("steward", "")
    order = OrderFacts(
        number="100001",
        placed_at=ORDER_AT,
        channel="RESELLER" if picked else "DIRECT",
        chosen_partner=picked or None,
        country=row.get("country", "SE"),
        cycle=int(row.get("cycle", "0")),
    )
    return Journey(
        order=order,
        lines=(LineFact("1", net_minor=10_000),),
        touches=tuple(touches_of(row["touches"])),
        relationships=(RelationshipFact(steward, "renewal_steward", "", LONG_AGO),) if steward else (),
        deals=(DealFact(deal, "", LONG_AGO, FAR_AHEAD),) if deal else (),
        partners=tuple(partners),
    )


def precedence(row: Row) -> None:
    (decision,) = decide(journey_of(row), PolicyTerms())
    assert decision.step == row["step"]
    assert credits_of(decision) == listed(row["credits"])
    passed_over = {skip.partner for skip in decision.skipped}
    assert passed_over.isdisjoint(credit.partner for credit in decision.credits)


def models(row: Row) -> None:
    found = MODELS[row["model"]](touches_of(row["touches"]), ORDER_AT, ModelSettings())
    assert found == shares_of(row["shares"])


def time_decay(row: Row) -> None:
    touches = []
    for name, age in (item.split() for item in row["ages"].split(",")):
        touches.append(Touch(id=name, partner=name, at=ORDER_AT - timedelta(days=float(age))))
    found = MODELS["time-decay"](touches, ORDER_AT, ModelSettings(half_life_days=int(row["half-life"])))
    assert sum(found.values()) == 1
    for name, share in shares_of(row["shares"]).items():
        if share.denominator < 1_000:
            assert found[name] == share
        else:
            assert abs(found[name] - share) < Fraction(1, 10**10)


def totals(model: str, paths: dict[str, int], *, direct: str = "") -> dict[str, Fraction]:
    """Credit per name over paths such as `A B C`, weighted by their conversions."""
    credit: dict[str, Fraction] = {}
    for path, conversions in paths.items():
        touches = [
            Touch(id=str(place), partner=None if name == direct else name, at=ORDER_AT + timedelta(hours=place))
            for place, name in enumerate(path.split())
        ]
        for partner, share in MODELS[model](touches, ORDER_AT, ModelSettings()).items():
            name = direct if partner is None else partner
            credit[name] = credit.get(name, Fraction(0)) + share * conversions
    return credit


def nine_paths(row: Row) -> None:
    paths = dict.fromkeys(["A", "A B", "A B C", "B", "B A", "B C A", "C", "C A", "C B A"], 3)
    model, _, note = row["model"].partition(" ")
    found = totals(model, paths, direct="A" if note else "")
    assert found == {name: Fraction(row[name]) for name in "ABC"}


def three_paths(row: Row) -> None:
    found = totals(row["model"], {"direct": 2, "search email": 3, "search social email": 5})
    names = ("direct", "search", "email", "social")
    assert {name: found.get(name, Fraction(0)) for name in names} == {name: Fraction(row[name]) for name in names}


def without_a_touch(row: Row) -> None:
    (decision,) = counterfactual(journey_of(row), PolicyTerms(), without_touch_id=row["without"])
    assert credits_of(decision) == listed(row["credits"])


ROW_CHECKS = {
    "precedence": precedence,
    "models": models,
    "time_decay": time_decay,
    "nine_paths": nine_paths,
    "three_paths": three_paths,
    "counterfactual": without_a_touch,
}
