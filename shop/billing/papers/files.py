"""The files that people download: the PDF with the data in it (Factur-X), and the data alone."""

from facturx import generate_xmp_object
from lxml import etree

from shop.billing.papers import e_invoice, pdf
from shop.billing.papers.paper import Paper

XML_NAME = "factur-x.xml"
URN = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


def pdf_of(paper: Paper) -> bytes:
    """Return the PDF in the language of the moment, PDF/A-3 with the checked data embedded: a Factur-X file."""
    xml = e_invoice.build(paper)
    sheet = pdf.build(paper)
    sheet.embed_file(
        bytes=xml,
        basename=XML_NAME,
        mime_type="text/xml",
        associated_file_relationship="Alternative",
        creation_date=paper.made_at,
        modification_date=paper.made_at,
        desc="Factur-X",
        compress=True,
    )
    sheet.set_xmp_metadata(_metadata(paper, title=f"{sheet.title}"))
    return bytes(sheet.output())


def xml_of(paper: Paper) -> bytes:
    """Return the data alone."""
    return e_invoice.build(paper)


def name_of(paper: Paper, kind: str) -> str:
    return f"{paper.number}.{kind}"


def _metadata(paper: Paper, *, title: str) -> str:
    """Return the XMP that names the PDF a Factur-X file; without the packet around it, which fpdf writes."""
    moment = paper.made_at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    root = generate_xmp_object(
        {
            "pdfa3_flavor": "B",
            "title": title,
            "author": paper.seller.name,
            "subject": title,
            "producer": "fpdf2",
            "creator_tool": paper.seller.name,
            "timestamp": moment,
            "urn": URN,
            "documenttype": "INVOICE",
            "xml_filename": XML_NAME,
            "version": "1.0",
            "xmp_level": "EN 16931",
        }
    )
    text: str = etree.tostring(root, encoding="unicode")
    return text
