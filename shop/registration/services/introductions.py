"""Who introduced a company, told to channels once the company is a customer."""

from channels import api
from channels.contracts import Medium, TouchKind, TouchpointFacts
from shop.registration.models import Application


def record(application: Application) -> bool:
    """Record that the partner they named introduced the company; False without one, or when it was recorded before.

    The touch is of the day on which they said so, whenever that was looked at.
    """
    if not application.introducer_code:
        return False
    company_key = str(application.company.key)
    return api.record_touchpoint(
        TouchpointFacts(
            key=f"introduction:{company_key}",
            kind=TouchKind.INTRODUCTION,
            medium=Medium.WEB,
            at=application.submitted_at,
            partner_code=application.introducer_code,
            link_code=application.link_code,
            visitor_key=application.visitor_key,
            user_id=application.applicant_id,
            company_key=company_key,
            note="Named at registration",
        )
    )
