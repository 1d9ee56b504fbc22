"""Why a payment, a refund or a saved method cannot be had, each with a sentence for the person."""

from django.utils.translation import gettext as _

from shop.buying.errors import CannotPlace


class CannotPay(CannotPlace):
    """Nothing was charged, and nothing will be for what was asked."""


class ProviderAway(CannotPay):
    """Stripe gave no answer that decides anything. Ask again, or leave it to the reconciler: nobody pays twice."""

    def __init__(self) -> None:
        super().__init__(_("Our payment provider does not answer at the moment. Please try again in a minute."))


class ProviderRefused(CannotPay):
    """Stripe cannot carry the request out, now or later."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_("Our payment provider refused: %(reason)s") % {"reason": reason})


class MethodNotUsable(CannotPay):
    """The saved method was removed, is another company's, or cannot pay this."""

    def __init__(self) -> None:
        super().__init__(_("This payment method cannot be used for this payment. Please choose another one."))


class NotPayable(CannotPay):
    """Stripe cannot carry the amount to its last digit, or not in this currency by this method."""

    def __init__(self, amount: object, currency: str) -> None:
        text = _("%(amount)s %(currency)s cannot be paid this way. Please choose another payment method.")
        super().__init__(text % {"amount": amount, "currency": currency})


class OverRefund(ValueError):
    """More would go back than was paid."""

    def __init__(self, *, left: str, currency: str) -> None:
        text = _("At most %(left)s %(currency)s of this payment can still be refunded.")
        super().__init__(text % {"left": left, "currency": currency})


class Mismatch(ValueError):
    """Stripe tells of another amount, currency or intent than ours: somebody has to look."""
