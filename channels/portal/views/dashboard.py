"""The portal's front page."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.commissions.selectors.balances import Balance, balances
from channels.journeys.models import OrderRecord, PartnerCode
from channels.portal import numbers
from channels.portal.access import Capability
from channels.portal.disclosure import Disclosure
from channels.portal.selectors import overview
from channels.portal.selectors.orders import OrderFilter, credited_orders, ledgers
from channels.portal.views.page import PortalPage
from channels.portal.views.rows import order_rows

RECENT = 6
MOST_RENEWALS = 8


class DashboardView(PortalPage):
    capability = Capability.DASHBOARD
    section = "dashboard"
    template_name = "channels/portal/dashboard.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        disclosure = self.disclosure()
        recent = list(credited_orders(self.partner, OrderFilter())[:RECENT])
        shows_balances = self.seat.may(Capability.BALANCES)
        groups, currencies = self._balances(recent) if shows_balances else self._earned()
        wanted = self.request.GET.get("currency", "")
        currency = wanted if wanted in currencies else currencies[0] if currencies else ""
        return {
            "disclosure": disclosure,
            "groups": groups,
            "currencies": [
                {"label": code, "href": f"?currency={code}", "current": code == currency} for code in currencies
            ],
            "chart": self._chart(currency, stacked=shows_balances) if currency else None,
            "recent": order_rows(ledgers(self.partner, recent, OrderFilter()), disclosure),
            "renewals": self._renewals(disclosure) if self.seat.may(Capability.CUSTOMERS) else None,
            "first_steps": self._first_steps() if not recent else None,
        }

    def _balances(self, recent: list[OrderRecord]) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the tiles of each currency, and the currencies; zeros while the first order waits for its payment."""
        found = balances(self.partner) or [Balance(order.currency) for order in recent[:1]]
        return [{"currency": row.currency, "tiles": _tiles(row)} for row in found], [row.currency for row in found]

    def _earned(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return what was earned, a tile per currency, for those who may see no more."""
        found = overview.earned(self.partner)
        hint = _("in all, after what was taken back")
        tiles = [
            {"label": _("Earned"), "value": numbers.money(amount, currency), "hint": hint}
            for currency, amount in found.items()
        ]
        return [{"currency": "", "tiles": tiles}] if tiles else [], list(found)

    def _chart(self, currency: str, *, stacked: bool) -> dict[str, Any]:
        months = overview.months(self.partner, currency=currency, now=timezone.now())
        return {
            "bars": [_bar(month, currency, stacked=stacked) for month in months],
            "max": max([month.total_minor for month in months] + [1]),
            "series": [{"label": label, "tone": tone} for _step, tone, label in _series()] if stacked else [],
            "total": numbers.money(sum(month.total_minor for month in months), currency),
        }

    def _renewals(self, disclosure: Disclosure) -> dict[str, Any]:
        found = list(overview.renewals(self.partner, now=timezone.now()))
        later = None if found else overview.renewals(self.partner, now=timezone.now(), days=None).first()
        values: dict[str, int] = {}
        for row in found:
            values[row.currency] = values.get(row.currency, 0) + (disclosure.renewal_value_minor(row) or 0)
        return {
            "count": len(found),
            "next_on": disclosure.renewal_date(later) if later else None,
            "next_customer": disclosure.customer(later.company) if later else "",
            "count_text": ngettext("%(count)d renewal", "%(count)d renewals", len(found)) % {"count": len(found)},
            "value": " + ".join(numbers.money(value, code) for code, value in values.items() if value),
            "rows": [
                {
                    "customer": disclosure.customer(row.company),
                    "on": disclosure.renewal_date(row),
                    "title": disclosure.renewal_title(row),
                    "value": _value(disclosure.renewal_value_minor(row), row.currency),
                }
                for row in found[:MOST_RENEWALS]
            ]
            if disclosure.shows_customers
            else [],
        }

    def _first_steps(self) -> dict[str, Any]:
        link = PartnerCode.objects.filter(partner=self.partner).order_by("pk").first()
        may = self.seat.may
        return {
            "has_link": link is not None,
            "links_url": reverse("portal:links") if may(Capability.LINKS) else "",
            "make_url": reverse("portal:link-new") if may(Capability.MANAGE_LINKS) else "",
        }


def _tiles(row: Balance) -> list[dict[str, str]]:
    def text(minor: int) -> str:
        return numbers.money(minor, row.currency)

    payable_hint = _("waiting for the next payout")
    if row.clawback:
        payable_hint = _("after %(amount)s to be paid back") % {"amount": text(row.clawback)}
    elif row.in_transit:
        payable_hint = _("and %(amount)s on its way to your bank") % {"amount": text(row.in_transit)}
    return [
        {"label": _("Earned"), "value": text(row.earned), "hint": _("in all, after what was taken back")},
        {"label": _("Held"), "value": text(row.held), "hint": _("until the return period ends")},
        {"label": _("Payable"), "value": text(row.owed), "hint": payable_hint},
        {"label": _("Paid"), "value": text(row.paid), "hint": _("arrived at your bank")},
    ]


def _series() -> tuple[tuple[str, str, str], ...]:
    return (
        (overview.PAID, "primary", _("Paid")),
        (overview.DUE, "success", _("Payable")),
        (overview.WAITING, "accent", _("Held")),
    )


def _bar(month: overview.MonthOfEarnings, currency: str, *, stacked: bool) -> dict[str, Any]:
    bar: dict[str, Any] = {
        "label": date_format(month.month.start, "M y"),
        "display": numbers.money(month.total_minor, currency),
        "value": month.total_minor,
    }
    if stacked:
        below, segments = 0, []
        for step, tone, label in _series():
            value = month.steps.get(step, 0)
            display = numbers.money(value, currency)
            segments.append({"value": value, "offset": below, "tone": tone, "label": label, "display": display})
            below += value
        bar["segments"] = segments
    return bar


def _value(minor: int | None, currency: str) -> str:
    return "" if minor is None else numbers.money(minor, currency)
