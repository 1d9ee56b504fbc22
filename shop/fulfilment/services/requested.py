"""The day on which a buyer would like to have the goods."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from shop.forks.order.models import Order
from shop.fulfilment.engine.days import after, is_working_day
from shop.fulfilment.models import RequestedDelivery


def problem_with(day: date, *, today: date, first_day: int) -> str:
    """Return why a delivery that takes at least so many working days cannot come on the day; '' when it can."""
    if day < today:
        return _("This day has passed. Please choose a later one, or leave it empty.")
    if not is_working_day(day):
        return _("We deliver from Monday to Friday. Please choose another day, or leave it empty.")
    earliest = after(today, first_day)
    if day < earliest:
        return _("This delivery method needs until %(day)s. Please choose that day or a later one.") % {
            "day": date_format(earliest, "SHORT_DATE_FORMAT")
        }
    return ""


def keep(*, order: Order, on: str) -> None:
    """Keep the day (ISO; '' for none) with a freshly placed order, in the placing transaction."""
    if on:
        order.requested_delivery = RequestedDelivery.objects.create(order=order, on=date.fromisoformat(on))
