"""The comparison of attribution models as the desk shows it: a table, a chart in percent of its width, and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.core.allocation import allocate
from channels.core.roles import role_rank
from channels.journeys.engine.comparison import ChannelRow, Comparison, Side
from channels.journeys.engine.model_settings import ADVISORY
from channels.journeys.engine.tally import printed
from channels.journeys.selectors import wording

MOST_CHARTED = 15
DECIMALS = 9
NAMES: Mapping[str, str | Promise] = {
    **wording.MODELS,
    "markov": gettext_lazy("Markov"),
    "shapley": gettext_lazy("Shapley"),
}


@dataclass(frozen=True, slots=True)
class Head:
    model: str
    name: str
    is_chosen: bool
    is_advisory: bool


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    is_chosen: bool
    side: str


@dataclass(frozen=True, slots=True)
class Mark:
    """`x` is a percentage of the chart's width, with a point whatever the language."""

    x: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    low: str
    high: str


def model_name(model: str) -> str:
    return str(NAMES.get(model, model))


def figure(credit: Fraction) -> str:
    return number_format(round(float(credit), 2), decimal_pos=2, force_grouping=True)


def share(part: Fraction) -> str:
    return f"{number_format(round(float(part * 100), 1), decimal_pos=1)} %"


def heads(found: Comparison) -> list[Head]:
    return [Head(model, model_name(model), model == found.chosen, model in ADVISORY) for model in found.models]


def rows(found: Comparison, labels: Mapping[str, str]) -> list[Shown]:
    return [_shown(row, found, labels) for row in found.rows]


def sentences(found: Comparison, labels: Mapping[str, str]) -> list[str]:
    """Where the policy's model stands alone, the largest difference first."""
    texts = {
        Side.HIGHEST: _(
            "%(channel)s: %(credit)s, more than every other model; the middle of the others is %(middle)s."
        ),
        Side.LOWEST: _("%(channel)s: %(credit)s, less than every other model; the middle of the others is %(middle)s."),
    }
    return [
        texts[row.outlier]
        % {
            "channel": labels.get(row.channel, row.channel),
            "credit": figure(row.chosen),
            "middle": figure(row.middle),
        }
        for row in found.outliers
        if row.outlier
    ]


def table(found: Comparison, labels: Mapping[str, str]) -> list[list[str]]:
    """All digits, each column summing to what the model credited; the channels' own names beside the labels."""
    channels = [row.channel for row in found.rows]
    columns = []
    for place in range(len(found.models)):
        credits = {row.channel: row.credits[place] for row in found.rows if row.credits[place]}
        columns.append(printed(credits, names=channels, decimals=DECIMALS))
    lines = [[labels.get(name, name), *(f"{column[name]:f}" for column in columns)] for name in channels]
    return [["channel", *found.models], *lines]


def role_weights(credits: Mapping[str, Fraction], *, without: str) -> list[tuple[str, int]]:
    """Whole percents that a policy could publish as role weights, from what Markov credits each role."""
    roles = sorted((role for role in credits if role != without), key=lambda role: (role_rank(role), role))
    scale = 10**DECIMALS
    parts = allocate(100, [int(credits[role] * scale) for role in roles])
    return [(wording.role(role), part) for role, part in zip(roles, parts, strict=True)]


def _shown(row: ChannelRow, found: Comparison, labels: Mapping[str, str]) -> Shown:
    label = labels.get(row.channel, row.channel)
    side = {Side.HIGHEST: _("highest"), Side.LOWEST: _("lowest"), None: ""}[row.outlier]
    cells, marks = [], []
    for model, credit in zip(found.models, row.credits, strict=True):
        is_chosen = model == found.chosen
        cells.append(Cell(figure(credit), is_chosen, side if is_chosen else ""))
        kind = "chosen" if is_chosen else "advisory" if model in ADVISORY else "paying"
        marks.append(Mark(_x(credit, found), kind, f"{model_name(model)}: {figure(credit)}"))
    marks.sort(key=lambda mark: mark.kind == "chosen")  # drawn last, on top
    return Shown(label, tuple(cells), tuple(marks), _x(min(row.credits), found), _x(max(row.credits), found))


def _x(credit: Fraction, found: Comparison) -> str:
    return f"{1 + 98 * float(credit / found.largest) if found.largest else 1:.2f}%"


def context(found: Comparison, labels: Mapping[str, str]) -> dict[str, Any]:
    shown = rows(found, labels)
    return {
        "comparison": found,
        "heads": heads(found),
        "rows": shown,
        "charted": shown[:MOST_CHARTED],
        "not_charted": max(len(shown) - MOST_CHARTED, 0),
        "sentences": sentences(found, labels),
        "moved": share(found.moved),
        "whole": figure(found.whole),
        "chosen_name": model_name(found.chosen),
    }
