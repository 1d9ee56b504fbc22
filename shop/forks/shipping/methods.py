"""Standard and express delivery, priced per country; standard is free for larger orders."""

from copy import copy
from decimal import Decimal as D

from django.utils.translation import gettext_lazy as _
from oscar.apps.shipping import methods
from oscar.core import prices

NORDIC = frozenset({"NO", "SE", "DK", "FI", "IS"})
EUROPE = frozenset("AT BE BG CH CY CZ DE EE ES FR GB GR HR HU IE IT LI LT LU LV MT NL PL PT RO SI SK".split())
FREE_FROM = D("750.00")


class ByCountry(methods.Base):
    """A charge by region: home and the Nordic countries, Europe, and (None: not served) the rest of the world."""

    nordic = europe = world = None
    working_days = {}
    free_from = None
    country = ""

    def to(self, country):
        """Return this method for deliveries to a country."""
        method = copy(self)
        method.country = country
        return method

    def region(self, country):
        return "nordic" if country in NORDIC else "europe" if country in EUROPE else "world"

    def serves(self, country):
        return not country or getattr(self, self.region(country)) is not None

    @property
    def description(self):
        days = self.working_days[self.region(self.country or "NO")]
        return _("Next working day") if days == "1" else _("%(days)s working days") % {"days": days}

    def calculate(self, basket):
        charge = getattr(self, self.region(self.country or "NO"))
        if self.free_from is not None and basket.total_excl_tax >= self.free_from:
            charge = D("0.00")
        return prices.Price(currency=basket.currency, excl_tax=charge, tax=D("0.00"))


class Standard(ByCountry):
    code = "standard"
    name = _("Standard delivery")
    nordic, europe, world = D("19.00"), D("29.00"), D("69.00")
    working_days = {"nordic": "2–4", "europe": "3–6", "world": "6–12"}
    free_from = FREE_FROM


class Express(ByCountry):
    code = "express"
    name = _("Express delivery")
    nordic, europe = D("45.00"), D("75.00")
    working_days = {"nordic": "1", "europe": "1–2"}


class NoShippingRequired(methods.NoShippingRequired):
    name = _("Delivered online")


from oscar.apps.shipping.methods import *
