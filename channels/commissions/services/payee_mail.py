"""The letter that warns a partner's own address of changed bank details."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from channels.commissions.models import PayoutDetails


def warn(*, details_id: int) -> None:
    """Mail the organisation's address; its people get their own letters, and their addresses may have been changed."""
    details = PayoutDetails.objects.select_related("partner").get(pk=details_id)
    context = {
        "partner": details.partner,
        "account": details.masked or details.get_rail_display(),
        "day": details.valid_from,
        "shop_name": settings.OSCAR_SHOP_NAME,
        "address": f"{settings.BASE_URL}/portal/payout-settings/",
    }
    subject, _, body = render_to_string("emails/payout_details.txt", context).strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [details.partner.email])
