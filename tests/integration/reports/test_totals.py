"""Every total that is shown, against a naive one: plain loops over plain rows, in a past with two of everything."""

import csv
import json
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from channels.commissions.models import (
    Accrual,
    Dispute,
    LedgerEntry,
    LedgerPosting,
    PayoutBatchItem,
    Statement,
    StatementApproval,
    StatementLine,
)
from channels.commissions.selectors import ledger, months, payouts
from channels.commissions.selectors import statements as statement_selectors
from channels.commissions.selectors.balances import balances
from channels.core.periods import Month
from channels.desk.views import statements as desk_statements
from channels.harmony.models import GuardFinding, Proof
from channels.harmony.selectors import guard
from channels.journeys.models import OrderLine, OrderRecord, Relationship, Touchpoint
from channels.partners.models import ChannelPartner
from channels.portal.selectors import customers, links, money, orders, overview
from channels.portal.selectors.orders import OrderFilter
from tests.factories import channels as make
from tests.factories import commissions as factory
from tests.integration.portal.reading import file
from tests.integration.portal.worlds import browser
from tests.integration.reports.naive import Pair, in_force, order_of_line, origin, summed
from tests.integration.reports.world import END, TODAY, build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_world_has_two_of_everything(world: Pair) -> None:
    for rows in (
        summed((line.order_id, 1) for line in OrderLine.objects.all()),
        summed(((row.line_id, row.partner_id), 1) for row in in_force()),
        summed((row.partner_id, 1) for row in Statement.objects.all()),
        summed((row.payout_id, 1) for row in PayoutBatchItem.objects.get(pk=1).payout.attempts.all()),
        summed((row.guard_check_id, 1) for row in GuardFinding.objects.all()),
        summed((row.order_id, 1) for row in Dispute.objects.all()),
        summed((row.line_id, 1) for row in Proof.objects.all()),
        summed((row.company_id, 1) for row in Relationship.objects.all()),
    ):
        assert rows, rows
        assert min(rows.values()) >= 2, rows
    assert {row.reverses_id for row in Accrual.objects.all()} != {None}
    assert {row.currency for row in LedgerEntry.objects.all()} == {"EUR", "NOK"}


# --- the portal -----------------------------------------------------------------------------------------------------


def test_balances_and_months(world: Pair) -> None:
    for partner in world:
        own = [entry for entry in LedgerEntry.objects.all() if entry.partner_id == partner.pk]
        by_account = summed(((entry.currency, entry.account), entry.amount_minor) for entry in own)
        found = balances(partner)
        assert [row.currency for row in found] == ["EUR", "NOK"]
        for row in found:
            for name, account, sign in (
                ("held", "Liability:Held", -1), ("payable", "Liability:Payable", -1), ("clawback", "Asset:Clawback", 1),
                ("in_transit", "Liability:InTransit", -1),
            ):  # fmt: skip
                assert getattr(row, name) == sign * by_account.get((row.currency, account), 0), (row, name)
            assert row.earned == sum(
                amount for (code, account), amount in by_account.items()
                if code == row.currency and account.startswith("Expense")
            )  # fmt: skip
        accruals = [row for row in Accrual.objects.all() if row.partner_id == partner.pk]
        assert overview.earned(partner) == summed((row.currency, row.amount_minor) for row in accruals)
        for currency in ("EUR", "NOK"):
            naive = summed(
                ((Month.of(origin(row).accrued_at), overview.STEP_OF_STATE[origin(row).state]), row.amount_minor)
                for row in accruals
                if row.currency == currency
            )
            shown = overview.months(partner, currency=currency, now=TODAY)
            assert {
                (month.month, step): amount for month in shown for step, amount in month.steps.items()
            } == naive  # fmt: skip
            assert any(naive.values())


