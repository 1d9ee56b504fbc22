"""Sellers, certificates and checked VAT ids for tests of taxes. Plain functions; each returns what it made."""

from datetime import date
from typing import Any

from shop.companies.models import Company
from shop.registration.documents import PDF, Document
from shop.registration.models import VatCheck
from shop.tax.models import ExemptionCertificate, Seller
from shop.tax.services import certificates, rates
from tests.factories import shop

NOW = shop.NOW


def seller(**values: Any) -> Seller:
    """Return the current seller with other facts."""
    row = Seller.objects.get(is_current=True)
    for name, value in values.items():
        setattr(row, name, value)
    return rates.save(row=row, at=NOW, by=None)


def checked(vat_id: str, result: str = VatCheck.Result.VALID) -> VatCheck:
    return VatCheck.objects.create(
        vat_id=vat_id, result=result, source="VIES", checked_at=NOW, registered_name="Nordvik Bakeri"
    )


def pdf(text: str = "certificate") -> Document:
    return Document(f"%PDF-1.7 {text} %%EOF".encode(), PDF)


def certificate(company: Company, *, by: Any = None, accepted: bool = False, **values: Any) -> ExemptionCertificate:
    """Return a certificate for 2026; accepted ones exempt."""
    facts = {"location": None, "country": company.country, "number": f"EX-{company.pk}", "valid_from": date(2026, 1, 1),
             "valid_to": date(2026, 12, 31), **values}  # fmt: skip
    made = certificates.upload(company=company, document=pdf(facts["number"]), at=NOW, by=by, **facts)
    return certificates.accept(certificate_id=made.pk, at=NOW, by=None) if accepted else made
