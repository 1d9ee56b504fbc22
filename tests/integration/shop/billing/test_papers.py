"""What invoices and credit notes say, on paper and as EN 16931 data."""

import io
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate

import pytest
from django.utils import translation
from facturx import get_facturx_xml_from_pdf, xml_check_xsd
from lxml import etree
from pypdf import PdfReader

from shop.billing.papers import e_invoice, files, pdf
from shop.billing.papers.paper import Paper
from tests.factories import billing as make

RAM = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}
GERMAN = replace(
    make.BUYER, name="Müller & Söhne <Meßtechnik> GmbH", country="DE", city="Hamburg", vat_id="DE 136695976"
)


def free(reason: str) -> Paper:
    return make.paper(make.line(rate="0", reason=reason, country="DE"), buyer=GERMAN)


def texts(paper: Paper, language: str = "en") -> list[str]:
    """Return the text of each page."""
    with translation.override(language):
        content = bytes(pdf.build(paper).output())
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(io.BytesIO(content)).pages]


def found(xml: bytes, path: str) -> list[str]:
    return [element.text for element in etree.fromstring(xml).iterfind(f".//ram:{path.replace('/', '/ram:')}", RAM)]


@pytest.mark.parametrize(
    ("paper", "categories", "codes"),
    [
        (make.paper(), ["S"], []),
        (make.paper(make.line(rate="0")), ["Z"], []),
        (free("reverse_charge"), ["AE"], ["VATEX-EU-AE"]),
        (replace(free("reverse_charge"), buyer=replace(GERMAN, vat_id="")), ["E"], []),
        (free("intra_eu"), ["K"], ["VATEX-EU-IC"]),
        (free("export"), ["G"], ["VATEX-EU-G"]),
        (free("zero"), ["G"], ["VATEX-EU-G"]),
        (free("exempt"), ["E"], []),
        (make.paper(make.line(), make.line(rate="0", reason="export")), ["S", "G"], ["VATEX-EU-G"]),
        (make.paper(make.line(), make.line(reason="destination", country="DE")), ["S"], []),
        (make.paper(make.line(rate="0", reason="export"), make.line(rate="0", reason="zero")), ["G"], ["VATEX-EU-G"]),
        (make.credit_note(), ["S"], []),
        (make.paper(payment_method="card"), ["S"], []),
        (make.paper(payment_method="bank_debit", delivery=make.BUYER), ["S"], []),
    ],
)
def test_each_kind_keeps_to_the_schema(paper: Paper, categories: list[str], codes: list[str]) -> None:
    xml = e_invoice.build(paper)
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert found(xml, "ApplicableHeaderTradeSettlement/ApplicableTradeTax/CategoryCode") == categories
    assert found(xml, "ExemptionReasonCode") == codes


def test_the_data_says_what_the_paper_says() -> None:
    lines = (make.line(discount="20.00"), make.line("Delivery", quantity=1, price="19.00", sku=""))
    xml = e_invoice.build(make.paper(*lines))
    assert found(xml, "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount") == [
        "180.00",
        "19.00",
    ]
    totals = "SpecifiedTradeSettlementHeaderMonetarySummation"
    assert {name: found(xml, f"{totals}/{name}") for name in ("TaxBasisTotalAmount", "TaxTotalAmount")} == {
        "TaxBasisTotalAmount": ["199.00"],
        "TaxTotalAmount": ["49.75"],
    }
    assert found(xml, f"{totals}/DuePayableAmount") == ["248.75"]
    assert found(xml, "SpecifiedTaxRegistration/ID") == ["NO999000111MVA", "NO988000222MVA"]
    assert found(xml, "IBANID") == ["NO9386011117947"]
    assert found(xml, "BuyerOrderReferencedDocument/IssuerAssignedID") == ["PO-4711"]


def test_a_credit_note_names_its_invoice_and_asks_for_no_transfer() -> None:
    xml = e_invoice.build(make.credit_note())
    assert found(xml, "InvoiceReferencedDocument/IssuerAssignedID") == ["INV-2026-000123"]
    assert found(xml, "IBANID") == []


