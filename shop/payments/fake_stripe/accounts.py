"""Connected accounts and the links on which partners tell about themselves."""

from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse

from shop.payments.fake_stripe import store
from shop.payments.fake_stripe.wire import ApiError, required
from shop.payments.models import FakeObject

ASKED = ["business_profile.url", "external_account", "tos_acceptance.date"]
LINK_LIVES = 300  # seconds


def create(params: dict[str, Any]) -> dict[str, Any]:
    wants_transfers = params.get("capabilities", {}).get("transfers", {}).get("requested") == "true"
    account = {
        "id": store.new_id("acct"), "object": "account", "type": params.get("type", "standard"),
        "country": required(params, "country"), "email": params.get("email") or None,
        "business_type": params.get("business_type"), "metadata": params.get("metadata", {}),
        "created": store.seconds(), "charges_enabled": False, "payouts_enabled": False, "details_submitted": False,
        "default_currency": "eur", "capabilities": {"transfers": "inactive"} if wants_transfers else {},
        "requirements": _requirements(ASKED, "requirements.past_due"),
    }  # fmt: skip
    return store.add("account", account)


def retrieve(account_id: str, _params: object = None) -> dict[str, Any]:
    row = FakeObject.objects.filter(kind="account", pk=account_id).first()
    if row is None:
        raise ApiError(
            403,
            f"The provided key does not have access to account '{account_id}' (or that account does not exist).",
            code="account_invalid",
        )
    return dict(row.data)


def create_link(params: dict[str, Any]) -> dict[str, Any]:
    account = retrieve(required(params, "account"))
    returns_to = required(params, "return_url")
    token = store.new_id("alnk")
    site = urlsplit(returns_to)
    store.add("account_link", {
        "id": token, "account": account["id"], "return_url": returns_to,
        "refresh_url": required(params, "refresh_url"), "expires_at": store.seconds() + LINK_LIVES, "is_used": False,
    })  # fmt: skip
    path = reverse("fake_stripe_onboarding", args=[token])
    return {
        "object": "account_link", "created": store.seconds(), "expires_at": store.seconds() + LINK_LIVES,
        "url": f"{site.scheme}://{site.netloc}{path}",
    }  # fmt: skip


def tell(account_id: str, outcome: str) -> dict[str, Any]:
    """What the onboarding page does: everything told, something left out, or the account is closed."""
    account = retrieve(account_id)
    account["details_submitted"] = True
    is_ready = outcome == "complete"
    missing = {"complete": [], "missing": ["external_account"], "rejected": []}[outcome]
    reason = {"complete": None, "missing": "requirements.past_due", "rejected": "rejected.other"}[outcome]
    account["requirements"] = _requirements(missing, reason)
    account["payouts_enabled"] = is_ready
    account["capabilities"] = {"transfers": "active" if is_ready else "inactive"}
    store.save(account)
    store.note_event("account.updated", account)
    return account


def _requirements(due: list[str], reason: str | None) -> dict[str, Any]:
    return {
        "currently_due": due, "eventually_due": due, "past_due": due, "pending_verification": [], "errors": [],
        "current_deadline": None, "disabled_reason": reason,
    }  # fmt: skip
