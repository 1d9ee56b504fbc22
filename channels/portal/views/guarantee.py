"""The no-worse-off guarantee as a partner sees it: its lines, and a certificate for each."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from channels.harmony.models import Proof
from channels.harmony.selectors import proofs
from channels.portal import numbers
from channels.portal.access import Capability
from channels.portal.disclosure import Disclosure
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class GuaranteeView(PortalPage):
    """Every line that was checked for this partner, the latest first, and the partner's own prices."""

    capability = Capability.BALANCES
    section = "guarantee"
    template_name = "channels/portal/guarantee.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(proofs.latest(partner=self.partner), PER_PAGE).get_page(self.request.GET.get("page"))
        disclosure = self.disclosure()
        totals = proofs.totals(partner=self.partner)
        return {
            "disclosure": disclosure,
            "page": page,
            "rows": [row(proof, disclosure) for proof in page.object_list],
            "totals": [
                {
                    "lines": found.lines,
                    "short": found.deficits,
                    "promised": numbers.money(found.promised_minor, found.currency),
                    "top_up": numbers.money(found.top_up_minor, found.currency),
                    "currency": found.currency,
                }
                for found in totals
            ],
        }


class CertificateView(PortalPage):
    """Both sides of one line's proof, with the formula in its own numbers. Anybody else's is not found."""

    capability = Capability.BALANCES
    section = "guarantee"
    template_name = "channels/portal/certificate.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        history = list(proofs.history(partner=self.partner, proof_id=kwargs["pk"]))
        if not history:
            raise Http404
        proof, disclosure = history[0], self.disclosure()
        return {
            "disclosure": disclosure,
            "proof": proof,
            "row": row(proof, disclosure),
            "steps": steps(proof),
            "history": [
                {"at": earlier.at, "promised": money(earlier, "promised"), "credited": money(earlier, "credited"),
                 "top_up": money(earlier, "top_up"), "left": money(earlier, "net_left")}
                for earlier in history
            ],
        }  # fmt: skip


def money(proof: Proof, name: str) -> str:
    return numbers.money(getattr(proof, f"{name}_minor"), proof.currency)


def row(proof: Proof, disclosure: Disclosure) -> dict[str, Any]:
    order = proof.line.order
    is_short = proof.top_up_minor > 0
    return {
        "href": reverse("portal:certificate", args=[proof.pk]),
        "order": order.number,
        "order_url": reverse("portal:order", args=[order.number]),
        "placed_at": order.placed_at,
        "customer": disclosure.customer(order.company),
        "line": disclosure.line_title(proof.line),
        "margin": money(proof, "margin"),
        "promised": money(proof, "promised"),
        "credited": money(proof, "credited"),
        "top_up": money(proof, "top_up"),
        "state": {
            "label": _("Topped up") if is_short else _("Met by commission"),
            "tone": "info" if is_short else "success",
        },
    }


def steps(proof: Proof) -> list[dict[str, str]]:
    """Return the calculation, one line per step, in the proof's own numbers."""

    def amount(minor: int) -> str:
        return numbers.amount(minor, proof.currency)

    units, agreement = proof.quantity, proof.agreement
    bought = proof.buy_minor * units
    whole = max(0, proof.resale_minor - bought - proof.selling_cost_minor)
    left = ""
    if proof.net_minor and proof.net_left_minor != proof.net_minor:
        left = f" × {amount(proof.net_left_minor)} / {amount(proof.net_minor)}"
    floor = f"{units} × {amount(proof.floor_minor)}"
    cost = f"{amount(proof.resale_minor)} × {numbers.percent(agreement.selling_cost_bp)} + {amount(agreement.selling_cost_minor)}"
    return [
        _step(_("What you would have sold it for: the price paid, at least your price with your minimum margin"),
              f"max({amount(proof.net_minor)}; {floor})", money(proof, "resale")),
        _step(_("What you would have paid for it"), f"{units} × {amount(proof.buy_minor)}",
              numbers.money(bought, proof.currency)),
        _step(_("Your cost of selling, as your agreement says"), cost, money(proof, "selling_cost")),
        _step(_("Your margin (M): your share of what is left of the line"),
              f"{amount(whole)} × {numbers.percent(proof.share_bp)}{left}", money(proof, "margin")),
        _step(_("What we promised: the guarantee (g) times your margin"),
              f"{numbers.percent(proof.guarantee_bp)} × {amount(proof.margin_minor)}", money(proof, "promised")),
        _step(_("What you were credited, because your customer bought directly (C)"), "", money(proof, "credited")),
        _step(_("The top-up: what the promise is above the credit"),
              f"max(0; {amount(proof.promised_minor)} − {amount(proof.credited_minor)})", money(proof, "top_up")),
    ]  # fmt: skip


def _step(text: str, sum_: str, result: str) -> dict[str, str]:
    return {"text": text, "sum": sum_, "result": result}
