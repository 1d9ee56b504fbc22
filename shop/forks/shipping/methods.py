"""Ways of delivery as the store's rules offer them (shop.fulfilment), in the shape that Oscar asks for."""

from decimal import Decimal as D

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.shipping import methods
from oscar.core import prices


class RuleMethod(methods.Base):
    """A method with its charge for one basket; the net charge, for the tax follows from the goods."""

    def __init__(self, offered, charge):
        self.code = offered.code
        self.source_name = offered.name
        self.first_day, self.last_day = offered.rule.first_day, offered.rule.last_day
        self.charge = charge

    @property
    def name(self):
        return _(self.source_name)

    @property
    def description(self):
        if self.last_day == 1:
            return _("Next working day")
        days = f"{self.first_day}–{self.last_day}" if self.first_day != self.last_day else str(self.last_day)
        return _("%(days)s working days") % {"days": days}

    def calculate(self, basket):
        return prices.Price(currency=basket.currency, excl_tax=self.charge, tax=D("0.00"))


class NoShippingRequired(methods.NoShippingRequired):
    name = gettext_lazy("Delivered online")


from oscar.apps.shipping.methods import *
