"""The index follows Oscar's tables: what is written, when, and with how many queries."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oscar.apps.catalogue.models import Category, Product, ProductClass, ProductImage
from oscar.apps.partner.models import StockRecord
from PIL import Image

from shop.catalogue.models import CatalogueEntry, CatalogueVersion, ProductDocument
from shop.catalogue.selectors import cards, snapshot, term_months, terms_of
from shop.catalogue.services import index, stock
from shop.pricing.contexts import PriceContext
from tests.factories.shop import NOW

pytestmark = pytest.mark.django_db
NOBODY = PriceContext(at=NOW)


def test_an_entry_holds_what_lists_show(three: list[Product]) -> None:
    entry = CatalogueEntry.objects.get(upc="NP-2")
    assert (entry.title, entry.class_slug, entry.main_category) == ("Display transmitter", "hardware", "Pressure")
    assert (entry.price, entry.price_minor, entry.price_basis, entry.has_price_range) == (
        Decimal("250.50"), 25050, "once", False,
    )  # fmt: skip
    assert entry.stock_state == "in"
    assert entry.facets == {
        "protocol": {"name": "Protocol", "values": ["IO-Link"]},
        "ip_rating": {"name": "Ingress protection", "values": ["IP67"]},
    }
    assert entry.facts == ["IO-Link", "IP67"]
    assert entry.offers == [[three[1].pk, "250.50", None]]


@pytest.mark.parametrize(
    ("stock_level", "allocated", "threshold", "state"),
    [(50, 0, None, "in"), (5, 0, None, "low"), (50, 46, None, "low"), (20, 0, 20, "low"), (21, 0, 20, "in"),
     (3, 3, None, "out"), (3, 9, None, "out"), (None, None, None, "order")],
)  # fmt: skip
def test_stock_states(
    make: Any, hardware: ProductClass, stock_level: int | None, allocated: int | None, threshold: int | None, state: str
) -> None:
    product = make("NP-1", hardware, stock=stock_level)
    StockRecord.objects.filter(product=product).update(num_allocated=allocated, low_stock_threshold=threshold)
    index.rebuild()
    assert CatalogueEntry.objects.get().stock_state == state


def test_what_keeps_no_stock_is_always_available(make: Any, software: ProductClass) -> None:
    make("NW-1", software, stock=None)
    index.rebuild()
    assert CatalogueEntry.objects.get().stock_state == "service"


def test_an_allocation_that_sells_out_flips_the_state_after_the_commit(
    three: list[Product], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    before, loaded = CatalogueVersion.objects.get(), snapshot()
    with django_capture_on_commit_callbacks(execute=True):
        three[0].stockrecords.get().allocate(50)
        assert CatalogueEntry.objects.get(upc="NP-1").stock_state == "in"
    after = CatalogueVersion.objects.get()
    assert CatalogueEntry.objects.get(upc="NP-1").stock_state == "out"
    assert (after.token == before.token, after.stock_token == before.stock_token) == (True, False)
    # What was loaded is taken on: only who is sold out is read again, and sold-out products go last.
    assert snapshot().titles is loaded.titles
    assert (bin(loaded.in_stock), bin(snapshot().in_stock)) == ("0b11", "0b10")
    assert [snapshot().ids[n] for n in snapshot().orders[""]] == [three[1].pk, three[0].pk, three[2].pk]


def test_an_allocation_that_leaves_plenty_writes_nothing(
    three: list[Product], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    before = CatalogueVersion.objects.values().get()
    with django_capture_on_commit_callbacks(execute=True):
        three[0].stockrecords.get().allocate(1)
    assert stock.settle(product_ids=[product.pk for product in three]) == 0
    assert CatalogueVersion.objects.values().get() == before


def test_a_price_edited_in_the_dashboard_is_indexed_after_the_commit(
    three: list[Product], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    record = three[0].stockrecords.get()
    with django_capture_on_commit_callbacks(execute=True):
        record.price = Decimal("111.11")
        record.save()
    assert CatalogueEntry.objects.get(upc="NP-1").price_minor == 11111
    assert CatalogueEntry.objects.get(upc="NP-2").price_minor == 25050


def test_a_deleted_product_leaves_the_index(
    three: list[Product], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        three[0].delete()
    assert sorted(CatalogueEntry.objects.values_list("upc", flat=True)) == ["NP-2", "NP-3"]
    assert list(snapshot().ids) == [three[1].pk, three[2].pk]


def test_a_renamed_category_is_renamed_in_every_entry(
    three: list[Product], pressure: Category, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        pressure.name = "Pressure and vacuum"
        pressure.save()
    assert set(CatalogueEntry.objects.values_list("main_category", flat=True)) == {"Pressure and vacuum"}


def test_a_loader_is_not_slowed_by_signals(
    make: Any, hardware: ProductClass, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks() as callbacks, index.paused():
        make("NP-9", hardware)
    assert callbacks == []
    assert not CatalogueEntry.objects.exists()


def test_a_rebuild_asks_as_often_for_three_products_as_for_one(
    make: Any, hardware: ProductClass, pressure: Category, django_assert_num_queries: Any
) -> None:
    make("NP-1", hardware, category=pressure)
    index.rebuild()
    with CaptureQueriesContext(connection) as one:
        index.rebuild()
    make("NP-2", hardware, category=pressure)
    make("NP-3", hardware, category=pressure)
    index.rebuild()
    with CaptureQueriesContext(connection) as three:
        index.rebuild()
    reads = [sum(query["sql"].startswith("SELECT") for query in taken.captured_queries) for taken in (one, three)]
    assert reads[0] == reads[1]


def test_the_command_rebuilds_from_nothing(three: list[Product], capsys: pytest.CaptureFixture[str]) -> None:
    CatalogueEntry.objects.all().delete()
    call_command("rebuild_catalogue_index")
    assert CatalogueEntry.objects.count() == 3
    assert "3 products indexed." in capsys.readouterr().out


def test_a_parent_shows_its_cheapest_child_and_children_have_no_entry(make: Any, hardware: ProductClass) -> None:
    parent = make("NP-P", hardware, structure=Product.PARENT, price=None)
    make("NP-P-1", None, structure=Product.CHILD, parent=parent, price="80.00", stock=0)
    make("NP-P-2", None, structure=Product.CHILD, parent=parent, price="70.00", stock=9)
    index.rebuild()
    entry = CatalogueEntry.objects.get()
    assert (entry.price, entry.has_price_range, entry.stock_state) == (Decimal("70.00"), True, "in")
    assert entry.variant_upcs == ["NP-P-1", "NP-P-2"]
    card = cards([parent.pk], context=NOBODY)[0]
    assert (card.amount, card.is_from, str(card.unit)) == (Decimal("70.00"), True, "")


def test_terms_are_priced_by_month(make: Any, software: ProductClass) -> None:
    parent = make("NW-PRO", software, structure=Product.PARENT, price=None)
    for upc, months, price in (("NW-PRO-M", 1, "290.00"), ("NW-PRO-12", 12, "2988.00"), ("NW-PRO-36", 36, "7632.00")):
        make(upc, None, structure=Product.CHILD, parent=parent, price=price, values={"term_months": months})
    index.rebuild()
    entry = CatalogueEntry.objects.get()
    assert (entry.price, entry.price_basis, entry.has_price_range) == (Decimal("212.00"), "month", True)
    children = list(Product.objects.filter(parent=parent).order_by("pk"))
    assert terms_of(children) == {children[0].pk: 0, children[1].pk: 12, children[2].pk: 36}
    assert term_months(children[1]) == 12
    assert term_months(parent) is None


def test_cards_keep_the_order_asked_for_and_leave_out_what_is_not_public(three: list[Product]) -> None:
    Product.objects.filter(pk=three[1].pk).update(is_public=False)
    index.rebuild()
    found = cards([three[2].pk, three[1].pk, three[0].pk], context=NOBODY)
    assert [card.upc for card in found] == ["NP-3", "NP-1"]


def png(width: int, height: int) -> ContentFile:
    data = BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return ContentFile(data.getvalue(), name="picture.png")


def test_images_are_sized_once_and_a_broken_one_is_left_out(three: list[Product]) -> None:
    ProductImage.objects.create(product=three[0], original=png(1600, 800), display_order=0)
    ProductImage.objects.create(
        product=three[0], original=ContentFile(b"not a picture", name="broken.png"), display_order=1
    )
    index.refresh(product_ids=[three[0].pk])
    entry = CatalogueEntry.objects.get(upc="NP-1")
    assert (entry.image_width, entry.image_height) == (480, 240)
    assert entry.image_url.endswith("-480.webp")
    assert [(image["width"], image["height"]) for image in entry.detail["images"]] == [(1200, 600)]
    before = entry.image_url
    index.refresh(product_ids=[three[0].pk])
    assert CatalogueEntry.objects.get(upc="NP-1").image_url == before


def test_a_description_is_sanitised(make: Any, hardware: ProductClass) -> None:
    make("NP-1", hardware, description='<p onclick="x()">Fine <strong>words</strong><script>alert(1)</script></p>')
    make("NP-2", hardware, description="Under 5 < 6 bar\n\nSecond")
    index.rebuild()
    html = [entry.detail["description"] for entry in CatalogueEntry.objects.order_by("upc")]
    assert html == ["<p>Fine <strong>words</strong></p>", "<p>Under 5 &lt; 6 bar</p>\n\n<p>Second</p>"]


def test_documents_are_listed(three: list[Product]) -> None:
    ProductDocument.objects.create(product=three[0], title="Datasheet", file="documents/np-1.pdf", language="en")
    index.refresh(product_ids=[three[0].pk])
    assert CatalogueEntry.objects.get(upc="NP-1").detail["documents"] == [
        {"title": "Datasheet", "kind": "datasheet", "url": "/media/documents/np-1.pdf", "language": "en"}
    ]
