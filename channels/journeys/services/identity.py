"""Who is who: companies and subscriptions as the shop tells of them, and browsers that turn out to be somebody."""

from datetime import datetime
from typing import Any

from django.db import transaction

from channels.contracts import CompanyFacts, SubscriptionFacts
from channels.journeys.models import CompanyProfile, SubscriptionProfile, Visitor, VisitorLogin
from channels.journeys.selectors.companies import companies_as_one


def record_company(facts: CompanyFacts) -> None:
    """Keep what the shop knows of a company."""
    upsert_company(facts)


@transaction.atomic
def upsert_company(facts: CompanyFacts) -> CompanyProfile:
    """Return the company's profile, made or brought up to date.

    Unchanged facts write nothing: an order must not queue behind another order of the same company.
    """
    values: dict[str, Any] = {
        "name": facts.name[:200],
        "country": facts.country.upper(),
        "vat_id": facts.vat_id,
        "email_domain": facts.email_domain.lower(),
        "segment": facts.segment,
    }
    company = CompanyProfile.objects.filter(key=facts.key).first()
    if company is None:
        company, _ = CompanyProfile.objects.get_or_create(key=facts.key, defaults=values)
    if any(getattr(company, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(company, name, value)
        company.save(update_fields=list(values))
    return company


@transaction.atomic
def record_subscription(facts: SubscriptionFacts) -> None:
    """Keep a subscription as partners see it."""
    company = upsert_company(facts.company)
    SubscriptionProfile.objects.update_or_create(
        key=facts.key,
        defaults={
            "company": company,
            "title": facts.title[:255],
            "sku": facts.sku,
            "currency": facts.currency,
            "value_minor": facts.value_minor,
            "term_months": facts.term_months,
            "started_on": facts.started_on,
            "renews_on": facts.renews_on,
            "status": facts.status,
            "first_order_number": facts.first_order_number,
            "answer_by": facts.answer_by,
        },
    )


@transaction.atomic
def link_visitor(*, visitor_key: str, user_id: int, company_key: str, at: datetime) -> bool:
    """Tell that this browser is this user, of this company; False when it is somebody else's already.

    The first link stands: a colleague who logs in from a shared computer does not take over what came before, and
    the caller gives that browser a new visitor key. A company is added to a link that had none, never exchanged.
    Either way a VisitorLogin keeps who was seen on this browser, once per person.
    """
    if not visitor_key:
        return False
    visitor, _ = Visitor.objects.select_for_update().get_or_create(key=visitor_key, defaults={"first_seen_at": at})
    company = CompanyProfile.objects.filter(key=company_key).first() if company_key else None
    stands = visitor.user_id in (None, user_id) and _same_company(visitor, company, at)
    VisitorLogin.objects.get_or_create(
        visitor=visitor, user_id=user_id, defaults={"company": company, "at": at, "stands": stands}
    )
    if not stands:
        return False
    if visitor.user_id is None or (company and visitor.company_id is None):
        visitor.user_id = user_id
        visitor.company = visitor.company or company
        visitor.linked_at = at
        visitor.save(update_fields=["user", "company", "linked_at"])
    return True


def _same_company(visitor: Visitor, company: CompanyProfile | None, at: datetime) -> bool:
    """Tell whether a browser that is known as a company's may be this one's: it is, or the two were merged."""
    if company is None or visitor.company_id in (None, company.pk):
        return True
    return visitor.company_id in companies_as_one([company.pk], at=at)
