"""Invoices and credit notes as EN 16931 data (Cross Industry Invoice, the profile EN 16931 of Factur-X).

The keys are the business terms of the standard: BT-1 is the number of the invoice, BG-25 its lines.
"""

import logging
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override
from facturx import generate_xml
from stdnum.iban import is_valid as is_iban

from shop.billing.models import DocumentLine
from shop.billing.papers.paper import Paper
from shop.billing.papers.tax_codes import TaxRow
from shop.billing.parties import Party
from shop.companies.models import Company
from shop.tax.notes import NOTES

logging.getLogger("factur-x").setLevel(logging.WARNING)  # it tells at INFO of every file

LEVEL = "en16931"
INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001
TRANSFER, CARD, DIRECT_DEBIT = "30", "48", "59"  # UNTDID 4461; 59 is a SEPA direct debit
MEANS = {
    Company.PaymentMethod.INVOICE: TRANSFER,
    Company.PaymentMethod.CARD: CARD,
    Company.PaymentMethod.BANK_DEBIT: DIRECT_DEBIT,
}
DISCOUNT = "95"  # UNTDID 5189
EXEMPT: str | Promise = gettext_lazy("No VAT.")


def build(paper: Paper) -> bytes:
    """Return the XML, in English; raises ValueError when the standard's schema refuses it."""
    with override("en"):
        terms = _terms(paper)
    try:
        xml: bytes = generate_xml(terms, flavor="factur-x", level=LEVEL, check_xsd=True, check_schematron=False)
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"{paper.number} cannot be written as EN 16931: {error}") from error
    return xml


def _terms(paper: Paper) -> dict[str, Any]:
    transferred = paper.is_to_be_transferred
    return _filled(
        {
            "BT-1": paper.number,
            "BT-2": paper.issued_on,
            "BT-3": CREDIT_NOTE if paper.is_credit else INVOICE,
            "BT-5": paper.currency,
            "BT-9": paper.due_on if transferred else None,
            "BT-10": paper.cost_centre,
            "BT-13": paper.purchase_order_number,
            "BT-14": paper.order_number,
            "BT-20": "" if transferred and paper.due_on else "Nothing to transfer.",
            "BT-81": "" if paper.is_credit else MEANS[Company.PaymentMethod(paper.payment_method)],
            "BT-83": paper.number,
            **(_account(paper.seller) if transferred else {}),
            "BT-106": _money(paper.net),
            "BT-109": _money(paper.net),
            "BT-110": _money(paper.tax),
            "BT-112": _money(paper.gross),
            "BT-113": _money(paper.gross - paper.payable) if not (transferred or paper.is_credit) else "",
            "BT-115": _money(paper.gross if paper.is_credit else paper.payable),
            "BG-1": [{"BT-22": paper.reason}] if paper.reason else [],
            "BG-3": [{"BT-25": paper.invoice_number, "BT-26": paper.invoiced_on}] if paper.invoice_number else [],
            "BG-4": _party(paper.seller, is_seller=True),
            "BG-7": _party(paper.buyer),
            "BG-13": _party(paper.delivery or paper.buyer),  # the schema wants the block filled, goods or not
            "BT-72": paper.issued_on if _needs_delivery_day(paper) else None,
            "BG-23": _taxes(paper),
            "BG-25": [_line(line, paper=paper) for line in paper.lines],
        }
    )


def _account(seller: Party) -> dict[str, str]:
    return {"BT-84": seller.iban, "BT-85": seller.name, "BT-86": seller.bic if is_iban(seller.iban) else ""}


def _party(party: Party, *, is_seller: bool = False) -> dict[str, Any]:
    lines = [*party.lines, "", "", ""]
    contact = {"name": party.contact or party.name, "email": party.email}
    return _filled(
        {
            "name": party.name or party.contact,
            "vat_identifier": vat_identifier(party),
            "contacts": [_filled(contact)] if is_seller and party.email else [],
            "country_code": party.country,
            "city": party.city,
            "postcode": party.postcode,
            "addr_l1": lines[0],
            "addr_l2": lines[1],
            "addr_l3": lines[2],
        }
    )


def vat_identifier(party: Party) -> str:
    """Return the VAT id as the standard wants it: without spaces, and with the country in front."""
    plain = "".join(character for character in party.vat_id.upper() if character.isalnum())
    if not plain:
        return ""
    return plain if plain[:2].isalpha() else f"{party.country}{plain}"


def _category(row: TaxRow, *, buyer: Party) -> str:
    """Return the category; without the buyer's VAT id the standard knows no reverse charge (BR-AE-02), only exempt."""
    return "E" if row.category == "AE" and not buyer.vat_id else row.category


def _taxes(paper: Paper) -> list[dict[str, str]]:
    """Return a row for each category and rate: the standard knows no two of the same."""
    together: dict[tuple[str, str], list[TaxRow]] = {}
    for row in paper.taxes:
        together.setdefault((_category(row, buyer=paper.buyer), row.percent), []).append(row)
    return [_tax(rows, category=category) for (category, _percent), rows in together.items()]


def _tax(rows: list[TaxRow], *, category: str) -> dict[str, str]:
    notes = [] if category in {"S", "Z"} else [str(NOTES.get(row.reason, EXEMPT)) for row in rows]
    codes = {row.exemption_code if category == row.category else "" for row in rows}
    return _filled(
        {
            "BT-116": _money(sum((row.base for row in rows), Decimal(0))),
            "BT-117": _money(sum((row.tax for row in rows), Decimal(0))),
            "BT-118": category,
            "BT-119": rows[0].percent,
            "BT-120": " ".join(dict.fromkeys(notes)),
            "BT-121": codes.pop() if len(codes) == 1 else "",
        }
    )


def _line(line: DocumentLine, *, paper: Paper) -> dict[str, Any]:
    tax = next(row for row in paper.taxes if (row.reason, row.rate) == (line.tax_code, line.tax_rate))
    discount = {"amount": _money(line.discount), "reason": "Discount", "reason_code": DISCOUNT}
    return _filled(
        {
            "BT-126": str(line.position),
            "BT-129": str(line.quantity),
            "BT-130": line.unit,
            "BT-131": _money(line.net),
            "BT-146": _money(line.unit_price),
            "BT-151": _category(tax, buyer=paper.buyer),
            "BT-152": tax.percent,
            "BT-153": line.title,
            "BT-155": line.sku,
            "BG-27": [discount] if line.discount > 0 else [],
        }
    )


def _needs_delivery_day(paper: Paper) -> bool:
    """An intra-Community supply names its day (BR-IC-11)."""
    return any(row.category == "K" for row in paper.taxes)


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _filled(terms: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty: the schema wants an element with content, or none."""
    return {name: value for name, value in terms.items() if value not in ("", None, [], {})}
