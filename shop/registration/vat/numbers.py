"""VAT ids as they are written, by country. Pure: nobody is asked."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import exceptions, get_cc_module

# Greek VAT ids begin with the country's own letters for itself.
PREFIXES = {"GR": "EL"}
_PLAIN = re.compile(r"[A-Z0-9]{4,20}")
_PROBLEMS: tuple[tuple[type[exceptions.ValidationError], Any], ...] = (
    (exceptions.InvalidChecksum, _("Its check digits do not fit: a digit is mistyped. Compare it with a letterhead.")),
    (exceptions.InvalidLength, _("This VAT id is too short or too long for the country that you chose.")),
    (
        exceptions.ValidationError,
        _(
            "This is not how VAT ids of the country that you chose look. Check both, or leave it empty if you have none."
        ),
    ),
)


def normalise(vat_id: str, *, country: str) -> str:
    """Return the VAT id with the country's letters and without spaces; '' stays ''.

    Raises ValidationError, which says what to do. Countries whose rules are not known take letters and digits.
    """
    plain = re.sub(r"[\s.\-/]", "", vat_id).upper()
    if not plain:
        return ""
    prefix = PREFIXES.get(country, country)
    rules = get_cc_module(country.lower(), "vat")
    if rules is None:
        if not _PLAIN.fullmatch(plain):
            raise ValidationError(_("A VAT id has 4 to 20 letters and digits. Leave it empty if you have none."))
        return plain
    try:
        number = rules.validate(plain)
    except exceptions.ValidationError as error:
        raise ValidationError(next(text for kind, text in _PROBLEMS if isinstance(error, kind))) from error
    return number if number.startswith(prefix) else prefix + number
