"""Plays the planned history through the shop's own services, so that every record and posting is a real one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from oscar.apps.catalogue.models import Product

from channels import api
from channels.contracts import Channel, Medium, TouchKind, TouchpointFacts
from shop.billing.models import Invoice
from shop.billing.services import invoices
from shop.buying.services import place_order
from shop.demo.loaders import channel_desk, stories
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.companies import Customer
from shop.demo.loaders.plans import OrderPlan, StewardPlan, TakeBackPlan, TouchPlan
from shop.demo.loaders.timeline import Timeline
from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.operations import schedule
from shop.returns.models import TakeBack
from shop.returns.services import repayments, take_backs

MEDIA = {
    "link": Medium.PARTNER_LINK,
    "campaign": Medium.CAMPAIGN,
    "call": Medium.CALL_CENTRE,
    "visit": Medium.FIELD_SALES,
    "demo": Medium.FIELD_SALES,
    "event": Medium.EVENT,
}
# The night run of the store, here three times a month: on these days it renews, releases and closes.
NIGHT_RUN_DAYS = (1, 11, 21)
SETTLEMENT_DAY = 12
# The sweeper leaves a run alone for two minutes, in which its task should come.
TASK_DELAY = timedelta(minutes=3)


class Player:
    def __init__(
        self, *, clock: Clock, customers: dict[str, Customer], products: dict[str, Product], staff: dict[str, Any]
    ) -> None:
        self.clock = clock
        self.customers = customers
        self.products = products
        self.staff = staff
        self.timeline = Timeline(end=clock.now)
        self.placed: dict[str, Order] = {}

    def follow(self, at: datetime) -> None:
        """Attribute and rate what just happened, as the tasks do after a commit; the history has one commit, at its end."""
        api.heal(now=at + TASK_DELAY)

    def play(self, *, progress: Callable[[datetime], None]) -> int:
        day = self.clock.opening.replace(hour=2, minute=30, second=0, microsecond=0)
        while day <= self.clock.now:
            if day.day in NIGHT_RUN_DAYS:
                self.timeline.plan(day, self._night_run)
            if day.day == SETTLEMENT_DAY:
                self.timeline.plan(day.replace(hour=9), self._settle)
            day += timedelta(days=1)
        return self.timeline.run(progress=progress)

    # --- planning -------------------------------------------------------------------------------------------------

    def plan_order(self, plan: OrderPlan) -> None:
        placed_at = self.clock.ago(plan.days_ago, hour=9 + len(plan.code) % 7, minute=len(plan.lines) * 11 % 60)
        for number, touch in enumerate(plan.touches):
            at = placed_at - timedelta(days=touch.before)
            self.timeline.plan(at, partial(self._touch, plan, touch, number))
        self.timeline.plan(placed_at, partial(self._place, plan))

    def plan_steward(self, plan: StewardPlan) -> None:
        self.timeline.plan(self.clock.ago(plan.days_ago, hour=11), partial(self._set_steward, plan))

    def plan_act(self, at: datetime, act: Callable[[datetime], None]) -> None:
        self.timeline.plan(at, act)

    # --- acts -----------------------------------------------------------------------------------------------------

    def _touch(self, plan: OrderPlan, touch: TouchPlan, number: int, at: datetime) -> None:
        customer = self.customers[plan.company]
        online = touch.is_online
        api.record_touchpoint(
            TouchpointFacts(
                key=f"demo:{plan.code}:{number}",
                kind=TouchKind(touch.kind),
                medium=MEDIA[touch.kind],
                at=at,
                partner_code=touch.partner,
                link_code=touch.link,
                campaign=touch.campaign,
                visitor_key=_visitor(plan) if online else "",
                company_key="" if online else str(customer.company.key),
                recorded_by_id=None if online else self.staff["channel_manager"].pk,
                note=touch.note,
            )
        )

    def _place(self, plan: OrderPlan, at: datetime) -> None:
        customer = self.customers[plan.company]
        buyer = next(user for user in customer.buyers if user.email == plan.buyer)
        visitor = _visitor(plan) if any(touch.is_online for touch in plan.touches) else ""
        if visitor:
            api.link_visitor(
                visitor_key=visitor,
                user_id=buyer.pk,
                company_key=str(customer.company.key),
                at=at - timedelta(minutes=9),
            )
        order = place_order.place(
            company=customer.company,
            user=buyer,
            channel=Channel.RESELLER if plan.partner else Channel.DIRECT,
            chosen_partner=plan.partner,
            now=at,
            lines=[place_order.OrderedLine(product=self.products[sku], quantity=units) for sku, units in plan.lines],
            shipping_address=customer.address,
            purchase_order_number=_purchase_order_number(plan),
            visitor_key=visitor,
            notify=False,
        )
        self.placed[plan.code] = order
        self.follow(at)
        if plan.pay_after is not None:
            self.timeline.plan(at + timedelta(days=plan.pay_after), partial(self._pay, order.pk))
        if plan.deliver_after is not None:
            self.timeline.plan(at + timedelta(days=plan.deliver_after), partial(self._deliver, order.pk))
        if plan.take_back:
            self._plan_take_back(order, plan.code, plan.take_back, at=at)

    def _plan_take_back(self, order: Order, code: str, plan: TakeBackPlan, *, at: datetime) -> None:
        self.timeline.plan(at + timedelta(days=plan.after), partial(self._take_back, order, code, plan))

    def _take_back(self, order: Order, code: str, plan: TakeBackPlan, at: datetime) -> None:
        wanted = dict(plan.lines)
        quantities = {
            line.pk: wanted[line.partner_sku] if wanted else line.quantity
            for line in order.lines.all()
            if not wanted or line.partner_sku in wanted
        }
        record = take_backs.take_back(
            order_id=order.pk,
            quantities=quantities,
            key=f"demo:{code}",
            at=at,
            reason=plan.reason,
            by=self.staff["support"],
        )
        self.pay_back(record, at)
        self.follow(at)

    def pay_back(self, record: TakeBack, at: datetime) -> None:
        """Have finance transfer what waits."""
        for row in record.repayments.all():
            reference = f"Refund {record.order.number}"
            repayments.release(repayment_id=row.pk, at=at, by=self.staff["finance"], reference=reference)

    def _pay(self, order_id: int, at: datetime) -> None:
        invoice = Invoice.objects.get(order_id=order_id)
        if invoice.state == Invoice.State.OPEN:
            reference = f"Bank {at:%Y-%m-%d} {invoice.number}"
            invoices.mark_paid(invoice_id=invoice.pk, at=at, reference=reference, by=self.staff["finance"])
            self.follow(at)

    def _deliver(self, order_id: int, at: datetime) -> None:
        deliveries.deliver(order_id=order_id, at=at, now=at, by=self.staff["support"])
        self.follow(at)

    def _set_steward(self, plan: StewardPlan, at: datetime) -> None:
        api.set_renewal_steward(
            company_key=str(self.customers[plan.company].company.key),
            partner_code=plan.partner,
            valid_from=at,
            at=at,
            source="desk",
            evidence=plan.evidence,
            actor=self.staff["channel_manager"],
        )

    def _night_run(self, at: datetime) -> None:
        """Renewals of the night get their invoice; the customer pays it as it pays the others."""
        known = set(Invoice.objects.values_list("pk", flat=True))
        schedule.run_own(now=at)
        for invoice in Invoice.objects.exclude(pk__in=known).select_related("order__purchase"):
            delay = invoice.order.purchase.payment_terms_days - 4
            due = max(invoice.issued_at + timedelta(days=delay), at + timedelta(hours=8))
            self.timeline.plan(due, partial(self._pay, invoice.order_id))

    def _settle(self, at: datetime) -> None:
        channel_desk.settle_statements(at=at, finance=self.staff["finance"])


def _visitor(plan: OrderPlan) -> str:
    return f"demo-{plan.company}-{plan.code}".lower()[:40]


def _purchase_order_number(plan: OrderPlan) -> str:
    return stories.purchase_order_number(plan.code) if plan.expect else f"PO-{plan.company[:3].upper()}-{plan.code}"
