"""Amounts, shares and rates as the reader's language writes them, from minor units and basis points."""

import re
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency
from django.utils.formats import number_format
from django.utils.translation import get_language

from channels.core.money import currency_exponent, from_minor, share_of

SPACE = "\xa0"
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


def money(minor: int, currency: str) -> str:
    """Return "€3,200.00", "¥3,200", "NOK 48.00", "3 200,00 €"."""
    # Unquantised: the currency's decimals are ours (ISO 4217), which the reader's locale may round.
    text = format_currency(from_minor(minor, currency), currency, locale=_locale(), decimal_quantization=False)
    return LETTER_BEFORE_DIGIT.sub(SPACE, text)


def amount(minor: int, currency: str) -> str:
    """Return the number alone, as in a sum: "3,200.00"."""
    return number_format(
        from_minor(minor, currency), decimal_pos=currency_exponent(currency), use_l10n=True, force_grouping=True
    )


def percent(basis_points: int) -> str:
    """Return "60 %", "12.5 %", "33.33 %"."""
    value = (Decimal(basis_points) / 100).normalize()
    places = max(-int(value.as_tuple().exponent), 0)
    return f"{number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)}{SPACE}%"


def arithmetic(
    *, net_minor: int, share_bp: int, base_minor: int, rate_bp: int, currency: str, is_margin: bool = False
) -> str:
    """Return the sum behind a commission: "3,200.00 × 60 % × 8 % = 153.60".

    From the base on where the base is not a share of the net: a rule on the margin does not give the cost away.
    """
    result = amount(share_of(base_minor, rate_bp), currency)
    # Shares of one line add up to all of it, so a base may be a minor unit away from its own share.
    if is_margin or abs(share_of(net_minor, share_bp) - base_minor) > 1:
        return f"{amount(base_minor, currency)} × {percent(rate_bp)} = {result}"
    return f"{amount(net_minor, currency)} × {percent(share_bp)} × {percent(rate_bp)} = {result}"


def _locale() -> Locale:
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
