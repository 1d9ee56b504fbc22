"""Reading terms and agreements as the engines take them: a constant number of queries for any number of products."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.db.models import Q

from channels.harmony.engine.terms import Advertised, PartnerTerms, Term
from channels.harmony.models import AdvertisedPrice, BuyTerm, Source
from channels.partners.models import Agreement, ChannelPartner

NOT_SIGNED = (Agreement.Status.DRAFT, Agreement.Status.SENT)


def agreements_at(partner_ids: Collection[int], at: datetime) -> dict[int, Agreement]:
    """Return the agreement of each partner that was in force at a moment, in one query; partners without are missing.

    The version after it ends a renewed one, so the latest version that had started is meant.
    """
    by_partner: dict[int, list[Agreement]] = {}
    rows = Agreement.objects.filter(partner_id__in=partner_ids).exclude(status__in=NOT_SIGNED)
    for row in rows.order_by("version"):
        by_partner.setdefault(row.partner_id, []).append(row)
    found = {partner_id: in_force(versions, at) for partner_id, versions in by_partner.items()}
    return {partner_id: row for partner_id, row in found.items() if row is not None}


def in_force(versions: Iterable[Agreement], at: datetime) -> Agreement | None:
    """Return the last of the signed versions, oldest first, that had started, unless it had ended by then."""
    day = at.astimezone(UTC).date()
    started = [row for row in versions if row.starts_on <= day]
    if not started:
        return None
    last = started[-1]
    stopped = last.status in (Agreement.Status.TERMINATED, Agreement.Status.EXPIRED) and last.ended_at
    is_over = (last.ends_on and last.ends_on <= day) or (stopped and stopped <= at)
    return None if is_over else last


def partner_terms(*, skus: Collection[str], classes: Collection[str], at: datetime) -> list[PartnerTerms]:
    """Return the terms of every active partner that may touch these products, in two queries."""
    rows = (
        BuyTerm.objects.filter(_touches(skus, classes), _in_force(at), partner__status=ChannelPartner.Status.ACTIVE)
        .select_related("partner")
        .order_by("partner", "pk")
    )
    by_partner: dict[ChannelPartner, list[Term]] = {}
    for row in rows:
        by_partner.setdefault(row.partner, []).append(term_of(row))
    agreements = agreements_at([partner.pk for partner in by_partner], at)
    return [
        PartnerTerms(
            partner=partner.pk,
            code=partner.code,
            name=partner.name,
            margin_bp=agreements[partner.pk].min_margin_bp,
            terms=tuple(terms),
        )
        for partner, terms in by_partner.items()
        if partner.pk in agreements
    ]


def advertised(*, skus: Collection[str], at: datetime) -> list[Advertised]:
    rows = AdvertisedPrice.objects.filter(_in_force(at), sku__in=skus).order_by("pk")
    return [advertised_of(row) for row in rows]


def terms_of_partners(partner_ids: Iterable[int]) -> dict[int, list[Term]]:
    """Return all terms that partners ever had, for looking up moments of the past."""
    found: dict[int, list[Term]] = {}
    for row in BuyTerm.objects.filter(partner_id__in=set(partner_ids)).order_by("pk"):
        found.setdefault(row.partner_id, []).append(term_of(row))
    return found


def advertised_ever(skus: Collection[str]) -> list[Advertised]:
    return [advertised_of(row) for row in AdvertisedPrice.objects.filter(sku__in=skus).order_by("pk")]


def term_of(row: BuyTerm) -> Term:
    return Term(
        id=row.pk,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        sku=row.sku,
        product_class=row.product_class,
        price_minor=row.price_minor,
        discount_bp=row.discount_bp,
        currency=row.currency,
        is_promotion=row.source == Source.PROMOTION,
    )


def advertised_of(row: AdvertisedPrice) -> Advertised:
    return Advertised(
        id=row.pk,
        sku=row.sku,
        price_minor=row.price_minor,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_promotion=row.source == Source.PROMOTION,
    )


def _touches(skus: Collection[str], classes: Collection[str]) -> Q:
    return Q(sku__in=skus) | Q(sku="", product_class__in=[*classes, ""])


def _in_force(at: datetime) -> Q:
    return Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
