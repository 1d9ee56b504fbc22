"""Amounts as Stripe counts them: whole numbers of a unit that is the currency's own, with few surprises."""

from decimal import Decimal

from shop.payments.errors import NotPayable

# Decimals of an amount at Stripe, where they are not two. ISK and UGX have two there for compatibility, though the
# currencies have none, and MGA has none, though it has fifths: docs.stripe.com/currencies.
_DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}
# What the amount in those units must be a multiple of.
_STEPS = {"ISK": 100, "UGX": 100, **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10)}
_MOST = 99_999_999  # units: eight digits, whatever the currency


def to_stripe(amount: Decimal, currency: str) -> int:
    """Return the amount in Stripe's units.

    Raises NotPayable where that would lose something, below one unit, and above what one payment may be.
    """
    units = amount.scaleb(_DECIMALS.get(currency, 2))
    if units != units.to_integral_value() or not 0 < units <= _MOST or units % _STEPS.get(currency, 1):
        raise NotPayable(amount, currency)
    return int(units)


def from_stripe(units: int, currency: str) -> Decimal:
    """Return what an amount in Stripe's units is worth. `currency` may be in small letters, as Stripe writes it."""
    return Decimal(units).scaleb(-_DECIMALS.get(currency.upper(), 2))
