"""What is written about a return: to who asked for it, and about money also to who pays."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from shop.buying.models import OrderParticipant
from shop.buying.services.letters import addresses
from shop.companies import confirmations
from shop.returns import wording
from shop.returns.models import ReturnRequest

State, Part = ReturnRequest.State, OrderParticipant.Part
SILENT = (State.INSPECTED,)  # what came of it follows at once


def tell(request: ReturnRequest, *, text: str = "") -> None:
    """Mail where the return stands to who asked for it; of a credit note also to who pays the invoices."""
    if request.state in SILENT:
        return
    order = request.order
    people = [request.requested_by.email] if request.requested_by else addresses(order, Part.BUYER)
    note = getattr(request.take_back, "credit_note", None)
    if note:
        people += addresses(order, Part.PAYER)
    with override(settings.LANGUAGE_CODE):
        context = {
            "request": request,
            "subject": wording.subject(request),
            "next_step": wording.next_step(request),
            "text": text,
            "note": note,
            "lines": list(request.lines.select_related("line")),
            "path": reverse("customer:return", kwargs={"reference": request.reference}),
        }
        for address in dict.fromkeys(people):
            confirmations.mail("return", to=address, **context)
