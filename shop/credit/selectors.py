"""How a company stands with us."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import DecimalField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from shop.companies.models import Company
from shop.credit.models import CreditAccount, CreditHold

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a company may still buy on invoice. `available` None: no limit is agreed."""

    currency: str
    limit: Decimal | None
    owed: Decimal
    held: Decimal
    hold: str
    advance: Decimal = ZERO

    @property
    def available(self) -> Decimal | None:
        return None if self.limit is None else self.limit - self.owed - self.held

    def allows(self, amount: Decimal) -> bool:
        """Tell whether so much could be bought on invoice now; the purchase itself asks again under a lock."""
        return not self.hold and (self.available is None or amount <= self.available)


def standing(*, company: Company, currency: str, at: datetime) -> Standing:
    """Return the company's standing; one without an account owes nothing and has no limit."""
    account = CreditAccount.objects.filter(company=company, currency=currency).first()
    if account is None:
        return Standing(currency=currency, limit=None, owed=ZERO, held=ZERO, hold="")
    return standing_of(account, held=held(account, at=at))


def standing_of(account: CreditAccount, *, held: Decimal) -> Standing:
    return Standing(currency=account.currency, limit=account.limit, owed=account.balance, held=held, hold=account.hold)


def held(account: CreditAccount, *, at: datetime) -> Decimal:
    """Return what is kept free at that moment."""
    running = CreditHold.objects.filter(account=account, released_at=None, expires_at__gt=at)
    total: Decimal | None = running.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def is_on_hold(company_id: int) -> bool:
    """Tell whether a company is on hold in any currency: what it bought on invoice is not sent meanwhile."""
    return CreditAccount.objects.filter(company_id=company_id).exclude(hold="").exists()


def accounts(*, at: datetime) -> QuerySet[CreditAccount]:
    """Return all accounts with `kept` (holds that count now) and `used`, the share of the limit, None without one."""
    money = DecimalField(max_digits=14, decimal_places=2)
    running = Q(holds__released_at=None, holds__expires_at__gt=at)
    kept = Coalesce(Sum("holds__amount", filter=running), Value(ZERO), output_field=money)
    rows = CreditAccount.objects.select_related("company").annotate(kept=kept)
    return rows.annotate(left=F("limit") - F("balance") - F("kept"))


def unbalanced() -> list[tuple[CreditAccount, Decimal]]:
    """Return the accounts whose balance is not the sum of their entries, with that sum. Empty is well."""
    money = DecimalField(max_digits=14, decimal_places=2)
    rows = CreditAccount.objects.select_related("company").annotate(
        total=Coalesce(Sum("entries__amount"), Value(ZERO), output_field=money)
    )
    return [(row, row.total) for row in rows.exclude(balance=F("total"))]
