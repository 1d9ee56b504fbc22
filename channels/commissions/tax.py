"""What a statement says about tax: who it is from and to, and the wording that their countries ask for.

Codes are frozen on the statement at its closing; the wording is looked up here in the reader's language. No amount
depends on it: statements are net, and tax is settled by whoever issues the invoice.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from channels.partners.models import Agreement, ChannelPartner

DOMESTIC, REVERSE_CHARGE, NO_TAX_ID = "domestic", "reverse_charge", "no_tax_id"
WORDING = {
    DOMESTIC: _("All amounts are net. Value added tax of the country is added where the partner is registered for it."),
    REVERSE_CHARGE: _(
        "Reverse charge: the recipient of the service accounts for value added tax. All amounts are net."
    ),
    NO_TAX_ID: _("All amounts are net. No tax id of the partner is known, so nothing is said about value added tax."),
}
SELF_BILLING = _(
    "Self-billing: by agreement, this statement is the partner's invoice for the commission on it, issued by the "
    "supplier in the partner's name. The partner issues no invoice of its own for it."
)
OWN_INVOICE = _(
    "This statement is not an invoice. The partner invoices the amount to be paid and names this statement."
)


def treatment(*, issuer_country: str, partner_country: str, vat_id: str) -> str:
    if issuer_country == partner_country:
        return DOMESTIC
    return REVERSE_CHARGE if vat_id else NO_TAX_ID


def printed(partner: ChannelPartner, agreement: Agreement | None) -> dict[str, Any]:
    """Return what a statement prints of its two sides, as they are now."""
    issuer = dict(settings.CHANNELS_ISSUER)
    return {
        "partner": {
            "code": partner.code, "name": partner.name, "city": partner.city, "country": partner.country,
            "vat_id": partner.vat_id,
        },
        "issuer": issuer,
        "tax": {
            "treatment": treatment(
                issuer_country=issuer["country"], partner_country=partner.country, vat_id=partner.vat_id
            ),
            "self_billing": bool(agreement and agreement.self_billing),
            "agreement": f"v{agreement.version}" if agreement else "",
            "agreed_on": agreement.starts_on.isoformat() if agreement else "",
        },
    }  # fmt: skip


def agreements_on(day: date) -> dict[int, Agreement]:
    """Return each partner's agreement of the day, by partner: the latest version that had started."""
    return {row.partner_id: row for row in Agreement.objects.filter(starts_on__lte=day).order_by("version")}


def sentences(tax: dict[str, Any]) -> list[str]:
    """Return the wording of a statement in the reader's language; nothing for one closed before there was any."""
    if not tax:
        return []
    first = SELF_BILLING if tax["self_billing"] else OWN_INVOICE
    return [str(first), str(WORDING[tax["treatment"]])]
