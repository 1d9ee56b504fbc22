"""What the buyer has chosen on the way to an order. Kept in the session, checked again wherever it is used."""

from dataclasses import asdict, dataclass

from django.http import HttpRequest
from oscar.apps.address.models import UserAddress

from channels.contracts import Channel
from shop.companies.models import LocationAddress, Membership
from shop.companies.selectors import addresses_of, location_addresses_of

SESSION_KEY = "checkout"


@dataclass(slots=True)
class Choices:
    """Empty means: not chosen yet."""

    channel: str = ""
    partner_code: str = ""
    address: str = ""  # as `address_choice` names it
    shipping_code: str = ""
    requested_on: str = ""  # a day, as ISO writes it
    pay_with: str = ""  # as `ways_to_pay` names it
    purchase_order_number: str = ""
    cost_centre_id: int | None = None

    @property
    def has_channel(self) -> bool:
        return self.channel == Channel.DIRECT or (self.channel == Channel.RESELLER and bool(self.partner_code))

    def choose_seller(self, seller: str) -> None:
        """Take "direct" or a channel partner's code prefixed by "partner:"."""
        kind, _, code = seller.partition(":")
        is_reseller = kind == "partner" and bool(code)
        self.channel = (Channel.RESELLER if is_reseller else Channel.DIRECT).value
        self.partner_code = code if is_reseller else ""

    @property
    def seller(self) -> str:
        return f"partner:{self.partner_code}" if self.channel == Channel.RESELLER else self.channel

    def forget_channel(self) -> None:
        self.channel = self.partner_code = ""


def load(request: HttpRequest) -> Choices:
    stored = request.session.get(SESSION_KEY) or {}
    known = {name: value for name, value in stored.items() if name in Choices.__dataclass_fields__}
    return Choices(**known)


def save(request: HttpRequest, choices: Choices) -> None:
    request.session[SESSION_KEY] = asdict(choices)


def clear(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def address_choice(address: UserAddress | LocationAddress) -> str:
    """Name an address among those of people and those of locations."""
    return f"location-{address.pk}" if isinstance(address, LocationAddress) else str(address.pk)


def chosen_address(choices: Choices, *, membership: Membership) -> UserAddress | LocationAddress | None:
    """Return the chosen delivery address if it still exists and the buyer may use it."""
    kind, _, pk = choices.address.rpartition("-")
    if not pk.isdecimal():
        return None
    if kind == "location":
        return location_addresses_of(membership).filter(pk=pk).first()
    return addresses_of(user=membership.user, company=membership.company).filter(pk=pk).first()
