"""Statements: exact sums, the payout that settles them, and the file."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from pypdf import PdfReader

from channels.commissions.engine import recompute
from channels.commissions.models import Statement
from channels.commissions.selectors.statement_export import export
from channels.commissions.statement_pdf import Row, build
from channels.commissions.statement_sheet import sheet_of
from channels.partners.models import Agreement, ChannelPartner
from channels.portal import numbers
from channels.portal.views import statements as views
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import file, page, portal_queries
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db

STATEMENT_QUERIES = 9  # member, statement, level, kinds, count, movements, settling statement, attempts, held details


@pytest.fixture
def anna() -> ChannelPartner:
    worlds.rules_of_play()
    return make.partner("anna")


def test_a_statement_reads_from_opening_to_payout(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    statement = worlds.stated_and_paid(anna, at=NOON + days(70))  # 11 May
    client = browser(anna)

    text = page(client, "statement", statement.number)

    assert "Statement April 2026 ST-2026-04-EUR-ANNA Paid" in text
    assert "Opening balance €0.00 Movement €120.00 Closing balance €120.00 To be paid €120.00" in text
    assert "6 Apr 2026 Commission became payable ORD-1 Fjord Line 1 Resale €120.00" in text
    assert "Amount: €120.00 11 May 2026 : paid, reference TRANSFER-77" in text
    assert f"#{statement.chain_sequence} {statement.chain_head}" in text
    assert "April 2026 ST-2026-04-EUR-ANNA Paid €0.00 €120.00 €120.00 €120.00" in page(client, "statements")


def test_a_refund_after_the_payout_is_carried_over(anna: ChannelPartner) -> None:
    order = worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.refunded(order, 500_00, NOON + days(80))  # 21 May
    worlds.run_due(now=NOON + days(95))

    text = page(browser(anna), "statement", "ST-2026-05-EUR-ANNA")

    assert "Opening balance €120.00 Movement -€180.00 Closing balance -€60.00 To be paid €0.00" in text
    assert "the balance is carried over" in text
    assert "11 May 2026 Paid out – TRANSFER-77 -€120.00" in text
    assert "21 May 2026 Taken back after a refund or cancellation ORD-1 Fjord Line 1 Resale -€60.00" in text
    assert "goes on to the next statement" in text


def test_a_balance_paid_later_names_the_statement(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna, net_minor=100_00)
    worlds.sold("ORD-2", through=anna, at=NOON + days(31))
    worlds.run_due(now=NOON + days(95))
    Statement.objects.filter(number="ST-2026-04-EUR-ANNA").update(payable_minor=0)  # as if below the minimum

    text = page(browser(anna), "statement", "ST-2026-04-EUR-ANNA")

    assert "is paid with statement ST-2026-05-EUR-ANNA" in text
    assert "That payment has not been made yet." in text


def test_a_month_that_closes_even_is_paid_by_nothing_later(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.sold("ORD-2", through=anna, at=NOON + days(55))  # payable on 31 May, and stated with it
    worlds.sold("ORD-3", through=anna, at=NOON + days(60))
    worlds.run_due(now=NOON + days(125))
    Statement.objects.filter(number="ST-2026-05-EUR-ANNA").update(closing_minor=0, payable_minor=0)

    text = page(browser(anna), "statement", "ST-2026-05-EUR-ANNA")

    assert "Everything owed until the end of this month has been paid." in text
    assert "is paid with statement" not in text


def test_the_file_adds_up(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, at=NOON + days(1), net_minor=505_05)
    worlds.stated_and_paid(anna, at=NOON + days(70))

    lines = file(browser(anna), "statement-csv", "ST-2026-04-EUR-ANNA").splitlines()

    assert lines[0] == "Posting,Booked,Movement,Order,Customer,Line,Type,Amount,Currency"
    assert lines[1] == ",2026-04-01,Opening balance,,,,,0.00,EUR"
    assert [line.split(",", 1)[1] for line in lines[2:4]] == [
        "2026-04-06,Commission became payable,ORD-1,Fjord,Line 1,Resale,120.00,EUR",
        "2026-04-07,Commission became payable,ORD-2,Fjord,Line 1,Resale,60.61,EUR",
    ]
    assert lines[4:] == [",2026-04-30,Closing balance,,,,,180.61,EUR", ",2026-04-30,To be paid,,,,,180.61,EUR"]


def test_no_statement_yet(anna: ChannelPartner) -> None:
    assert "No statement yet" in page(browser(anna), "statements")


@pytest.mark.parametrize("name", ["statement", "statement-csv", "statement-pdf", "statement-json"])
def test_an_unknown_number_is_not_found(anna: ChannelPartner, name: str) -> None:
    assert browser(anna).get(reverse(f"portal:{name}", args=["ST-2026-04-EUR-NOBODY"])).status_code == 404


def test_the_query_count_does_not_grow(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    assert len(portal_queries(browser(anna), "statement", "ST-2026-04-EUR-ANNA")) == STATEMENT_QUERIES

    for number in (2, 3, 4):
        worlds.sold(f"ORD-{number}", through=anna, at=NOON + days(60), company=make.company_facts(f"company-{number}"))
    worlds.stated_and_paid(anna, at=NOON + days(125))
    assert Statement.objects.get(number="ST-2026-06-EUR-ANNA").lines.count() == 3
    assert len(portal_queries(browser(anna), "statement", "ST-2026-06-EUR-ANNA")) == STATEMENT_QUERIES


def test_the_json_file_is_recomputed_by_the_script_beside_it(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    statement = worlds.stated_and_paid(anna, at=NOON + days(70))
    client = browser(anna, "finance")

    answer = client.get(reverse("portal:statement-json", args=[statement.number]))
    script = client.get(reverse("portal:recompute-script"))

    document = json.loads(answer.content)
    assert recompute.differences(recompute.shaped(document)) == []
    assert document == json.loads(json.dumps(export(statement)))
    assert answer["Content-Disposition"] == f'attachment; filename="{statement.number}.json"'
    assert script.content == Path(recompute.__file__).read_bytes()


def test_paper_says_who_issues_and_who_owes_tax(anna: ChannelPartner) -> None:
    """As it was at the closing: what changes later is on the next statement."""
    ChannelPartner.objects.filter(pk=anna.pk).update(
        name="Blåbær & Łódź Automation GmbH", country="DE", city="Köln", vat_id="DE123456789"
    )
    Agreement.objects.filter(partner=anna).update(self_billing=True)
    worlds.sold("ORD-1", through=anna)
    statement = worlds.stated_and_paid(anna, at=NOON + days(70))
    ChannelPartner.objects.update(name="Another name", vat_id="")

    sheet = sheet_of(statement, [Row("06.04.2026", "Released", "ORD-1", "Line 1", "€120.00")], money=numbers.money)

    assert sheet.partner == ["Blåbær & Łódź Automation GmbH", "Köln, DE", "Tax id DE123456789"]
    assert sheet.issuer[0] == "Nordlys Instruments AS"
    assert sheet.totals[-1] == ("To be paid", "€120.00")
    assert [sentence.split(":")[0] for sentence in sheet.sentences] == ["Self-billing", "Reverse charge"]
    assert sheet.seal == f"#{statement.chain_sequence} {statement.chain_head}"
    text = page(browser(anna), "statement", statement.number)
    assert "Blåbær & Łódź Automation GmbH Köln, DE Tax id DE123456789" in text
    assert "Reverse charge: the recipient of the service accounts for value added tax." in text


@pytest.mark.parametrize(
    ("country", "vat_id", "treatment"),
    [("NO", "", "domestic"), ("NO", "NO 1 MVA", "domestic"), ("SE", "SE1", "reverse_charge"), ("SE", "", "no_tax_id")],
)
def test_the_wording_follows_the_countries(anna: ChannelPartner, country: str, vat_id: str, treatment: str) -> None:
    ChannelPartner.objects.filter(pk=anna.pk).update(country=country, vat_id=vat_id)
    worlds.sold("ORD-1", through=anna)
    worlds.run_due(now=NOON + days(70))
    tax = Statement.objects.get().printed["tax"]
    assert (tax["treatment"], tax["self_billing"], tax["agreement"]) == (treatment, False, "v1")


def test_a_name_stands_in_its_own_script(anna: ChannelPartner) -> None:
    ChannelPartner.objects.filter(pk=anna.pk).update(name="Омега Мрежи")
    worlds.sold("ORD-1", through=anna)
    statement = worlds.stated_and_paid(anna, at=NOON + days(70))
    content = browser(anna).get(reverse("portal:statement-pdf", args=[statement.number])).content
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Омега Мрежи" in text


def test_the_pdf_has_as_many_pages_as_it_takes(anna: ChannelPartner, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.sold("ORD-1", through=anna)
    statement = worlds.stated_and_paid(anna, at=NOON + days(70))
    client = browser(anna)
    answer = client.get(reverse("portal:statement-pdf", args=[statement.number]))
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert b"/Count 1\n" in answer.content
    assert client.get(reverse("portal:statement-pdf", args=[statement.number])).content == answer.content
    many = [Row("06.04.2026", "Became payable", f"ORD-{number}", "A long name " * 9, "€1.00") for number in range(120)]
    assert b"/Count 8\n" in build(sheet_of(statement, many, money=numbers.money))
    monkeypatch.setattr(views, "MOST_ON_PAPER", 0)
    assert client.get(reverse("portal:statement-pdf", args=[statement.number])).status_code == 200


def test_statements_and_movements_are_filtered(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, at=NOON + days(31))
    worlds.stated_and_paid(anna, at=NOON + days(95))
    client = browser(anna)

    def listed(**wanted: str) -> list[str]:
        answer = client.get(reverse("portal:statements"), wanted)
        return [row["number"] for row in answer.context["rows"]]

    assert listed() == ["ST-2026-05-EUR-ANNA", "ST-2026-04-EUR-ANNA"]
    assert listed(state="paid") == ["ST-2026-05-EUR-ANNA"]
    assert listed(year="2026", currency="EUR", state="closed") == ["ST-2026-04-EUR-ANNA"]
    assert listed(year="1999", currency="XXX") == listed()
    detail = reverse("portal:statement", args=["ST-2026-04-EUR-ANNA"])
    assert len(client.get(detail, {"kind": "release", "q": "ORD-1"}).context["lines"]) == 1
    assert "No movement fits all of this." in client.get(detail, {"q": "ORD-9"}).content.decode()


def test_a_long_statement_is_paged(anna: ChannelPartner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums are of the whole statement on each page."""
    monkeypatch.setattr(views, "MOVEMENTS_PER_PAGE", 2)
    for number in (1, 2, 3):
        worlds.sold(f"ORD-{number}", through=anna, company=make.company_facts(f"company-{number}"))
    worlds.stated_and_paid(anna, at=NOON + days(70))
    client = browser(anna)
    detail = reverse("portal:statement", args=["ST-2026-04-EUR-ANNA"])
    pages = [client.get(detail, {"page": number}).context for number in (1, 2)]
    assert [len(context["lines"]) for context in pages] == [2, 1]
    assert [dict(context["by_kind"]) for context in pages] == [{"Commission became payable": "€360.00"}] * 2
    assert Statement.objects.get().period_start == date(2026, 4, 1)
