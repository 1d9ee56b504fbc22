"""Runs the rows of docs/algorithms/attribution.md."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from channels.journeys.engine import markov, shapley
from channels.journeys.engine.decision import Decision
from channels.journeys.engine.facts import DealFact, Journey, LineFact, OrderFacts, PartnerFact, RelationshipFact, Touch
from channels.journeys.engine.models import MODELS, ModelSettings
from channels.journeys.engine.paths import Path, PathTally
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
    found = MODELS["time-decay"](touches, ORDER_AT, ModelSettings(half_life_days=Fraction(row["half-life"])))
    assert sum(found.values()) == 1
    for name, share in shares_of(row["shares"]).items():
        if share.denominator < 1_000:
            assert found[name] == share
        else:
            assert abs(found[name] - share) < Fraction(1, 10**10)


def position_ends(row: Row) -> None:
    settings = ModelSettings(first_bp=int(row["first"]) * 100, last_bp=int(row["last"]) * 100)
    assert MODELS["position"](touches_of(row["touches"]), ORDER_AT, settings) == shares_of(row["shares"])


def removal_effects(row: Row) -> None:
    paths = []
    for item in row["converting / null paths"].split(";"):
        *names, counts = item.split()
        conversions, nulls = map(int, counts.split("/"))
        paths.append((names, conversions, nulls))
    found = markov.removal(markov.Chain.of(paths))
    assert found.probability == Fraction(row["p"])
    assert found.effects == shares_of(row["effects"])
    credits = found.credits(sum(conversions for _, conversions, _ in paths))
    assert credits.keys() == shares_of(row["credits"]).keys()
    for name, share in shares_of(row["credits"]).items():
        assert close(credits[str(name)], share, 7)


def shapley_values(row: Row) -> None:
    worths = {frozenset(str(name)): worth for name, worth in shares_of(row["worth of the coalitions"]).items()}
    players = sorted(frozenset().union(*worths))
    found = shapley.shapley(players, lambda coalition: worths.get(coalition, Fraction(0)))
    assert found == shares_of(row["values"])


def bulk(model: str, paths: dict[str, tuple[int, int]], *, direct: str) -> dict[str, Fraction]:
    tally = PathTally([model], settings=ModelSettings(), direct=[direct])
    tally.add([Path(path.split(), *counts, counts[0]) for path, counts in paths.items()])
    return tally.credits(model)


def one_by_one(model: str, paths: dict[str, tuple[int, int]], *, direct: str) -> dict[str, Fraction]:
    """The plain model over paths such as `A B C`, weighted by their conversions."""
    credit: dict[str, Fraction] = {}
    for path, (conversions, _) in paths.items():
        touches = [
            Touch(id=str(place), partner=None if name == direct else name, at=ORDER_AT + timedelta(hours=place))
            for place, name in enumerate(path.split())
        ]
        for partner, share in MODELS[model](touches, ORDER_AT, ModelSettings()).items():
            name = direct if partner is None else partner
            credit[name] = credit.get(name, Fraction(0)) + share * conversions
    return {name: share for name, share in credit.items() if share}


def whole_period(row: Row, model: str, paths: dict[str, tuple[int, int]], names: Iterable[str], direct: str) -> None:
    found = bulk(model, paths, direct=direct)
    assert sum(found.values()) == sum(conversions for conversions, _ in paths.values())
    if model in MODELS:
        assert found == one_by_one(model, paths, direct=direct)
    for name in names:
        decimals = len(row[name].partition(".")[2])
        assert close(found.get(name, Fraction(0)), Fraction(row[name]), decimals if model == "markov" else 0)


def close(one: Fraction, other: Fraction, decimals: int) -> bool:
    """Equal when rounded to so many decimals; 0 asks for equality."""
    return abs(one - other) <= Fraction(1, 2 * 10**decimals) if decimals else one == other


def nine_paths(row: Row) -> None:
    paths = dict.fromkeys(["A", "A B", "A B C", "B", "B A", "B C A", "C", "C A", "C B A"], (3, 0))
    model, _, note = row["model"].partition(" ")
    whole_period(row, model, paths, "ABC", direct="A" if note else "")


def three_paths(row: Row) -> None:
    paths = {"direct": (2, 1), "search email": (3, 2), "search social email": (5, 4)}
    whole_period(row, row["model"], paths, ("direct", "search", "email", "social"), direct="")


def without_a_touch(row: Row) -> None:
    (decision,) = counterfactual(journey_of(row), PolicyTerms(), without_touch_id=row["without"])
    assert credits_of(decision) == listed(row["credits"])


ROW_CHECKS = {
    "precedence": precedence,
    "models": models,
    "time_decay": time_decay,
    "position_ends": position_ends,
    "removal_effects": removal_effects,
    "shapley_values": shapley_values,
    "nine_paths": nine_paths,
    "three_paths": three_paths,
    "counterfactual": without_a_touch,
}
