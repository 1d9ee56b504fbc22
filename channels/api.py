"""The door: all that the shop and the content pages may ask of channels.

Each function takes and returns plain facts from `channels.contracts`. Writes are idempotent by the key of their facts
and run in the caller's transaction; what computes (attribution, rating) follows after the commit and is healed by
`run_due` when a task is lost.
"""

from channels.audit.append_only import protect
from channels.audit.services import record as record_audit
from channels.commissions.selectors.explanation import explain_order
from channels.commissions.selectors.paid_orders import paid_orders
from channels.commissions.selectors.renewal_forecast import forecast_renewals
from channels.commissions.selectors.vocabulary import provide_vocabulary
from channels.commissions.services.facts import record_order_event
from channels.commissions.services.schedule import heal, run_due
from channels.harmony.selectors.guard import check_prices
from channels.harmony.services.guard import record_price_check
from channels.journeys.selectors.choices import order_channel, partner_choices, partner_of_record, partners_of_record
from channels.journeys.selectors.claims import latest_introducer, partner_claims
from channels.journeys.selectors.sharing import ordering_customers, partner_change, sharing_of
from channels.journeys.services.codes import resolve_code
from channels.journeys.services.deals import record_deal
from channels.journeys.services.identity import link_visitor, record_company, record_subscription
from channels.journeys.services.orders import record_order
from channels.journeys.services.partner_changes import request_partner_change, withdraw_partner_change
from channels.journeys.services.relationships import set_renewal_steward
from channels.journeys.services.renewals import tell_of_renewal
from channels.journeys.services.sharing import set_sharing, tell_of_order
from channels.journeys.services.touchpoints import record_touchpoint
from channels.notices.services import mail_waiting
from channels.partners.selectors import directory, handles_money, partner_card
from channels.tries import TooManyTries, count_try, forget_tries, is_password_of

__all__ = [
    "TooManyTries",
    "check_prices",
    "count_try",
    "directory",
    "explain_order",
    "forecast_renewals",
    "forget_tries",
    "handles_money",
    "heal",
    "is_password_of",
    "latest_introducer",
    "link_visitor",
    "mail_waiting",
    "order_channel",
    "ordering_customers",
    "paid_orders",
    "partner_card",
    "partner_change",
    "partner_choices",
    "partner_claims",
    "partner_of_record",
    "partners_of_record",
    "protect",
    "provide_vocabulary",
    "record_audit",
    "record_company",
    "record_deal",
    "record_order",
    "record_order_event",
    "record_price_check",
    "record_subscription",
    "record_touchpoint",
    "request_partner_change",
    "resolve_code",
    "run_due",
    "set_renewal_steward",
    "set_sharing",
    "sharing_of",
    "tell_of_order",
    "tell_of_renewal",
    "withdraw_partner_change",
]
