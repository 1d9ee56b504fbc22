"""Statements: exact sums, the payout that settles them, and the file."""

import pytest
from django.urls import reverse

from channels.commissions.models import Statement
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import file, page, portal_queries
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db

STATEMENT_QUERIES = 6  # member, statement, level, movements, settling statement, attempts


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


@pytest.mark.parametrize("name", ["statement", "statement-csv"])
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
