"""Many payouts together: SEPA files and the bank's answers, batches that partly fail, and restarts."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from unittest import mock

import pytest
import time_machine
from sepaxml.validation import try_valid_xml

from channels.commissions.models import BankStatusFile, LedgerPosting, Payout, PayoutAttempt, PayoutBatch
from channels.commissions.rails import sepa
from channels.commissions.rails.protocol import Payee
from channels.commissions.selectors import verification
from channels.commissions.services import bank_reports, payout_batches, payouts, schedule
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """A lost task: nothing is sent until the test says so."""
    with time_machine.travel(pay.NOW, tick=False), mock.patch.object(payout_batches, "_send"):
        yield


def partners(*codes: str, rail: str = "sepa") -> list[ChannelPartner]:
    money.programme()
    made = [make.partner(code) for code in codes]
    for partner in made:
        if rail == "sepa":
            pay.details(partner)
        else:
            pay.connected(partner)
    return made


def batch_of(*of: Payout, rail: str = "sepa") -> PayoutBatch:
    batch = payout_batches.create(payout_ids=[payout.pk for payout in of], rail=rail, at=pay.NOW, by=None)
    return payout_batches.run(batch_id=batch.pk, now=pay.NOW)


def report(batch: PayoutBatch, *rows: tuple[str, str, str], whole: str = "PART", name: str = "BANK-1") -> bytes:
    """A pain.002 of the bank: (end-to-end id, status, reason code)."""
    transactions = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>as the bank says</AddtlInf></StsRsnInf></TxInfAndSts>"
        for key, status, code in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>{name}</MsgId><CreDtTm>2026-03-03T08:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.message_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<GrpSts>{whole}</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
        f"<OrgnlPmtInfId>{batch.message_id}-1</OrgnlPmtInfId>{transactions}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def take(content: bytes) -> BankStatusFile:
    return bank_reports.import_status(content=content, at=pay.later(days=1), by=None)


def outcomes(file: BankStatusFile) -> list[tuple[str, str]]:
    return [(row["key"], row["outcome"]) for row in file.rows]


def keys(batch: PayoutBatch) -> list[str]:
    return [attempt.key for attempt in batch.attempts.order_by("pk")]


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_file_holds_every_transfer_to_the_cent_and_fits_its_schema() -> None:
    nord, syd = partners("nord", "syd")
    batch = batch_of(*pay.all_approved(nord, syd, nets={"syd": 33_33}))
    assert (batch.state, batch.message_id) == ("sent", f"ACCORD-20260302-{batch.pk}")
    try_valid_xml(batch.file.encode(), "pain.001.001.09")
    document = ET.fromstring(batch.file)

    def texts(path: str) -> list[str | None]:
        return [node.text for node in document.iterfind(f".//p:{path}", PAIN)]

    assert texts("GrpHdr/p:MsgId") == [batch.message_id]
    assert texts("GrpHdr/p:CreDtTm") == ["2026-03-02T09:00:00"]
    assert texts("GrpHdr/p:NbOfTxs") == ["2"]
    assert texts("GrpHdr/p:CtrlSum") == ["20.00"]
    assert texts("PmtInfId") == [f"{batch.message_id}-1"]
    assert texts("DbtrAcct/p:Id/p:IBAN") == ["NO9386011117947"]
    assert texts("EndToEndId") == keys(batch)
    assert texts("InstdAmt") == ["15.00", "5.00"]
    assert texts("CdtrAcct/p:Id/p:IBAN") == [pay.IBAN, pay.IBAN]
    assert texts("Cdtr/p:Nm") == ["Nord", "Syd"]
    assert money.accounts() == {"Expense:Commission:RESALE": 20_00, "Liability:InTransit": -20_00}


def test_the_file_is_made_once_and_stays_as_it_is() -> None:
    (nord,) = partners("nord")
    batch = batch_of(pay.approved(nord))
    again = payout_batches.run(batch_id=batch.pk, now=pay.later(hours=5))
    assert (again.file, again.message_id) == (batch.file, batch.message_id)
    assert PayoutAttempt.objects.count() == 1
    assert sepa.write(
        message_id="ACCORD-1", at=pay.NOW, transfers=[_transfer()]
    ) == sepa.write(message_id="ACCORD-1", at=pay.NOW, transfers=[_transfer()])  # fmt: skip


def _transfer() -> sepa.Transfer:
    return sepa.Transfer(
        key="PAYOUT-1-1", group="PAYOUT-1", amount_minor=1, currency="EUR", destination=pay.IBAN,
        holder="Bjørn & Ærlige <AS>", reference="ST-2026-02-EUR-NORD",
    )  # fmt: skip


def test_what_cannot_be_sent_is_left_out_with_its_reason() -> None:
    nord, syd = partners("nord", "syd")
    (ost,) = [make.partner("ost")]
    pay.details(syd, iban=pay.OTHER_IBAN, entered_at=pay.NOW, valid_from=pay.later(days=7))
    due = pay.all_approved(nord, syd, ost)
    batch = batch_of(*due)
    assert [(item.payout.statement.partner.code, item.note) for item in batch.items.order_by("pk")] == [
        ("nord", ""),
        ("syd", "The bank details were changed; payouts wait until 2026-03-09."),
        ("ost", "The partner has not entered a bank account."),
    ]
    assert [payout.state for payout in Payout.objects.order_by("pk")] == ["sending", "approved", "approved"]
    assert batch.file.count("<CdtTrfTxInf>") == 1

    again = payout_batches.retry(batch_id=batch.pk, at=pay.later(days=8), by=None)
    payout_batches.run(batch_id=again.pk, now=pay.later(days=8))
    again.refresh_from_db()
    assert [item.note for item in again.items.order_by("pk")] == ["", "The partner has not entered a bank account."]
    assert pay.OTHER_IBAN in again.file
    assert pay.IBAN not in again.file


def test_sepa_carries_euros_only() -> None:
    payee = Payee(rail="sepa", iban=pay.IBAN, holder="Nord")
    assert sepa.Sepa().obstacle(payee, "NOK") == "SEPA carries euros only."
    assert sepa.Sepa().obstacle(payee, "EUR") == ""
    with pytest.raises(payout_batches.EmptyBatch):
        payout_batches.create(payout_ids=[], rail="sepa", at=pay.NOW, by=None)


# --- the bank's answer ----------------------------------------------------------------------------------------------


def test_the_banks_report_pays_and_refuses_each_transfer_for_itself() -> None:
    nord, syd = partners("nord", "syd")
    batch = batch_of(*pay.all_approved(nord, syd))
    first, second = keys(batch)
    file = take(report(batch, (first, "ACSC", ""), (second, "RJCT", "AC04"), ("PAYOUT-9-9", "ACSC", "")))
    assert outcomes(file) == [(first, "paid"), (second, "refused"), ("PAYOUT-9-9", "unknown")]
    assert money.accounts() == {
        "Asset:Bank": -15_00, "Expense:Commission:RESALE": 30_00, "Liability:Payable": -15_00,
    }  # fmt: skip
    assert [payout.state for payout in Payout.objects.order_by("pk")] == ["paid", "failed"]
    assert [row.last_error for row in batch.attempts.order_by("pk")] == ["", "AC04 as the bank says"]
    assert list(verification.findings()) == []


def test_the_same_report_twice_changes_nothing() -> None:
    (nord,) = partners("nord")
    batch = batch_of(pay.approved(nord))
    content = report(batch, (keys(batch)[0], "ACSC", ""))
    first = take(content)
    postings = LedgerPosting.objects.count()
    assert take(content) == first
    other = take(report(batch, (keys(batch)[0], "ACSC", ""), name="BANK-2"))
    assert outcomes(other) == [(keys(batch)[0], "unchanged")]
    assert LedgerPosting.objects.count() == postings
    assert BankStatusFile.objects.count() == 2


def test_accepted_is_not_paid_until_finance_sees_it_executed() -> None:
    (nord,) = partners("nord")
    batch = batch_of(pay.approved(nord))
    assert outcomes(take(report(batch, whole="ACCP"))) == [(keys(batch)[0], "accepted")]
    assert batch.attempts.get().bank_status == "ACCP"
    assert money.accounts() == {"Expense:Commission:RESALE": 15_00, "Liability:InTransit": -15_00}
    assert bank_reports.confirm_executed(batch_id=batch.pk, at=pay.later(days=2), by=None) == 1
    assert bank_reports.confirm_executed(batch_id=batch.pk, at=pay.later(days=2), by=None) == 0
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}


def test_a_whole_file_is_refused() -> None:
    nord, syd = partners("nord", "syd")
    batch = batch_of(*pay.all_approved(nord, syd))
    assert {outcome for _key, outcome in outcomes(take(report(batch, whole="RJCT")))} == {"refused"}
    assert money.accounts() == {"Expense:Commission:RESALE": 30_00, "Liability:Payable": -30_00}


def test_what_the_bank_sends_back_after_it_was_paid_is_payable_again() -> None:
    (nord,) = partners("nord")
    payout = pay.approved(nord)
    batch = batch_of(payout)
    take(report(batch, (keys(batch)[0], "ACSC", "")))
    assert outcomes(take(report(batch, (keys(batch)[0], "RJCT", "AC04"), name="BANK-2"))) == [
        (keys(batch)[0], "returned")
    ]
    kinds = LedgerPosting.objects.filter(payout=payout).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["pay", "paid", "recalled", "returned"]
    assert money.accounts() == {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}
    second = payout_batches.retry(batch_id=batch.pk, at=pay.later(days=2), by=None)
    payout_batches.run(batch_id=second.pk, now=pay.later(days=2))
    second.refresh_from_db()
    assert second.message_id != batch.message_id
    take(report(second, (keys(second)[0], "ACCC", ""), name="BANK-3"))
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}
    assert list(verification.findings()) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", sepa.UnreadableFile),
        (b"PAYOUT-1-1;ACSC", sepa.UnreadableFile),
        (b"<Document/>", sepa.UnreadableFile),
        (b"\xff\xfe\x00<", sepa.UnreadableFile),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Document>&a;</Document>', sepa.UnreadableFile),
        (b"<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts/></CstmrPmtStsRpt></Document>", sepa.UnreadableFile),
        (
            b"<D><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>X</OrgnlMsgId></OrgnlGrpInfAndSts></CstmrPmtStsRpt></D>",
            bank_reports.UnknownBatch,
        ),
    ],
)
def test_what_is_no_report_of_ours_is_refused_and_changes_nothing(content: bytes, error: type[Exception]) -> None:
    (nord,) = partners("nord")
    batch_of(pay.approved(nord))
    with pytest.raises(error):
        take(content)
    assert BankStatusFile.objects.count() == 0
    assert money.accounts() == {"Expense:Commission:RESALE": 15_00, "Liability:InTransit": -15_00}


def test_a_report_that_breaks_half_way_is_not_taken_in_at_all() -> None:
    nord, syd = partners("nord", "syd")
    batch = batch_of(*pay.all_approved(nord, syd))
    content = report(batch, *((key, "ACSC", "") for key in keys(batch)))
    with (
        mock.patch.object(payouts, "confirm", side_effect=[payouts.confirm, OSError("disk")]),
        pytest.raises(OSError, match="disk"),
    ):
        take(content)
    assert money.accounts() == {"Expense:Commission:RESALE": 30_00, "Liability:InTransit": -30_00}
    take(content)
    assert money.accounts() == {"Asset:Bank": -30_00, "Expense:Commission:RESALE": 30_00}


# --- restarts -------------------------------------------------------------------------------------------------------


def test_a_batch_that_lost_its_worker_goes_on_and_sends_each_once() -> None:
    made = partners("nord", "syd", "ost", rail="stripe")
    due = pay.all_approved(*made)
    batch = payout_batches.create(payout_ids=[row.pk for row in due], rail="stripe", at=pay.NOW, by=None)
    original = payouts.confirm
    with (
        mock.patch.object(payouts, "confirm", side_effect=[original, SystemExit]),
        pytest.raises(SystemExit),
    ):
        payout_batches.run(batch_id=batch.pk, now=pay.NOW)
    assert len(pay.transfers()) == 2
    assert schedule.run_due(now=pay.later(minutes=3))["payout_batches"] == 0  # it may still be at work
    with time_machine.travel(pay.later(minutes=11), tick=False):
        assert schedule.run_due(now=pay.later(minutes=11))["payout_batches"] == 1
    assert [amount for amount, _key in pay.transfers()] == [15_00, 15_00, 15_00]
    assert money.accounts() == {"Asset:Bank": -45_00, "Expense:Commission:RESALE": 45_00}
    assert list(verification.findings()) == []


def test_one_that_fails_holds_nobody_up_and_is_tried_again() -> None:
    made = partners("nord", "syd", rail="stripe")
    due = pay.all_approved(*made)
    account = made[0].stripe_account
    from shop.payments.fake_stripe import accounts

    accounts.tell(account.account_id, "rejected")
    batch = batch_of(*due, rail="stripe")
    assert [payout.state for payout in Payout.objects.order_by("pk")] == ["failed", "paid"]
    assert batch.state == "sent"
    accounts.tell(account.account_id, "complete")
    again = payout_batches.retry(batch_id=batch.pk, at=pay.later(days=1), by=None)
    assert again.items.count() == 1
    payout_batches.run(batch_id=again.pk, now=pay.later(days=1))
    assert [payout.state for payout in Payout.objects.order_by("pk")] == ["paid", "paid"]
    assert [amount for amount, _key in pay.transfers()] == [15_00, 15_00]
