"""Loading the demo store, step by step."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from shop.catalogue.services import index
from shop.demo import catalogue_file
from shop.demo.loaders import (
    catalogue,
    channel_desk,
    channel_rounds,
    companies,
    contracts,
    generated,
    goods,
    harmony,
    offerings,
    offers,
    pages,
    pictures,
    prices,
    receivables,
    returns,
    roles,
    stories,
)
from shop.demo.loaders.clock import HISTORY_MONTHS, Clock
from shop.demo.loaders.history import Player

Say = Callable[[str], None]
MARK = "admin@nordlys.example.com"


def is_loaded() -> bool:
    return get_user_model().objects.filter(email=MARK).exists()


def load(*, now: datetime, months: int = HISTORY_MONTHS, say: Say = print) -> None:
    """Fill an empty store, in one transaction: a load that is interrupted leaves nothing but drawn files."""
    clock = Clock(now=now, months=months)
    rows = catalogue_file.products()
    with _quiet(), index.paused(), transaction.atomic():
        say("Catalogue")
        products = catalogue.load(rows)
        catalogue.load_costs(rows, at=clock.opening)
        offers.load(products, clock=clock)
        say("Illustrations and datasheets")
        pictures.load(rows, products)
        say("People, terms, partners and companies")
        staff = roles.load(clock=clock)
        manager, finance = staff["channel_manager"], staff["finance"]
        channel_desk.publish_terms(clock=clock, manager=manager, finance=finance)
        channel_desk.set_touch_costs(clock=clock, manager=manager)
        channel_rounds.record_exchange_rates(clock=clock, finance=finance)
        partners = channel_desk.load_partners(clock=clock, manager=manager)
        customers = companies.load(clock=clock)
        harmony.load(clock=clock, products=products, staff=staff)
        goods.fill_shelves()
        player = Player(clock=clock, customers=customers, products=products, staff=staff)
        plan_history(player, partners, manager=manager)
        plan_rounds(player)
        say(f"{months} months of orders")
        player.play(progress=_by_quarter(say))
        contracts.silence()
        goods.ship(now=now)
        goods.set_shelves(rows)
        offerings.load(products, customers=customers, clock=clock)
        prices.load(products, customers=customers, staff=staff, clock=clock)
        say("Catalogue index")
        index.rebuild()
        say("Pages and articles")
        pages.load(clock=clock)
        say("Committing")


def plan_history(player: Player, partners: dict[str, Any], *, manager: Any) -> None:
    clock = player.clock
    told = stories.orders(longest=clock.days)
    generator = generated.Generator(companies.rows(), channel_desk.partner_rows())
    for plan in [*told, *generator.orders(months=clock.months, stories=told)]:
        player.plan_order(plan)
    for steward in stories.stewards(longest=clock.days):
        player.plan_steward(steward)
    for row in channel_desk.partner_rows():
        if days := row.get("suspended_days_ago"):
            player.plan_act(
                clock.ago(days, hour=16),
                partial(channel_desk.suspend, partners[row["code"]], row["suspended_reason"], manager),
            )


def plan_rounds(player: Player) -> None:
    """What is new at the desk in the last months."""
    clock, staff, products = player.clock, player.staff, player.products
    plan = player.plan_act
    receivables.plan(player, clock=clock)
    returns.plan(player, clock=clock)
    contracts.plan(player, clock=clock)
    channel_rounds.plan_terms(plan, clock=clock, staff=staff)
    channel_rounds.plan_disputes(plan, clock=clock, staff=staff, placed=player.placed)
    channel_rounds.plan_foreign_order(plan, clock=clock, customers=player.customers, products=products)
    for tried in harmony.tried_prices():
        act = partial(harmony.try_price, tried, products[tried["sku"]], staff, clock.now + timedelta(days=30))
        plan(clock.ago(tried["days_ago"], hour=14), act)


def _by_quarter(say: Say) -> Callable[[datetime], None]:
    seen: set[tuple[int, int]] = set()

    def progress(at: datetime) -> None:
        quarter = (at.year, (at.month - 1) // 3)
        if quarter not in seen:
            seen.add(quarter)
            say(f"  {at:%B %Y}")

    return progress


@contextmanager
def _quiet() -> Iterator[None]:
    """No mail of 18 months ago goes out, and the log does not tell of each task and page: only errors are shown."""
    before = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = before
        logging.disable(logging.NOTSET)
