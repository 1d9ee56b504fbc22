"""The one list of what falls due, for beat and for `manage.py run_due`."""

from datetime import datetime

from django.utils import timezone

from channels import api
from shop.billing.services import reminders
from shop.buying.services import sweeping
from shop.credit.services import accounts as credit_accounts
from shop.payments.services import inbox, reconciler
from shop.pricing.desk.services import imports as price_imports
from shop.registration.services import purging, vat_checks
from shop.returns.services import repayments
from shop.segments.services import groups, visibility
from shop.subscriptions.services import notices, renewals, reviews
from shop.tax.services import certificates


def heal(*, now: datetime) -> dict[str, int]:
    """Retry what was lost; return counts by kind."""
    return {
        **reconciler.heal(now=now),
        **sweeping.expire(now=now),
        **repayments.heal(now=now),
        **api.heal(now=now),
        "mailed": api.mail_waiting(now=now),
        "renewal notices mailed": notices.mail_waiting(now=now),
        "reminders mailed": reminders.send_waiting(now=now),
        "price_files": price_imports.resume(now=now),
        "vat_ids_checked": vat_checks.check_due(now=now),
    }


def run_due(*, now: datetime) -> dict[str, int]:
    """Run everything due at `now`, in the order in which the effects build on each other.

    Renewals come before holds and statements: a renewal due in a month belongs on that month's books.
    """
    return {
        **reconciler.reconcile(now=now),
        "webhook events forgotten": inbox.forget(now=now),
        **run_own(now=now),
    }


def run_own(*, now: datetime) -> dict[str, int]:
    """Run what is due by our own books alone: the part of `run_due` that a history told in one transaction can take."""
    moved = groups.rebuild_all(now=now)
    return {
        "group members moved": moved.joined + moved.left,
        "visibility sets mended": visibility.rebuild(),
        **certificates.end_due(now=now, today=timezone.localdate(now)),
        **sweeping.expire(now=now),
        **repayments.heal(now=now),
        **credit_accounts.review_holds(now=now),
        "invoices reminded": reminders.remind_due(now=now),
        **reviews.open_due(now=now),
        "renewals announced": notices.announce_due(now=now),
        **renewals.renew_due(now=now),
        **api.run_due(now=now),
        "registrations_purged": purging.purge(now=now),
        "mailed": api.mail_waiting(now=now),
        "renewal notices mailed": notices.mail_waiting(now=now),
        "reminders mailed": reminders.send_waiting(now=now),
        "price_files": price_imports.resume(now=now),
    }
