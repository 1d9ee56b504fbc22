"""The whole demo store, loaded once for this module."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import override_settings
from oscar.apps.catalogue.models import Category, Product, ProductImage
from oscar.apps.partner.models import StockRecord
from wagtail.models import Page

from channels.commissions.models import (
    Accrual,
    Dispute,
    ExchangeRate,
    LedgerPosting,
    ProgrammeVersion,
    RatingRun,
    Statement,
)
from channels.harmony.models import GuardCheck, GuardOverride
from channels.journeys.models import (
    AttributionRun,
    Credit,
    OrderEvent,
    OrderLine,
    OrderRecord,
    Relationship,
    Touchpoint,
)
from channels.partners.models import ChannelPartner
from shop.billing.models import Invoice, Receipt
from shop.buying.models import PurchaseDetails
from shop.catalogue.models import CatalogueEntry, ProductDocument
from shop.companies.models import Company
from shop.demo import services
from shop.demo.catalogue_file import ProductRow
from shop.demo.loaders import pictures, stories
from shop.forks.order.models import Order
from shop.returns.models import Repayment, ReturnRequest
from shop.subscriptions.models import Occurrence, Subscription
from tests.harness import baseline

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOW = datetime(2026, 6, 15, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def store(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Load everything; one drawing stands for all, since the drawings have tests of their own."""
    said: list[str] = []
    patch = pytest.MonkeyPatch()
    patch.setattr(pictures, "THREADS", 1)
    patch.setattr(pictures, "_draw", _draw_once(pictures._draw))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        services.load(now=NOW, say=said.append)
        yield said
        baseline.restore()
    patch.undo()


def test_catalogue_people_and_pages_are_there(store: list[str]) -> None:
    assert Product.objects.count() == 83
    assert CatalogueEntry.objects.filter(is_public=True).count() == 83
    assert ProductImage.objects.count() == 83
    assert ProductDocument.objects.count() == 83 - 11
    assert Category.objects.count() == 23
    assert Company.objects.count() == 12
    assert Company.objects.filter(status=Company.Status.APPROVED).count() == 11
    assert ChannelPartner.objects.count() == 8
    assert list(ChannelPartner.objects.exclude(status="active").values_list("code", "status")) == [
        ("nordkalib", "suspended")
    ]
    assert Page.objects.filter(locale__language_code="en", depth__gt=1).live().count() == 16
    assert Page.objects.filter(locale__language_code="nb").live().count() == 16
    assert default_storage.exists(ProductImage.objects.first().original.name)
    assert store[0] == "Catalogue"
    assert store[-1] == "Committing"


@pytest.mark.parametrize("story", stories.rows(), ids=lambda row: row["code"])
def test_each_story_takes_the_step_it_was_written_for(story: dict[str, Any]) -> None:
    purchase = PurchaseDetails.objects.get(purchase_order_number=f"STORY-{story['code']}", cycle=0)
    assert AttributionRun.objects.get(order__number=purchase.order.number).step == story["expect"]


def test_nothing_waits_or_failed_and_the_ledger_verifies() -> None:
    assert not AttributionRun.objects.exclude(state="done").exists()
    assert not RatingRun.objects.exclude(state="done").exists()
    assert [row.subscription.product.upc for row in Occurrence.objects.exclude(state="placed")] == ["NW-PRO-M"]
    call_command("verify_ledger", stdout=StringIO())


def test_history_is_dated_within_its_18_months() -> None:
    first = Order.objects.order_by("date_placed").first()
    assert 530 <= (NOW - first.date_placed).days <= 550
    assert not Order.objects.filter(date_placed__gt=NOW).exists()
    assert not LedgerPosting.objects.filter(booked_at__gt=NOW).exists()
    assert not Relationship.objects.filter(recorded_at__gt=NOW).exists()
    assert not Touchpoint.objects.filter(at__gt=NOW).exists()


def test_commission_is_in_every_state_and_of_every_type() -> None:
    states = set(Accrual.objects.values_list("state", flat=True))
    assert states == {"held", "payable", "stated", "paid", "reversed"}
    assert set(Accrual.objects.values_list("type", flat=True)) == {
        "RESALE", "REFERRAL", "INFLUENCE", "RENEWAL", "OVERRIDE", "TOP_UP", "BONUS", "ADJUSTMENT",
    }  # fmt: skip
    assert set(Statement.objects.values_list("state", flat=True)) == {"closed", "paid"}
    assert set(Invoice.objects.values_list("state", flat=True)) == {"open", "paid", "cancelled"}
    overdue = Invoice.objects.filter(state="open", due_on__lt=NOW.date())
    assert overdue.filter(paid_incl_tax__gt=0).count() == 1  # half of the oldest
    assert overdue.filter(reminders__level=1).exists()
    assert Receipt.objects.get(company=None, bookings=None).reference == "Calibration, thank you"
    assert Receipt.objects.get(key="demo:together").bookings.count() == 2


def test_refunds_take_back_exactly_their_part() -> None:
    refunded = _accruals("REFUND", "RESALE", "NT-240")
    assert [row.amount_minor for row in refunded] == [22464, -7488]
    cancelled = Accrual.objects.filter(order__purchase_order_number="STORY-CANCEL")
    assert not cancelled.exists()


def test_one_return_waits_for_us_one_lies_here_and_one_is_refunded() -> None:
    rows = ReturnRequest.objects.order_by("pk")
    assert list(rows.values_list("state", flat=True)) == ["requested", "received", "refunded"]
    assert set(Repayment.objects.values_list("state", flat=True)) == {"done"}
    assert rows[2].take_back.repayments.count() == 1