def test_credited_orders(world: Pair) -> None:
    lines = order_of_line()
    for partner in world:
        credited = {lines[row.line_id] for row in in_force() if row.partner_id == partner.pk}
        accruals = [row for row in Accrual.objects.all() if row.partner_id == partner.pk]
        earning = {row.order_id for row in accruals}
        states = {origin(row).state for row in accruals}
        assert len(states) >= 2
        assert {row.pk for row in orders.credited_orders(partner, OrderFilter())} == credited | earning
        wishes = [("", ""), ("REFERRAL", ""), ("INFLUENCE", ""), *(("", state) for state in states)]
        for kind, state in wishes:
            kept = [
                row for row in accruals if (not kind or row.type == kind) and (not state or origin(row).state == state)
            ]
            naive = summed((row.currency, row.amount_minor) for row in kept)
            wanted = OrderFilter(type=kind, state=state)
            assert dict(orders.totals(partner, wanted)) == naive, wanted
            found = list(orders.credited_orders(partner, wanted))
            assert len(found) == len({row.pk for row in found})
            per_order = {row.order.pk: row.earned_minor for row in orders.ledgers(partner, found, wanted)}
            assert {pk: amount for pk, amount in per_order.items() if amount} == {
                pk: amount for pk, amount in summed((row.order_id, row.amount_minor) for row in kept).items() if amount
            }
        rows = list(csv.DictReader(file(browser(partner), "orders-csv").splitlines()))
        exported = summed((row["Currency"], round(float(row["Commission"] or 0) * 100)) for row in rows)
        assert exported == summed((row.currency, row.amount_minor) for row in accruals)


def test_customers_and_links(world: Pair) -> None:
    lines = order_of_line()
    for partner in world:
        credits = [row for row in in_force() if row.partner_id == partner.pk]
        known = {lines[row.line_id] for row in credits}
        known |= {row.order_id for row in Accrual.objects.all() if row.partner_id == partner.pk}
        own = [row for row in OrderRecord.objects.all() if row.pk in known]
        found = customers.standing(partner, customers.customers(partner), now=TODAY)
        assert [row.company.key for row in found] == ["brewery", "fjord"]
        for customer in found:
            theirs = [row for row in own if row.company_id == customer.company.pk]
            assert customer.orders == len(theirs)
            assert customer.totals == summed((row.currency, row.net_minor) for row in theirs)
            assert (len(customer.roles), len(customer.renewals)) == (2, 2)
        told = customers.quotas(partner, now=TODAY)
        assert (told.customers, told.current, told.orders, told.renewals) == (2, 2, len(own), 4)
        assert told.roles == [("renewal_steward", 2), ("reseller", 2)]

        shown = links.links(partner, links.codes(partner), now=TODAY)
        touches = [row for row in Touchpoint.objects.all() if row.partner_id == partner.pk]
        assert len(shown) == 2
        for link in shown:
            through = {row.key for row in touches if row.code_id == link.code.pk}
            brought = {lines[row.line_id] for row in credits if through & set(row.touch_keys)}
            assert (link.clicks, link.orders) == (len(through), len(brought))
            assert link.orders >= 2


# --- statements -----------------------------------------------------------------------------------------------------


def test_statements_as_pages_and_files(world: Pair) -> None:
    entries = {row.pk: row for row in LedgerEntry.objects.all()}
    kinds = {row.pk: row.kind for row in LedgerPosting.objects.all()}
    labels = {str(label): kind for kind, label in LedgerPosting.Kind.choices}
    assert Statement.objects.count() >= 8
    for statement in Statement.objects.all():
        partner = statement.partner
        own = [entries[row.entry_id] for row in StatementLine.objects.all() if row.statement_id == statement.pk]
        movement = -sum(entry.amount_minor for entry in own)
        by_kind = summed((kinds[entry.posting_id], -entry.amount_minor) for entry in own)
        assert (statement.movement_minor, statement.closing_minor) == (movement, statement.opening_minor + movement)
        assert {entry.partner_id for entry in own} <= {partner.pk}
        assert money.totals_by_kind(statement) == by_kind
        assert {labels[label]: total for label, total in statement_selectors.kinds(statement)} == by_kind
        assert len(money.movement_rows(statement)) == len(statement_selectors.lines(statement)) == len(own)

        client = browser(partner)
        page = client.get(reverse("portal:statement", args=[statement.number])).context
        assert page["page"].paginator.count == len(page["lines"]) == len(own)
        rows = list(csv.DictReader(file(client, "statement-csv", statement.number).splitlines()))
        amounts = [round(float(row["Amount"]) * 100) for row in rows]
        assert sum(amounts[:-2]) == amounts[-2] == statement.closing_minor
        assert (len(amounts), amounts[-1]) == (len(own) + 3, statement.payable_minor)
        document = json.loads(client.get(reverse("portal:statement-json", args=[statement.number])).content)
        assert sum(row["amount_minor"] for row in document["movements"]) == movement
        assert len(document["movements"]) == len(own)
        assert len(document["postings"]) == len({row["sequence"] for row in document["postings"]})
        lines = {row["line"] for row in document["accruals"]}
        sums = summed(((row.line.key, row.type), row.amount_minor) for row in Accrual.objects.filter(partner=partner)
                      if row.line.key in lines and row.key in {told["key"] for told in document["accruals"]})  # fmt: skip
        assert summed(((row["line"], row["type"]), row["amount_minor"]) for row in document["accruals"]) == sums
        paper = desk_statements._rows(statement)
        assert sum(round(float(row.amount.split()[0].replace(",", "")) * 100) for row in paper) == movement
        assert client.get(reverse("portal:statement-pdf", args=[statement.number])).content[:5] == b"%PDF-"


