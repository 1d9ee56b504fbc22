"""Two companies and two partners with one of everything each; what is B's carries the word "canary"."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.test import Client
from oscar.apps.communication.models import Email, Notification
from oscar.apps.customer.models import ProductAlert
from oscar.apps.wishlists.models import WishList

from channels.commissions.models import DraftShare, Programme, ProgrammeVersion
from channels.commissions.services import disputes
from channels.journeys.models import PartnerChange, Relationship, SubscriptionProfile
from channels.journeys.services import sharing
from channels.journeys.services.identity import record_company
from channels.journeys.services.relationships import set_renewal_steward
from channels.notices import services as notices
from channels.partners.models import ChannelPartner
from shop import facts
from shop.billing.models import JointPayment
from shop.billing.services import paying
from shop.companies.models import CostCentre, Invitation, Location, Role
from shop.operations import roles
from shop.payments.models import SavedMethod
from shop.registration.documents import Document
from shop.registration.models import JoinRequest
from shop.registration.services import steps
from shop.returns.models import ReturnRequest
from shop.returns.services import requests
from tests.factories import channels as channel_factory
from tests.factories import content, harmony, payouts, registration, returns, shop, subscriptions, taxes
from tests.factories import paying as online
from tests.integration.portal import worlds

LOGIN_BACKEND = "shop.forks.customer.auth_backends.EmailBackend"
STAFF_ROLES = ("marketer", "channel_manager", "finance", "support")
CANARY = "canary"
NOON = worlds.NOON
SUBSCRIPTION_PAGES = (
    "customer:subscription", "customer:subscription-review", "customer:subscription-change",
    "customer:subscription-cancel", "customer:subscription-method", "customer:subscription-pay",
    "customer:subscription-paid",
)  # fmt: skip
RETURN_PAGES = ("customer:return", "customer:return-cancel", "customer:return-slip")


@dataclass
class Side:
    """A buyer and a partner's people, and by URL name what fills the parameters of an address of theirs."""

    buyer: Any
    partner: ChannelPartner
    owned: dict[str, dict[str, Any]] = field(default_factory=dict)
    of_partner: dict[str, dict[str, Any]] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)


def browser_of(user: Any = None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, LOGIN_BACKEND)
    return client


def member(side: Side, role: str) -> Client:
    return browser_of(channel_factory.member(side.partner, role).user)


def staff(role: str) -> Any:
    user = shop.user(is_staff=True)
    user.groups.add(roles.sync()[role])
    return user


def superuser() -> Any:
    return shop.user(is_staff=True, is_superuser=True)


def two_sides() -> tuple[Side, Side]:
    content.home_page()
    worlds.rules_of_play()
    return side("anna"), side(CANARY)


def side(name: str) -> Side:
    company = shop.company(name=f"{name} foods")
    buyer = shop.buyer(company, role="admin", email=f"{name}@example.com", first_name=name, last_name=f"{name}sen")
    made = Side(buyer, channel_factory.partner(name, name=f"{name} networks", is_listed=False))
    own_shop(made, name)
    own_portal(made, name)
    return made


