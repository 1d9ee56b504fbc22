"""How much of a customer a partner may see. Every name, total and value in the portal passes through here.

What a partner's own commission was computed from (base, share, rate) is its own data at every level.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from channels.journeys.models import CompanyProfile, OrderLine, OrderRecord, SubscriptionProfile
from channels.journeys.selectors.sharing import caps_of
from channels.partners.models import Agreement, ChannelPartner
from channels.partners.selectors import data_level

Level = Agreement.DataLevel


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One data level. A field that the level does not hold comes back empty, never as something else.

    `caps` are the levels of companies, by id, that allow this partner less than its agreement does.
    """

    level: int
    caps: Mapping[int, int] = field(default_factory=dict)

    @property
    def shows_customers(self) -> bool:
        """Names, order totals and renewal dates."""
        return self.level >= Level.TRANSACTIONS

    @property
    def shows_details(self) -> bool:
        """Domains, countries, lines and renewal values."""
        return self.level >= Level.FULL

    def of(self, company_id: int) -> "Disclosure":
        """Return what one company lets the partner see."""
        return Disclosure(min(self.level, self.caps.get(company_id, self.level)))

    def customer(self, company: CompanyProfile) -> str:
        return company.name if self.of(company.pk).shows_customers else ""

    def domain(self, company: CompanyProfile) -> str:
        return company.email_domain if self.of(company.pk).shows_details else ""

    def country(self, company: CompanyProfile) -> str:
        return company.country if self.of(company.pk).shows_details else ""

    def order_total_minor(self, order: OrderRecord) -> int | None:
        return order.net_minor if self.of(order.company_id).shows_customers else None

    def line_title(self, line: OrderLine) -> str:
        """The product, or only where the line stands on the order."""
        return line.title if self._of_line(line).shows_details else _("Line %(number)s") % {"number": line.position}

    def line_quantity(self, line: OrderLine) -> int | None:
        return line.quantity if self._of_line(line).shows_details else None

    def _of_line(self, line: OrderLine) -> "Disclosure":
        return self.of(line.order.company_id) if self.caps else self

    def renewal_date(self, subscription: SubscriptionProfile) -> date | None:
        return subscription.renews_on if self.of(subscription.company_id).shows_customers else None

    def renewal_title(self, subscription: SubscriptionProfile) -> str:
        return subscription.title if self.of(subscription.company_id).shows_details else ""

    def renewal_value_minor(self, subscription: SubscriptionProfile) -> int | None:
        return subscription.value_minor if self.of(subscription.company_id).shows_details else None

    @property
    def explanation(self) -> str:
        """One sentence that says why something is not there; empty at the full level."""
        if self.shows_details:
            return ""
        if self.shows_customers:
            return _(
                "Your agreement shares transactions: you see who your customers are, what they ordered for in total and "
                "when they renew. Products and renewal values belong to a full exchange of data."
            )
        return _(
            "Your agreement shares quotas only: you see numbers, and no customer by name. Your own commission is "
            "explained in full all the same."
        )


def disclosure_for(partner: ChannelPartner, *, on: date, is_narrowed: bool = True) -> Disclosure:
    """Return what the partner's agreement in force on the day allows; without one, quotas only.

    Companies may allow less. Who knows that none does says so with `is_narrowed`, and saves a query.
    """
    return Disclosure(data_level(partner_id=partner.pk, on=on), caps_of(partner) if is_narrowed else {})