def test_the_desks_lists(world: Pair) -> None:
    desk = Client()
    desk.force_login(make.user(is_staff=True, is_superuser=True))
    statements = list(Statement.objects.all())
    totals = desk.get(reverse("desk_statements")).context["totals"]
    asked = summed((row.currency, row.payable_minor) for row in statements if row.state != "paid")
    assert dict(totals) == asked
    assert any(asked.values())
    approvals = summed((row.statement_id, 1) for row in StatementApproval.objects.all())
    due = list(payouts.due(now=TODAY))
    assert len(due) == len({row.pk for row in due}) >= 2
    assert {row.pk: row.given for row in due} == {row.pk: approvals.get(row.pk, 0) for row in due}
    assert {2} <= set(approvals.values())
    assert {(account, currency): total for account, currency, total in ledger.totals_by_account()} == summed(
        ((row.account, row.currency), row.amount_minor) for row in LedgerEntry.objects.all()
    )
    items = list(PayoutBatchItem.objects.all())
    batch = payouts.batches().get()
    assert (batch.total, batch.handled, batch.paid, batch.failed) == (len(items), len(items), len(items) - 1, 1)
    assert len(items) >= 2

    earned = summed((row.order_id, row.amount_minor) for row in Accrual.objects.all())
    listed = desk.get(reverse("desk_orders")).context["object_list"]
    assert {row.pk: row.commission_minor for row in listed} == {row.pk: earned[row.pk] for row in listed}
    assert len(listed) == 8
    counted = summed((row.company_id, 1) for row in OrderRecord.objects.all())
    assert {row.pk: row.order_count for row in desk.get(reverse("desk_companies")).context["object_list"]} == counted

    findings = list(GuardFinding.objects.all())
    for check in guard.checks():
        hurts = [row for row in findings if row.guard_check_id == check.pk]
        assert (check.found, check.hurt, check.gap_minor) == (
            len(hurts), len({row.partner_id for row in hurts}), sum(row.gap_minor for row in hurts),
        )  # fmt: skip
        assert (check.found, check.hurt) == (4, 2)


def test_the_preview_of_a_month_is_what_its_closing_states() -> None:
    with time_machine.travel(TODAY, tick=False):
        build()
        factory.paid(factory.credited("LATE-1", *((partner, "referral", 5_000) for partner in ChannelPartner.objects.all()),
                                      placed_at=datetime(2026, 4, 20, tzinfo=END.tzinfo)))  # fmt: skip
        stated = {row.entry_id for row in StatementLine.objects.all()}
        owed = summed(
            ((row.partner_id, row.currency), -row.amount_minor)
            for row in LedgerEntry.objects.all()
            if row.pk not in stated and row.account in ("Liability:Payable", "Asset:Clawback")
        )
        frozen = {(row.partner_id, row.order_id) for row in Dispute.objects.all() if row.state == "open"}
        for row in Accrual.objects.all():
            first = origin(row)
            is_due = first.state == "held" and first.hold_until and first.hold_until < Month(2026, 6).end
            if is_due and (first.partner_id, first.order_id) not in frozen:
                key = (row.partner_id, row.currency)
                owed[key] = owed.get(key, 0) + row.amount_minor
        last: dict[tuple[int, str], Statement] = {}
        for statement in Statement.objects.order_by("period_start"):
            last[statement.partner_id, statement.currency] = statement
        found = {(row.partner.pk, row.currency): (row.opening_minor, row.movement_minor)
                 for row in months.preview(Month(2026, 6))}  # fmt: skip
        assert found == {key: (last[key].closing_minor, amount) for key, amount in owed.items()}
        assert len(found) == 2
