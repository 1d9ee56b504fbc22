"""What partners are good at, as the directory names it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SPECIALITIES: dict[str, str | Promise] = {
    "building-automation": _("Building automation"),
    "calibration": _("Calibration"),
    "cloud-integration": _("Cloud integration"),
    "condition-monitoring": _("Condition monitoring"),
    "energy": _("Energy"),
    "food-and-beverage": _("Food and beverage"),
    "gas-detection": _("Gas detection"),
    "installation": _("Installation"),
    "marine": _("Marine"),
    "oil-and-gas": _("Oil and gas"),
    "pharma": _("Pharmaceuticals"),
    "predictive-maintenance": _("Predictive maintenance"),
    "process-control": _("Process control"),
    "water": _("Water and wastewater"),
}


def label(slug: str) -> str:
    """Return the translated name; a slug that nobody named yet reads as its own words."""
    known = SPECIALITIES.get(slug)
    return str(known) if known else slug.replace("-", " ").capitalize()