def test_renewals_credit_the_steward_of_their_day() -> None:
    purchase = PurchaseDetails.objects.get(purchase_order_number="STORY-CHANGE", cycle=0)
    contract = Subscription.objects.get(first_line__order=purchase.order, product__upc="NW-PRO-M")
    renewals = contract.occurrences.order_by("cycle")
    who = [
        list(
            Credit.objects.filter(pool="renewal", line__order__number=row.order.number).values_list(
                "partner__code", flat=True
            )
        )
        for row in renewals
    ]
    changes = [codes for place, codes in enumerate(who) if place == 0 or codes != who[place - 1]]
    assert changes == [["polar-supply"], ["nordkalib"], [], ["polar-supply"]]


def test_one_subscription_renews_soon_one_asks_and_one_is_past_due() -> None:
    rows = Subscription.objects.filter(company__name="Cascade Ridge Timber Inc.")
    rows = rows.filter(product__upc__in=("NW-START-12", "NW-PRO-12", "NW-PRO-M"), started_on__gte="2025-07-01")
    assert sorted(rows.values_list("product__upc", "status", "reviews__reason")) == [
        ("NW-PRO-12", "active", "rise"),
        ("NW-PRO-M", "past_due", None),
        ("NW-START-12", "active", None),
    ]
    soon = rows.get(product__upc="NW-START-12")
    assert list(soon.notices.filter(reader="buyer").values_list("step", flat=True)) == [90, 60, 30]


def test_every_line_of_the_store_knows_its_cost_and_rules_of_the_second_version_pay() -> None:
    assert not OrderLine.objects.filter(cost_minor=None).exists()
    rated = RatingRun.objects.filter(programme_version__version=2)
    kinds = {target["rate_kind"] for run in rated for target in run.explanation["targets"]}
    assert kinds == {"percent", "per_unit", "retroactive"}
    bonus = Accrual.objects.get(type="BONUS")
    assert (bonus.line.sku, bonus.line.quantity, bonus.amount_minor) == ("NT-330", 17, 17 * 15_00)
    # Reseller, influencer and distributor take the whole 18 % there: of the launch bonus nothing is left.
    held = RatingRun.objects.filter(order__purchase_order_number="STORY-HELD").latest("pk").explanation["skips"]
    cut = {(row["rule"], row["partner"]) for row in held if row["reason"] == "total_cap"}
    assert ("spiff-wireless", "fjordtek") in cut


def test_a_dispute_waits_and_another_was_upheld() -> None:
    assert sorted(Dispute.objects.values_list("state", "kind", "partner__code")) == [
        ("open", "share", "pumpwise"),
        ("upheld", "amount", "capteurs-sud"),
    ]
    assert Accrual.objects.get(type="ADJUSTMENT").amount_minor == 250_00


def test_a_draft_was_simulated_shared_and_talked_over() -> None:
    draft = ProgrammeVersion.objects.get(status="draft")
    assert draft.version == 3
    assert draft.simulations.get().state == "done"
    assert set(draft.shares.values_list("partner__code", flat=True)) == {"fjordtek", "sensorhaus", "pumpwise"}
    told = draft.comments.order_by("at").values_list("partner__code", "is_from_desk")
    assert list(told) == [("fjordtek", False), ("fjordtek", True), ("pumpwise", False)]


def test_one_undercut_was_prevented_and_one_overridden() -> None:
    checks = GuardCheck.objects.filter(source="price").order_by("at").values_list("label", "outcome")
    assert list(checks) == [
        ("Wireless temperature sensor NT-330", "blocked"),
        ("Compact pressure transmitter NP-110", "blocked"),
        ("Compact pressure transmitter NP-110", "approved"),
    ]
    assert set(GuardOverride.objects.values_list("state", flat=True)) == {"requested", "approved"}


def test_orders_were_delivered_and_one_came_in_another_currency() -> None:
    assert OrderEvent.objects.filter(kind="delivered").count() == 9
    foreign = OrderRecord.objects.get(currency="SEK")
    assert (foreign.number, foreign.net_minor) == ("GBG-2217", 6 * 4150_00 + 9800_00)
    earned = Accrual.objects.filter(order=foreign).order_by("line__position")
    assert list(earned.values_list("type", "currency", "amount_minor")) == [
        ("RESALE", "SEK", 2988_00),
        ("RESALE", "SEK", 784_00),
    ]
    assert set(ExchangeRate.objects.values_list("quote", flat=True)) == {"SEK", "NOK", "USD", "GBP"}


def test_shelves_hold_what_the_fixtures_say() -> None:
    levels = {record.partner_sku: record.net_stock_level for record in StockRecord.objects.all()}
    assert (levels["NF-510"], levels["GW-200"], levels["NV-210"], levels["NT-110"]) == (0, 4, 9, 412)


def test_loading_again_changes_nothing_and_says_so() -> None:
    counts = (Order.objects.count(), LedgerPosting.objects.count(), Product.objects.count(), Page.objects.count())
    out = StringIO()
    call_command("seed_demo", stdout=out)
    assert "loaded already; nothing was changed" in out.getvalue()
    assert "anna@havbris.example.com" in out.getvalue()
    after = (Order.objects.count(), LedgerPosting.objects.count(), Product.objects.count(), Page.objects.count())
    assert after == counts


def _draw_once(draw: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    files: dict[str, str] = {}

    def drawn(row: ProductRow, names: dict[str, str]) -> dict[str, str]:
        if not files:
            files.update(draw(row, names))
        has_datasheet = row.class_code not in pictures.WITHOUT_DATASHEET
        return {**files, "datasheet": files["datasheet"] if has_datasheet else ""}

    return drawn


def _accruals(story: str, kind: str, sku: str) -> list[Accrual]:
    rows = Accrual.objects.filter(order__purchase_order_number=f"STORY-{story}", type=kind, line__sku=sku)
    return list(rows.order_by("accrued_at"))