def own_shop(made: Side, name: str) -> None:
    buyer, product = made.buyer, shop.product(f"Probe {len(name)}")
    address = shop.address(buyer, line1=f"{name} street 1")
    order = shop.place(buyer, (product, 1), purchase_order_number=f"{name}-po")
    wishes = WishList.objects.create(owner=buyer, name=f"{name} wishes")
    elsewhere = WishList.objects.create(owner=buyer, name=f"{name} other wishes")
    wish = wishes.lines.create(product=product, title=product.title)
    mail = Email.objects.create(user=buyer, email=buyer.email, subject=f"{name} subject", body_text=f"{name} text")
    notice = Notification.objects.create(recipient=buyer, subject=f"{name} notice", body=f"{name} body")
    alert = ProductAlert.objects.create(user=buyer, product=product, status=ProductAlert.ACTIVE)
    basket = shop.basket(buyer, (product, 2))
    attempt = {"key": online.begun(buyer, (product, 1)).key}
    request = asks_to_join(made, name)
    returned = sends_back(order, name)
    subscription = subscriptions.subscribed(person=buyer, now=NOON)
    made.application = {"pk": request.application_id}
    ref, key = order.purchase.public_ref, {"key": wishes.key}
    made.owned = {
        "checkout:thank-you": {"public_ref": ref},
        "checkout:pay": attempt,
        "checkout:paying": attempt,
        "checkout:stop-paying": attempt,
        "customer:join-request": {"pk": request.pk},
        "customer:order": {"order_number": ref},
        "customer:invoice": {"number": order.invoice.number},
        "customer:invoice-file": {"number": order.invoice.number, "kind": "pdf"},
        "customer:invoices-payment": {"key": joint_payment(buyer, order.invoice).key},
        "customer:order-people": {"order_number": ref},
        "customer:order-return": {"order_number": ref},
        **{page: {"reference": returned.reference} for page in RETURN_PAGES},
        "customer:return-document": {"reference": returned.reference, "pk": returned.lines.get().documents.get().pk},
        **own_company(made, name),
        "customer:order-line": {"order_number": ref, "line_id": order.lines.get().pk},
        "customer:address-detail": {"pk": address.pk},
        "customer:address-delete": {"pk": address.pk},
        "customer:address-change-status": {"pk": address.pk, "action": "default_for_shipping"},
        "customer:email-detail": {"email_id": mail.pk},
        "customer:notifications-detail": {"pk": notice.pk},
        "customer:alerts-cancel-by-pk": {"pk": alert.pk},
        "customer:wishlists-detail": key,
        "customer:wishlists-update": key,
        "customer:wishlists-delete": key,
        "customer:wishlists-add-product": {**key, "product_pk": product.pk},
        "customer:wishlists-remove-product": {**key, "line_pk": wish.pk},
        "customer:wishlists-move-product-to-another": {**key, "line_pk": wish.pk, "to_key": elsewhere.key},
        "basket:line": {"pk": basket.lines.get().pk},
        "customer:payment-method": {"pk": saved_method(buyer, name).pk},
        **{page: {"pk": subscription.pk} for page in SUBSCRIPTION_PAGES},
        "customer:wishlists-create-with-product": {"product_pk": product.pk},
        "customer:alert-create": {"pk": product.pk},
    }


def sends_back(order: Any, name: str) -> ReturnRequest:
    """A return of the order that was approved, with a photo."""
    returns.arrive(order)
    photo = Document(b"%PDF-1.4 %%EOF", "application/pdf")
    made = returns.asked(order, returns.wanted(order, text=f"{name} scratch", documents=[photo]))
    return requests.approve(request_id=made.pk, at=returns.later(1), by=None, text=f"{name} note")


def saved_method(buyer: Any, name: str) -> SavedMethod:
    return SavedMethod.objects.create(
        company=buyer.company, provider_id=f"pm_{name}", kind="card", brand=name, last4="4242", added_by=buyer,
        added_at=NOON,
    )  # fmt: skip


def joint_payment(buyer: Any, invoice: Any) -> JointPayment:
    """A payment of the buyer's that was begun."""
    payment = paying.start(invoices=[invoice], company=buyer.company, kind="card", by=buyer, at=NOON)
    return JointPayment.objects.get(payment=payment)


def own_company(made: Side, name: str) -> dict[str, dict[str, Any]]:
    """A colleague, an invitation, a location, a cost centre and a partner of the side's company."""
    company, buyer = made.buyer.company, made.buyer
    colleague = shop.buyer(company, email=f"{name}.colleague@example.com", first_name=name, last_name="colleague")
    asked = Invitation.objects.create(
        company=company, email=f"{name}@invited.example.com", role_id="buyer", invited_by=buyer, sent_at=NOON
    )
    location = Location.objects.create(company=company, name=f"{name} works")
    cost_centre = CostCentre.objects.create(company=company, code=f"{name} 1")
    record_company(facts.company(company))
    sharing.set_sharing(
        company_key=str(company.key), partner_code=made.partner.code, level=2, is_told=True, may_order=False, at=NOON,
        actor=buyer,
    )  # fmt: skip
    role = Role.objects.create(company=company, code=f"{name}-own", name=f"{name} role", grants={"see_prices": "own"})
    person = {"pk": colleague.memberships.get().pk}
    return {
        "customer:company-person": person,
        "customer:company-person-leave": person,
        "customer:company-invitation": {"pk": asked.pk},
        "customer:company-role": {"code": role.code},
        "customer:company-location": {"pk": location.pk},
        "customer:company-cost-centre": {"pk": cost_centre.pk},
        "customer:company-sharing": {"code": made.partner.code},
        "customer:company-tax-file": {"pk": taxes.certificate(company, number=f"{name}-1", by=buyer).pk},
        "customer:company-switch": {"pk": buyer.memberships.get().pk},
    }