def test_what_the_schema_refuses_is_not_handed_out() -> None:
    with pytest.raises(ValueError, match="INV-2026-000123 cannot be written as EN 16931"):
        files.pdf_of(make.paper(currency="KRONER"))


@pytest.mark.parametrize(
    ("name", "city"), [("Ελληνική Βιομηχανία ΑΕ", "Θεσσαλονίκη"), ("Българска Техника ООД", "Пловдив")]
)
def test_names_stand_in_their_own_script(name: str, city: str) -> None:
    page = texts(make.paper(buyer=replace(make.BUYER, name=name, city=city)))[0]
    assert name in page
    assert city in page


def test_a_paper_without_them_has_no_font_for_other_scripts() -> None:
    def fonts(paper: Paper) -> list[str]:
        pages = PdfReader(io.BytesIO(bytes(pdf.build(paper).output()))).pages
        return [str(font.get_object()["/BaseFont"]) for font in pages[0]["/Resources"]["/Font"].values()]

    assert not [font for font in fonts(make.paper()) if "Noto" in font]
    assert [font for font in fonts(make.paper(buyer=replace(make.BUYER, name="Ωμέγα ΑΕ"))) if "Noto" in font]


def test_the_pdf_carries_the_data_and_is_the_same_each_time() -> None:
    paper = make.paper(buyer=GERMAN)
    content = files.pdf_of(paper)
    name, xml = get_facturx_xml_from_pdf(content, check_xsd=True, check_schematron=False)
    assert (name, xml) == ("factur-x.xml", files.xml_of(paper))
    metadata = PdfReader(io.BytesIO(content)).trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in metadata
    assert content == files.pdf_of(paper)


def test_a_page_says_everything_in_english_and_norwegian() -> None:
    english, norwegian = texts(make.paper(delivery=make.BUYER))[0], texts(make.paper(), "nb")[0]
    for said in ("Fjell Foods AS", "PO-4711", "4200 Laboratory", "1 April 2026", "250.00 EUR", "NO93 8601 1117 947",
                 "INV-2026-000123", "Norwegian VAT", "Delivered to", "Page 1 of 1"):  # fmt: skip
        assert said in english
    for said in ("Faktura", "2. mars 2026", "250,00 EUR", "Side 1 av 1"):
        assert said in norwegian
    assert "Invoice" not in norwegian


def test_a_long_name_stays_clear_of_the_page_number() -> None:
    seller = replace(make.SELLER, name="Nordvestlandske Måleinstrument- og Kalibreringslaboratorium " * 3)
    foot = texts(make.paper(seller=seller))[0].splitlines()[-1]
    assert foot.endswith("… Page 1 of 1")
    assert len(foot) < 160


def test_no_tax_is_explained_and_a_card_asks_for_nothing() -> None:
    assert "Reverse charge: you account for VAT in your country." in texts(free("reverse_charge"))[0]
    card = texts(make.paper(payment_method="card"))[0]
    assert "Nothing to transfer. Payment: Card." in card
    assert "IBAN" not in card


def test_long_lines_break_over_pages_and_their_sum_is_carried() -> None:
    long = "Pressure transmitter with ceramic membrane, calibrated in six points, with a stainless steel plate " * 3
    pages = texts(make.paper(*[make.line(long[:250], sku=f"PT-{number}") for number in range(40)]))
    carried = [page.split("Carried forward")[1].split()[0] for page in pages[:-1]]
    brought = [page.split("Brought forward")[1].split()[0] for page in pages[1:]]
    so_far = accumulate(200 * page.count("PT-") for page in pages[:-1])
    assert carried == brought == [f"{net:,}.00" for net in so_far]
    assert Decimal(pages[-1].split("Net")[-1].split()[0].replace(",", "")) == Decimal("8000.00")
    assert all(f"Page {number} of 6" in page for number, page in enumerate(pages, 1))
