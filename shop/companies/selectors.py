"""Who acts for which company."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import UserAddress

from shop.companies.models import Company, Membership

SESSION_KEY = "company"


@dataclass(frozen=True, slots=True)
class OrderPermission:
    """Whether someone may order, and if not, the reason to show."""

    is_allowed: bool
    reason: str | Promise = ""


def membership_of(user: Any) -> Membership | None:
    """Return the membership that the user acts under."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user).select_related("company").first()


def companies_of(user: Any) -> QuerySet[Company]:
    return Company.objects.filter(memberships__user=user)


def addresses_of(*, user: Any, company: Company | None) -> QuerySet[UserAddress]:
    """Return the address book that a buyer picks from: the own one and those of the colleagues."""
    owners = Q(user=user)
    if company:
        owners |= Q(user__memberships__company=company)
    return (
        UserAddress.objects.filter(owners, country__is_shipping_country=True)
        .select_related("country")
        .order_by("-is_default_for_shipping", "-num_orders_as_shipping_address", "pk")
        .distinct()
    )


def company_key_of(request: HttpRequest) -> str:
    """Return the key of the company that the session acts for; '' without one.

    The answer is kept in the session. An anonymous request costs no query, a signed-in one costs one per session.
    """
    user_id = request.session.get("_auth_user_id")
    if user_id is None:
        return ""
    remembered = request.session.get(SESSION_KEY)
    if isinstance(remembered, dict) and remembered.get("user") == user_id:
        return str(remembered.get("key", ""))
    key = Membership.objects.filter(user_id=user_id).values_list("company__key", flat=True).first()
    request.session[SESSION_KEY] = {"user": user_id, "key": str(key or "")}
    return str(key or "")


def company_of(request: HttpRequest) -> Company | None:
    """Return the company of this request, fresh from the database: a status or a membership may have changed."""
    key = company_key_of(request)
    user: Any = request.user
    company = Company.objects.filter(key=key, memberships__user=user).first() if key else None
    if company is None and request.session.pop(SESSION_KEY, None) and request.user.is_authenticated:
        membership = membership_of(request.user)
        company = membership.company if membership else None
    return company


def order_permission(*, user: Any, company: Company | None) -> OrderPermission:
    """Say whether the user may place an order for the company. Anyone may browse and fill a basket."""
    if not user.is_authenticated:
        return OrderPermission(False, _("Sign in to order."))
    if not company:
        return OrderPermission(False, _("Your user does not belong to a company, and we only sell to companies."))
    if company.status == Company.Status.PENDING:
        return OrderPermission(
            False,
            _(
                "We are still checking your company. You can fill your basket; we write to you as soon as you can order."
            ),
        )
    if not company.may_order:
        return OrderPermission(
            False, _("Your company's account is closed for new orders. Please call us; your basket is kept.")
        )
    membership = Membership.objects.filter(user=user, company=company).first()
    if membership is None or not membership.may_order:
        return OrderPermission(
            False, _("You may look at prices and orders of your company, but not order. Ask a colleague who may.")
        )
    return OrderPermission(True)
