"""How much of a customer a partner may see. Every name, total and value in the portal passes through here.

What a partner's own commission was computed from (base, share, rate) is its own data at every level.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from channels.journeys.models import CompanyProfile, OrderLine, OrderRecord, SubscriptionProfile
from channels.partners.models import Agreement, ChannelPartner
from channels.partners.selectors import data_level

Level = Agreement.DataLevel


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One data level. A field that the level does not hold comes back empty, never as something else."""

    level: int

    @property
    def shows_customers(self) -> bool:
        """Names, order totals and renewal dates."""
        return self.level >= Level.TRANSACTIONS

    @property
    def shows_details(self) -> bool:
        """Domains, countries, lines and renewal values."""
        return self.level >= Level.FULL

    def customer(self, company: CompanyProfile) -> str:
        return company.name if self.shows_customers else ""

    def domain(self, company: CompanyProfile) -> str:
        return company.email_domain if self.shows_details else ""

    def country(self, company: CompanyProfile) -> str:
        return company.country if self.shows_details else ""

    def order_total_minor(self, order: OrderRecord) -> int | None:
        return order.net_minor if self.shows_customers else None

    def line_title(self, line: OrderLine) -> str:
        """The product, or only where the line stands on the order."""
        return line.title if self.shows_details else _("Line %(number)s") % {"number": line.position}

    def line_quantity(self, line: OrderLine) -> int | None:
        return line.quantity if self.shows_details else None

    def renewal_date(self, subscription: SubscriptionProfile) -> date | None:
        return subscription.renews_on if self.shows_customers else None

    def renewal_title(self, subscription: SubscriptionProfile) -> str:
        return subscription.title if self.shows_details else ""

    def renewal_value_minor(self, subscription: SubscriptionProfile) -> int | None:
        return subscription.value_minor if self.shows_details else None

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


def disclosure_for(partner: ChannelPartner, *, on: date) -> Disclosure:
    """Return what the partner's agreement in force on the day allows; without one, quotas only."""
    return Disclosure(data_level(partner_id=partner.pk, on=on))
