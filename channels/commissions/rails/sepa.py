"""SEPA credit transfers: a pain.001 file for the bank, and the pain.002 that the bank answers with."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils.translation import gettext as _
from sepaxml import SepaTransfer

from channels.commissions.rails.protocol import Payee, Receipt, Refused, Transfer

SCHEMA = "pain.001.001.09"
CURRENCY = "EUR"
PAID = frozenset({"ACSC", "ACCC"})  # settled on our account, on the partner's account
REFUSED = frozenset({"RJCT", "CANC"})
NOT_PROVIDED = "NOTPROVIDED"


class UnreadableFile(ValueError):
    """Not a payment status report that this program can read."""


class Sepa:
    key_lives_for: ClassVar[timedelta | None] = None

    def obstacle(self, payee: Payee, currency: str) -> str:
        if currency != CURRENCY:
            return _("SEPA carries euros only.")
        if not settings.PAYOUT_DEBTOR_IBAN:
            return _("The account that SEPA transfers are paid from is not set.")
        return "" if payee.iban and payee.holder else _("The partner has not entered a bank account.")

    def destination(self, payee: Payee) -> str:
        return payee.iban

    def send(self, transfer: Transfer) -> Receipt | None:
        """Nothing leaves here: the batch's file carries the transfer, and the bank's report decides."""
        return None

    def find(self, transfer: Transfer) -> Receipt | None:
        return None

    def take_back(self, transfer: Transfer, *, provider_id: str, key: str) -> None:
        raise Refused(_("A SEPA transfer is taken back by asking the bank."))


# --- the file for the bank ------------------------------------------------------------------------------------------


def write(*, message_id: str, at: datetime, transfers: Sequence[Transfer]) -> str:
    """Return the pain.001 document of the transfers, checked against its schema. The same input, the same file."""
    debtor = {
        "name": settings.PAYOUT_DEBTOR_NAME,
        "IBAN": settings.PAYOUT_DEBTOR_IBAN,
        "currency": CURRENCY,
        "batch": True,
    }
    if settings.PAYOUT_DEBTOR_BIC:
        debtor["BIC"] = settings.PAYOUT_DEBTOR_BIC
    document = _Document(debtor, message_id=message_id, at=at)
    for transfer in transfers:
        document.add_payment({
            "name": transfer.holder,
            "IBAN": transfer.destination,
            "amount": transfer.amount_minor,
            "execution_date": at.date(),
            "description": transfer.reference,
            "endtoend_id": transfer.key,
        })  # fmt: skip
    return document.export(validate=True).decode()


class _Document(SepaTransfer):
    """The library draws its ids at random and reads the clock; ours come from the batch, so that a file can be remade."""

    def __init__(self, config: dict[str, object], *, message_id: str, at: datetime) -> None:
        self.wanted_id, self.at = message_id, at
        super().__init__(config, schema=SCHEMA)

    def _create_header(self) -> None:
        super()._create_header()
        header = self._xml.find("CstmrCdtTrfInitn/GrpHdr")
        header.find("MsgId").text = self.wanted_id
        header.find("CreDtTm").text = self.at.strftime("%Y-%m-%dT%H:%M:%S")

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        for number, node in enumerate(self._xml.iter("PmtInfId"), 1):
            node.text = f"{self.wanted_id}-{number}"


# --- the bank's answer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportedTransfer:
    """One row of the report. `key` is empty when the row speaks of a whole group."""

    key: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    message_id: str  # of the report itself
    original_message_id: str
    rows: tuple[ReportedTransfer, ...]

    def of(self, keys: Iterable[str]) -> dict[str, ReportedTransfer]:
        """Return what the report says of each key: its own row, else what is said of the whole."""
        own = {row.key: row for row in self.rows if row.key}
        whole = next((row for row in self.rows if not row.key), None)
        said = {}
        for key in keys:
            row = own.get(key) or whole
            # "In part" says nothing of the rows that are not named.
            if row and (row.key or row.status != "PART"):
                said[key] = row
        return said


def read(content: bytes) -> StatusReport:
    """Read a pain.002 report of any version. Raises UnreadableFile."""
    try:
        root = fromstring(content)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableFile(_("This is not an XML file that can be read.")) from error
    report = next((node for node in root.iter() if _name(node) == "CstmrPmtStsRpt"), None)
    if report is None:
        raise UnreadableFile(_("This is not a payment status report (pain.002)."))
    group = _child(report, "OrgnlGrpInfAndSts")
    original = _text(group, "OrgnlMsgId")
    if not original:
        raise UnreadableFile(_("The report does not say which file it answers."))
    rows = list(_transactions(report))
    groups = [group, *(node for node in report if _name(node) == "OrgnlPmtInfAndSts")]
    for node, tag in ((node, tag) for node in groups for tag in ("GrpSts", "PmtInfSts")):
        if status := _text(node, tag):
            rows.append(ReportedTransfer("", status, _reason(node)))
    return StatusReport(_text(_child(report, "GrpHdr"), "MsgId"), original, tuple(rows))


def _transactions(report: ET.Element) -> Iterable[ReportedTransfer]:
    for node in report.iter():
        if _name(node) == "TxInfAndSts":
            key = _text(node, "OrgnlEndToEndId")
            if key and key != NOT_PROVIDED:
                yield ReportedTransfer(key, _text(node, "TxSts"), _reason(node))


def _reason(node: ET.Element | None) -> str:
    """Return the bank's reason: its code, and what it adds in words."""
    information = _child(node, "StsRsnInf")
    reason = _child(information, "Rsn")
    words = [_text(reason, "Cd") or _text(reason, "Prtry"), _text(information, "AddtlInf")]
    return " ".join(word for word in words if word)[:200]


def _child(node: ET.Element | None, name: str) -> ET.Element | None:
    return None if node is None else next((child for child in node if _name(child) == name), None)


def _text(node: ET.Element | None, name: str) -> str:
    found = _child(node, name)
    return (found.text or "").strip() if found is not None else ""


def _name(node: ET.Element) -> str:
    """The tag without its namespace, which names the version."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
