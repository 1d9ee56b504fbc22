"""The component folder keeps its promises: parameters on top, shown in the style guide, icons that exist."""

import re
from pathlib import Path

import pytest
from django.template import Context
from django.template.loader import get_template

from shop.operations.styleguide import ICONS

ROOT = Path(__file__).parents[3]
COMPONENTS = ROOT / "templates/components"
ICON_USE = re.compile(r'(?:components/icon\.html" with name| (?:action_)?icon(?:_after)?)="([^"]+)"')
INCLUDE = re.compile(r'include "components/([a-z_]+)\.html"')
# The page's own furniture, which base.html shows on every page, and one that only ever stands in error pages.
FURNITURE = {"account_menu", "basket_count", "consent", "flat_signal", "messages", "address_fields"}


def includes(path: Path) -> set[str]:
    return set(INCLUDE.findall(path.read_text()))


def shown_in_style_guide() -> set[str]:
    """Return the components that the style guide's templates include, directly or through another component."""
    found: set[str] = set()
    todo = [*(ROOT / "templates/styleguide").glob("*.html"), ROOT / "templates/base.html"]
    while todo:
        new = includes(todo.pop()) - found
        found |= new
        todo += [COMPONENTS / f"{name}.html" for name in new]
    return found


@pytest.mark.parametrize("path", sorted(COMPONENTS.glob("*.html")), ids=lambda path: path.stem)
def test_a_component_begins_with_its_parameters(path: Path) -> None:
    assert path.read_text().startswith("{% comment %}\n")


def test_the_style_guide_shows_every_component() -> None:
    every = {path.stem for path in COMPONENTS.glob("*.html")}
    assert every - shown_in_style_guide() - FURNITURE == set()


def test_the_style_guide_shows_every_icon() -> None:
    drawn = re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/src/icons.svg").read_text())
    assert sorted(drawn) == sorted(ICONS)


def test_templates_name_only_icons_that_exist() -> None:
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        if "wagtailadmin" not in path.read_text()  # the staff pages use Wagtail's icons
        for name in ICON_USE.findall(path.read_text())
    }
    assert used - set(ICONS) == set()


def render(name: str, **values: object) -> str:
    return re.sub(r"\s+", " ", get_template(f"components/{name}.html").template.render(Context(values)))


def test_a_price_is_net_and_says_so() -> None:
    html = render("price", amount="489.00", currency="EUR")
    assert "€489.00" in html
    assert "excl. VAT" in html


@pytest.mark.parametrize("values", [{}, {"amount": None}, {"amount": ""}])
def test_a_missing_price_is_on_request_and_shows_no_amount(values: dict[str, object]) -> None:
    html = render("price", **values)
    assert "Price on request" in html
    assert "price-amount" not in html


def test_a_gated_price_shows_the_reason_instead_of_the_amount() -> None:
    html = render("price", amount="489.00", currency="EUR", hidden_reason="Sign in for your price", hidden_href="/in/")
    assert 'href="/in/"' in html
    assert "489" not in html


def test_a_quantity_field_is_a_plain_number_input() -> None:
    html = render("quantity", value=4, max=9)
    assert 'type="number"' in html
    assert 'name="quantity" value="4" min="1" max="9" step="1"' in html


def test_a_bar_chart_draws_to_scale_and_repeats_its_numbers_in_a_table() -> None:
    bars = [{"label": "Jan", "value": 50, "display": "€50.00"}, {"label": "Feb", "value": 200, "display": "€200.00"}]
    html = render("bar_chart", title="Earned", bars=bars, max=200)
    assert re.findall(r'<rect[^>]* height="(\d+)"', html) == ["250", "1000"]
    assert re.findall(r'<th scope="row">(\w+)</th><td class="num">(€[\d.]+)</td>', html) == [
        ("Jan", "€50.00"),
        ("Feb", "€200.00"),
    ]


def test_an_empty_bar_chart_divides_by_nothing() -> None:
    html = render("bar_chart", title="Earned", bars=[{"label": "Jan", "value": 0, "display": "€0.00"}], max=0)
    assert 'height="0"' in html


def test_a_component_escapes_what_it_shows() -> None:
    html = render("alert", text="<b>5 > 4</b>", title="<i>")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;5 &gt; 4&lt;/b&gt;" in html
