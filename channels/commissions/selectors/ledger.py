"""Rows of the ledger browser."""

from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from channels.commissions.models import LedgerEntry
from channels.partners.models import ChannelPartner


def entries(
    *,
    partner: ChannelPartner | None = None,
    account: str = "",
    kind: str = "",
    currency: str = "",
    query: str = "",
    booked_from: datetime | None = None,
    booked_before: datetime | None = None,
) -> QuerySet[LedgerEntry]:
    """Return entries for the desk, latest posting first. `query` looks in order numbers, keys and memos."""
    found = LedgerEntry.objects.select_related("posting__order", "posting__accrual", "partner")
    wanted = {
        "partner": partner,
        "posting__kind": kind,
        "currency": currency,
        "posting__booked_at__gte": booked_from,
        "posting__booked_at__lt": booked_before,
        "account__startswith": account,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    if query:
        found = found.filter(
            Q(posting__order__number__icontains=query)
            | Q(posting__key__icontains=query)
            | Q(posting__memo__icontains=query)
        )
    return found.order_by("-posting__sequence", "position")


def partner_entries(partner: ChannelPartner) -> QuerySet[LedgerEntry]:
    """Return one partner's own entries, latest posting first."""
    return entries(partner=partner)


def totals_by_account() -> list[tuple[str, str, int]]:
    """Return (account, currency, balance) of the whole ledger; each currency's balances sum to zero."""
    rows = LedgerEntry.objects.order_by("account", "currency").values_list("account", "currency")
    return list(rows.annotate(total=Sum("amount_minor")))
