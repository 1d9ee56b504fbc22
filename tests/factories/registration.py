"""Applications of companies in each state, for tests. Plain functions; each returns what it made."""

from itertools import count
from typing import Any

from channels.contracts import Introducer
from shop.registration.models import Application
from shop.registration.services import applications
from shop.registration.services.applications import Details
from tests.factories import shop

NOW = shop.NOW
_numbers = count(1)


def details(**values: Any) -> Details:
    return Details(**{"company_name": "Nordvik Bakeri AS", "country": "NO", "first_name": "Siri", "last_name": "Nordvik",
                      "password": "fjord-and-fell-7", "language": "en", **values})  # fmt: skip


def registered(email: str = "", **values: Any) -> Application:
    """Return an application whose address nobody has confirmed."""
    shop.country(values.get("country", "NO"))
    email = email or f"siri@nordvik{next(_numbers)}.example.com"
    applications.register(email=email, details=details(**values), at=NOW)
    return Application.objects.get(applicant__email=email)


def confirmed(email: str = "", **values: Any) -> Application:
    """Return an application after its address was confirmed; with the tests' settings it may be approved by that."""
    return applications.confirm(user=registered(email, **values).applicant, at=NOW)


def introduced_by(partner: Any, link_code: str = "") -> Introducer:
    return Introducer(partner_code=partner.code, partner_name=partner.name, link_code=link_code)
