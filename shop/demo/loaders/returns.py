"""Three returns: one that was just asked for, one that lies in the warehouse, and one that is refunded."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from shop.billing.models import Invoice
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.history import Player
from shop.forks.order.models import Line, Order
from shop.fulfilment import deliveries
from shop.returns.models import ReturnPolicy, ReturnRequest
from shop.returns.services import goods, grants, requests
from shop.returns.services.goods import Finding
from shop.returns.services.requests import Wanted

REASONS = (
    ("ordered_wrongly", "We need the longer cable.", "refund"),
    ("defective", "Reads two degrees too much.", "replace"),
    ("too_many", "One site was closed.", "refund"),
)


class Story:
    """The acts, on the latest paid orders of goods, each of another company."""

    def __init__(self, player: Player) -> None:
        self.player, self.staff = player, player.staff
        self.orders: list[Order] = []
        self.made: list[ReturnRequest] = []

    def arrive(self, at: datetime) -> None:
        ReturnPolicy.objects.get_or_create(company=None, category=None, product_class=None, defaults={"days": 30})
        self.orders = _orders()
        for order in self.orders:
            deliveries.deliver(order_id=order.pk, at=at, now=at, by=self.staff["support"])
        self.player.follow(at)

    def ask(self, at: datetime) -> None:
        for place, (order, (reason, text, wish)) in enumerate(zip(self.orders, REASONS, strict=False)):
            wanted = Wanted(line_id=_goods_of(order).pk, quantity=1, reason=reason, text=text, wish=wish)
            key = uuid5(NAMESPACE_URL, f"demo:return:{place}")
            self.made.append(requests.ask(order_id=order.pk, key=key, lines=[wanted], at=at, by=order.user))

    def approve(self, at: datetime) -> None:
        for found in self.made[1:]:
            requests.approve(request_id=found.pk, at=at, by=self.staff["support"])

    def receive(self, at: datetime) -> None:
        for found in self.made[1:]:
            quantities = {line.pk: line.quantity for line in found.lines.all()}
            goods.receive(request_id=found.pk, quantities=quantities, at=at, by=self.staff["support"])

    def grant(self, at: datetime) -> None:
        for found in self.made[2:]:
            finding = Finding(condition="unopened", accepted=1, outcome="refund", restock=1)
            findings = {line.pk: finding for line in found.lines.all()}
            goods.inspect(request_id=found.pk, findings=findings, at=at, by=self.staff["support"])
            granted = grants.grant(request_id=found.pk, at=at, by=self.staff["support"])
            if granted.take_back:
                self.player.pay_back(granted.take_back, at)
        self.player.follow(at)


def plan(player: Player, *, clock: Clock) -> None:
    story = Story(player)
    for days, act in ((13, story.arrive), (9, story.ask), (8, story.approve), (4, story.receive), (3, story.grant)):
        player.plan_act(clock.ago(days, hour=11), act)


def _orders() -> list[Order]:
    """The latest paid order of each of three companies that has goods; the stories keep theirs as they are told."""
    rows = Order.objects.filter(
        invoice__state=Invoice.State.PAID, invoice__credited_incl_tax=0, user__isnull=False,
        lines__product__product_class__requires_shipping=True,
    ).exclude(purchase__purchase_order_number__startswith="STORY-")  # fmt: skip
    found: dict[int, Order] = {}
    for order in rows.select_related("purchase").distinct().order_by("-date_placed", "-pk")[:60]:
        found.setdefault(order.purchase.company_id, order)
    return list(found.values())[: len(REASONS)]


def _goods_of(order: Order) -> Line:
    line: Line = order.lines.filter(product__product_class__requires_shipping=True).order_by("pk")[0]
    return line
