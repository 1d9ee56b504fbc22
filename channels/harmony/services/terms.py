"""Agreeing on prices: what a partner pays, and the lowest price anybody may advertise. A change is a new row."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.harmony.models import AdvertisedPrice, BuyTerm
from channels.partners.models import ChannelPartner


class TermsRefused(ValueError):
    """The price cannot be agreed as it stands."""


@transaction.atomic
def agree(
    *,
    key: str,
    partner_id: int,
    at: datetime,
    valid_from: datetime,
    valid_to: datetime | None = None,
    sku: str = "",
    product_class: str = "",
    price_minor: int | None = None,
    discount_bp: int | None = None,
    currency: str = "",
    actor: AbstractBaseUser | None = None,
    reason: str = "",
) -> BuyTerm:
    """Agree on a price of one product, or on a discount on list. The same key again changes nothing."""
    if (price_minor is None) == (discount_bp is None):
        raise TermsRefused(_("Give either a price or a discount."))
    if price_minor is not None and not (sku and currency):
        raise TermsRefused(_("A price is for one product: give its SKU and the currency."))
    if valid_to is not None and valid_to <= valid_from:
        raise TermsRefused(_("The end comes after the start."))
    term, is_new = BuyTerm.objects.get_or_create(
        key=key,
        defaults={
            "partner": ChannelPartner.objects.get(pk=partner_id), "sku": sku, "product_class": "" if sku else product_class,
            "price_minor": price_minor, "discount_bp": discount_bp, "currency": currency if price_minor is not None else "",
            "valid_from": valid_from, "valid_to": valid_to, "reason": reason[:255], "recorded_at": at,
            "recorded_by_id": actor.pk if actor else None,
        },
    )  # fmt: skip
    if is_new:
        record(
            verb="terms.agreed", subject=term.partner, at=at, actor=actor, reason=reason,
            data={
                "sku": term.sku, "product_class": term.product_class, "price_minor": price_minor,
                "discount_bp": discount_bp, "currency": term.currency, "valid_from": valid_from.isoformat(),
            },
        )  # fmt: skip
    return term


@transaction.atomic
def advertise(
    *,
    key: str,
    sku: str,
    price_minor: int,
    currency: str,
    at: datetime,
    valid_from: datetime,
    valid_to: datetime | None = None,
    actor: AbstractBaseUser | None = None,
    reason: str = "",
) -> AdvertisedPrice:
    """Set the minimum advertised price of a product. The same key again changes nothing."""
    if valid_to is not None and valid_to <= valid_from:
        raise TermsRefused(_("The end comes after the start."))
    price, is_new = AdvertisedPrice.objects.get_or_create(
        key=key,
        defaults={
            "sku": sku, "price_minor": price_minor, "currency": currency, "valid_from": valid_from,
            "valid_to": valid_to, "reason": reason[:255], "recorded_at": at,
            "recorded_by_id": actor.pk if actor else None,
        },
    )  # fmt: skip
    if is_new:
        record(
            verb="terms.advertised", subject=price, at=at, actor=actor, reason=reason,
            data={"sku": sku, "price_minor": price_minor, "currency": currency},
        )  # fmt: skip
    return price
