"""The fixture files are complete and agree with each other."""

from collections import Counter

import pytest

from shop.demo import catalogue_file, datasheets
from shop.demo.drawings import products as illustrations
from shop.demo.drawings import scenes
from shop.demo.loaders import generated, stories
from shop.demo.markup import html

ROWS = catalogue_file.products()
BY_SKU = {row.sku: row for row in ROWS}


def test_catalogue_has_the_products_that_the_readme_counts() -> None:
    assert Counter(row.class_code for row in ROWS) == {
        "hardware": 48,
        "software_subscription": 12,
        "support_plan": 3,
        "service": 8,
        "spare_part": 12,
    }
    assert len(BY_SKU) == 83
    assert [row.sku for row in ROWS if row.stock == 0] == ["NF-510"]


def test_each_attribute_belongs_to_its_class_and_each_option_to_its_group() -> None:
    document = catalogue_file.read("catalogue/classes.toml")
    classes = {item["code"]: {a["code"]: a for a in item["attributes"]} for item in document["class"]}
    for row in ROWS:
        for code, value in row.attributes.items():
            attribute = classes[row.class_code][code]
            if group := attribute.get("group"):
                options = value if isinstance(value, list) else [value]
                assert set(options) <= set(document["option_groups"][group]), (row.sku, code)


def test_monthly_price_falls_with_the_term_and_the_price_is_for_the_whole_term() -> None:
    for edition in ("START", "PRO", "ENT"):
        monthly = [BY_SKU[f"NW-{edition}-{term}"].attributes["monthly_price"] for term in ("M", "12", "36", "60")]
        assert monthly == sorted(monthly, reverse=True)
        assert len(set(monthly)) == 4
    assert BY_SKU["NW-PRO-36"].price == 36 * 212
    assert BY_SKU["NW-PRO-M"].attributes["term_months"] == 0


def test_every_product_has_a_drawing_and_known_recommendations() -> None:
    assert {row.drawing["shape"] for row in ROWS} == set(illustrations.SHAPES)
    recommended = catalogue_file.read("catalogue/offers.toml")["recommended"]
    assert {sku for pair in recommended.items() for sku in (pair[0], *pair[1])} <= set(BY_SKU)


def test_same_product_is_drawn_the_same_and_small() -> None:
    row = BY_SKU["NP-410"]
    first, second = (illustrations.draw(sku=row.sku, spec=row.drawing) for _ in range(2))
    assert first == second
    assert len(first.webp) < 60_000


def test_unknown_shapes_and_scenes_are_refused() -> None:
    with pytest.raises(illustrations.UnknownShape, match="X-1: no drawing is called 'rocket'"):
        illustrations.draw(sku="X-1", spec={"shape": "rocket"})
    with pytest.raises(scenes.UnknownScene, match="no scene is called 'moon'"):
        scenes.draw(scene="moon")


def test_datasheet_is_one_page_and_the_same_each_time() -> None:
    row = BY_SKU["NT-110"]
    drawing = illustrations.draw(sku=row.sku, spec=row.drawing).jpeg
    sheets = [
        datasheets.build(
            sku=row.sku,
            title=row.title,
            paragraphs=row.paragraphs,
            attributes=[("Accuracy", "≤ 1 Ω – good")],
            drawing=drawing,
        )
        for _ in range(2)
    ]
    assert sheets[0] == sheets[1]
    assert sheets[0].startswith(b"%PDF-")
    assert sheets[0].count(b"/Type /Page\n") == 1


def test_stories_name_people_partners_and_products_that_exist() -> None:
    companies = {row["slug"]: row for row in catalogue_file.read("companies.toml")["company"]}
    partners = {row["code"]: row for row in catalogue_file.read("partners.toml")["partner"]}
    assert (len(companies), len(partners)) == (12, 8)
    for row in stories.rows():
        buyers = {person["email"] for person in companies[row["company"]]["people"] if person["role"] != "viewer"}
        assert row["buyer"] in buyers
        assert {sku for sku, _ in row["lines"]} <= set(BY_SKU)
        links = {code["code"]: code for partner in partners.values() for code in partner["codes"]}
        for touch in row.get("touches", []):
            assert touch.get("partner", "fjordtek") in partners
            assert touch.get("link", "fjordtek") in links


def test_generated_history_is_the_same_each_time_and_keeps_clear_of_quiet_stories() -> None:
    companies = catalogue_file.read("companies.toml")["company"]
    partners = catalogue_file.read("partners.toml")["partner"]
    told = stories.orders(longest=600)
    first, second = (generated.Generator(companies, partners).orders(months=18, stories=told) for _ in range(2))
    assert first == second
    for quiet in (plan for plan in told if plan.is_quiet):
        for plan in (plan for plan in first if plan.company == quiet.company):
            ages = [plan.days_ago, *(plan.days_ago + touch.before for touch in plan.touches)]
            assert not [age for age in ages if quiet.days_ago <= age <= quiet.days_ago + generated.QUIET_DAYS]


def test_markup_escapes_and_knows_headings_lists_and_emphasis() -> None:
    text = "## A < B\n\nOne *two* **three**\nfour.\n\n- five\n- six"
    assert html(text) == "<h2>A &lt; B</h2><p>One <i>two</i> <b>three</b> four.</p><ul><li>five</li><li>six</li></ul>"
