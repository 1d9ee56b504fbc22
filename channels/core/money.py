"""Integer minor units, and the one rounding rule: half-up, away from zero for negatives."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

BASIS = 10_000

_NO_DECIMALS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = dict.fromkeys(_NO_DECIMALS, 0) | dict.fromkeys(_THREE_DECIMALS, 3)


def currency_exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency; two unless the standard says otherwise."""
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise ValueError(f"{currency!r} is not a currency code")
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    scaled = amount.scaleb(currency_exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-currency_exponent(currency))


def divide_half_up(numerator: int, denominator: int) -> int:
    """Nearest integer of an exact fraction; halves go away from zero."""
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    if numerator < 0:
        return -divide_half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def share_of(minor: int, rate_bp: int) -> int:
    return divide_half_up(minor * rate_bp, BASIS)


def written(minor: int, currency: str, *, signed: bool = False) -> str:
    """An amount as messages write it in every language, such as "EUR 12.50"."""
    sign = "+" if signed and minor > 0 else ""
    return f"{currency} {sign}{from_minor(minor, currency)}"
