"""The themes' colours against WCAG 2.2 level AA: 4.5 for text, 3 for the edges of controls and for marks."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "static/src/css/tokens.css"
TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *[
        (front, back, TEXT)
        for front in ("color-base-content", "muted", "link")
        for back in ("color-base-100", "color-base-200", "tint")
    ],
    *[
        (front, back, TEXT)
        for front in ("signal-ink", "color-success", "color-error")
        for back in ("color-base-100", "color-base-200")
    ],
    *[
        (f"color-{name}-content", f"color-{name}", TEXT)
        for name in ("primary", "secondary", "accent", "neutral", "info", "success", "warning", "error")
    ],
    ("color-base-content", "color-base-300", TEXT),
    ("color-info", "color-base-100", TEXT),
    ("color-neutral-content", "ink-panel", TEXT),
    ("color-accent", "ink-panel", TEXT),
    ("edge", "color-base-100", GRAPHIC),
    ("edge", "color-base-200", GRAPHIC),
    ("color-primary", "color-base-100", GRAPHIC),
]


def themes() -> dict[str, dict[str, str]]:
    """Return the hex colours of each theme."""
    blocks = re.findall(r'name: "([^"]+)";([^}]+)', TOKENS.read_text())
    return {name: dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", body)) for name, body in blocks}


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Return WCAG's contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss


def test_both_themes_name_the_same_colours() -> None:
    found = themes()
    assert sorted(found) == ["accord", "accord-dark"]
    assert found["accord"].keys() == found["accord-dark"].keys()


@pytest.mark.parametrize("theme", ["accord", "accord-dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_reach_aa(theme: str, front: str, back: str, least: float) -> None:
    colours = themes()[theme]
    assert contrast(colours[front], colours[back]) >= least
