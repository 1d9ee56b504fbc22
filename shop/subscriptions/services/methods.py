"""How the next renewals are paid."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shop.buying.services.entitlement import methods_for
from shop.companies.models import Company
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Occurrence, Subscription, SubscriptionEvent
from shop.subscriptions.services import history, placing
from shop.subscriptions.services.locking import locked

Method = Company.PaymentMethod


@transaction.atomic
def pay_by(*, subscription_id: int, kind: str, at: datetime, by: Any) -> Subscription:
    """Pay its renewals another way from the next one on. Raises SubscriptionRefused."""
    subscription = locked(subscription_id)
    if kind not in methods_for(subscription.company, is_on_behalf=False):
        raise SubscriptionRefused(_("Your company cannot pay like that. Please choose another way to pay."))
    if subscription.occurrences.filter(state=Occurrence.State.PAYING).exists():
        raise SubscriptionRefused(_("A payment is on its way. Complete it first."))
    if kind == subscription.payment_kind:
        return subscription
    subscription.payment_kind = kind
    if kind != Method.INVOICE and placing.method_of(subscription) is None:
        raise SubscriptionRefused(_("Save a card or an account under Payment methods first."))
    subscription.save(update_fields=["payment_kind"])
    history.note(subscription, SubscriptionEvent.Kind.METHOD, at=at, by=by, method=Method(kind).label)
    return subscription
