"""A company's customer at Stripe."""

from datetime import datetime

from shop.companies.models import Company
from shop.payments import gateway
from shop.payments.models import StripeCustomer


def customer_id_of(company: Company, *, at: datetime) -> str:
    """Return the company's customer at Stripe, made on first use. Network; raises ProviderAway.

    Two at once make one, for they use one key. After a lost answer and a minute there may be an unused one; it has no
    methods and costs nothing.
    """
    known = StripeCustomer.objects.filter(company=company).first()
    if known is None:
        params = {"name": company.name, "metadata": {"accord_company": str(company.key)}}
        key = f"customer-{company.key}-{at:%Y%m%d%H%M}"
        made = gateway.ask(lambda v1: v1.customers.create(params=params, options={"idempotency_key": key}))
        known, _is_new = StripeCustomer.objects.get_or_create(
            company=company, defaults={"customer_id": made["id"], "created_at": at}
        )
    return known.customer_id
