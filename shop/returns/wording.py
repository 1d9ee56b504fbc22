"""What a return's state means for the customer, and what happens next: the same on the page, in the mail, on the slip."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.returns.models import ReturnRequest

State = ReturnRequest.State
NEXT = {
    State.REQUESTED: gettext_lazy("We look at it within two working days. Keep the goods until then."),
    State.APPROVED: gettext_lazy(
        "Print the return slip, put it into the parcel and send the goods to the address on it."
    ),
    State.RECEIVED: gettext_lazy("The goods are here. We inspect them and write to you about the outcome."),
    State.INSPECTED: gettext_lazy("The goods are inspected. We prepare your refund or replacement."),
    State.GRANTED: gettext_lazy(
        "Your credit note is written. The money follows once our finance department has released it."
    ),
    State.REFUNDED: gettext_lazy("The refund is done. There is nothing left to do."),
    State.REPLACED: gettext_lazy("The replacement is on its way through our warehouse. Your order shows its shipment."),
    State.REJECTED: gettext_lazy("We could not accept this return. Call us if you do not agree."),
    State.CANCELLED: gettext_lazy("You took this return back. There is nothing left to do."),
}
TONES = {
    State.REQUESTED: "primary", State.APPROVED: "primary", State.RECEIVED: "primary", State.INSPECTED: "primary",
    State.GRANTED: "primary", State.REFUNDED: "success", State.REPLACED: "success", State.REJECTED: "error",
    State.CANCELLED: "neutral",
}  # fmt: skip


def next_step(request: ReturnRequest) -> str:
    """Return what happens next, and who has to do it."""
    return str(NEXT[State(request.state)])


def subject(request: ReturnRequest) -> str:
    """Return a mail's subject."""
    words = {"number": request.reference, "state": request.get_state_display().lower()}
    return _("Return %(number)s: %(state)s") % words