def asks_to_join(made: Side, name: str) -> JoinRequest:
    """Somebody who registered the side's company once more."""
    application = registration.registered(f"{name}@new.example.com", company_name=f"{name} foods once more")
    steps.take(application_id=application.pk, step=steps.Step.CONFIRM, at=NOON)
    return JoinRequest.objects.create(application=application, company=made.buyer.company, asked_at=NOON)


def renewing(made: Side, name: str, at: datetime) -> SubscriptionProfile:
    """A subscription of a company whose renewals the side's partner looks after."""
    worlds.subscription(f"{name}-contract", f"{name}-dairy", (LATER + worlds.days(60)).date())
    set_renewal_steward(
        company_key=f"{name}-dairy", partner_code=made.partner.code, valid_from=at, at=at, source="desk"
    )
    return SubscriptionProfile.objects.get(key=f"{name}-contract")


def own_portal(made: Side, name: str) -> None:
    """The second partner comes 75 days later, so that both have a statement of their own."""
    at = NOON if name != CANARY else NOON + worlds.days(75)
    code = channel_factory.code(made.partner, f"{name}-code", label=f"{name} label", campaign=f"{name} campaign")
    company = channel_factory.company_facts(f"{name}-brewery", name=f"{name} brewery")
    order = worlds.sold(f"ORD-{name}", through=made.partner, at=at, company=company)
    statement = worlds.stated_and_paid(made.partner, at=at + worlds.days(70))
    dispute = disputes.dispute_credit(
        partner_id=made.partner.pk, order_number=order.number, kind="amount", reason=f"{name} reason",
        at=at + worlds.days(71), by=None,
    )  # fmt: skip
    notices.tell(partner_id=made.partner.pk, kind="test", subject=f"{name} notice", body=name, key=name, at=at)
    renewal = {"pk": renewing(made, name, at).pk}
    made.of_partner = {
        "portal:renewal": renewal,
        "portal:renewal-activity": renewal,
        "portal:dispute": {"number": dispute.number},
        "portal:dispute-withdraw": {"number": dispute.number},
        "portal:order-dispute": {"number": order.number},
        "portal:order": {"number": order.number},
        "portal:link": {"pk": code.pk},
        "portal:link-switch": {"pk": code.pk},
        "portal:link-qr": {"pk": code.pk, "kind": "svg"},
        "portal:steward-accept": {"pk": steward_of(made.partner).pk},
        "portal:partner-change": asked_by_a_company(made),
        "portal:certificate": {"pk": harmony.proof(order, made.partner).pk},
        "portal:consultation": asked_about(made),
        "portal:consultation-comment": asked_about(made),
        "portal:statement": {"number": statement.number},
        "portal:payout-settings-cancel": {"pk": payouts.details(made.partner, holder=f"{name} bank").pk},
        "portal:statement-csv": {"number": statement.number},
        "portal:statement-pdf": {"number": statement.number},
        "portal:statement-json": {"number": statement.number},
    }


def steward_of(partner: Any) -> Relationship:
    """A company that the partner looks after."""
    return Relationship.objects.get_or_create(
        partner=partner, role=Relationship.Role.RENEWAL_STEWARD,
        defaults={
            "company": channel_factory.company(f"{partner.code}-steward"), "valid_from": NOON, "source": "desk",
            "recorded_at": NOON,
        },
    )[0]  # fmt: skip


def asked_by_a_company(made: Side) -> dict[str, Any]:
    """A company that would like the partner as its partner of record."""
    company = channel_factory.company(f"{made.partner.code}-wish")
    return {"pk": PartnerChange.objects.create(
        company=company, partner=made.partner, effective_on=NOON.date(), asked_at=NOON
    ).pk}  # fmt: skip


def asked_about(made: Side) -> dict[str, Any]:
    """A version of its own that the partner is asked about, so that the other one's is not found."""
    programme = Programme.objects.get_or_create(code=f"asked-{made.partner.code}", defaults={"name": "Asked"})[0]
    version = ProgrammeVersion.objects.get_or_create(programme=programme, version=1, defaults={"terms": {}})[0]
    DraftShare.objects.get_or_create(version=version, partner=made.partner, defaults={"shared_at": NOON})
    return {"pk": version.pk}


LATER = datetime(2026, 10, 15, 9, tzinfo=UTC)


def rows(*left_out: str) -> dict[str, list[Any]]:
    """Return every row of every table but the visitors' sessions and those of the models left out."""
    models = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    kept = (model for model in models if model._meta.label not in {"sessions.Session", *left_out})
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in kept}


def changes(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    return [label for label, kept in before.items() if after[label] != kept]
