"""The rest of the history: drawn from a fixed seed, shaped by how each customer was introduced."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, TypeAlias

from shop.demo.catalogue_file import read
from shop.demo.loaders.plans import Lines, OrderPlan, TakeBackPlan, TouchPlan

MONTH = 30.44
Quiet: TypeAlias = Sequence[tuple[str, float]]
# A quiet story wants no other touch inside the policy's window, nor an order that would make a new relationship.
QUIET_DAYS = 100
LONGEST_OVERDUE = 27  # days
OWN_TOUCHES = ("campaign", "campaign", "call")
PARTNER_TOUCHES = ("link", "link", "visit", "call", "demo")
NOTES = {
    "visit": "Visit on site",
    "call": "Call about the quotation",
    "demo": "Demonstration on site",
    "link": "",
    "campaign": "",
}
REASONS = ("Too many ordered", "Wrong connection", "Project became smaller")


class Generator:
    """Draws orders month by month; `companies` and `partners` are the rows of the fixture files."""

    def __init__(self, companies: Sequence[dict[str, Any]], partners: Sequence[dict[str, Any]]) -> None:
        self.settings = read("journeys.toml")["generated"]
        self.random = Random(self.settings["seed"])
        self.partners = {row["code"]: row for row in partners}
        self.companies = [
            row
            for row in companies
            if row["segment"] in self.settings["baskets"]
            and row["introduced"] != "direct"
            and row.get("status") != "pending"
        ]

    def orders(self, *, months: int, stories: Sequence[OrderPlan]) -> list[OrderPlan]:
        quiet = [(plan.company, plan.days_ago) for plan in stories if plan.is_quiet]
        first, last = self.settings["orders_first_month"], self.settings["orders_last_month"]
        plans = []
        for month in range(months):
            count = round(first + (last - first) * month / max(months - 1, 1))
            for place in range(count):
                days_ago = (months - month) * MONTH - (place + self.random.random()) * MONTH / count
                plan = self._order(days_ago, code=f"G{month:02d}{place}")
                if plan and not _is_disturbing(plan, quiet):
                    plans.append(_without_noise(plan, quiet))
        return self._with_late_payers(plans)

    def _order(self, days_ago: float, *, code: str) -> OrderPlan | None:
        if days_ago < 3:
            return None
        company = self.random.choice(self.companies)
        people = [person for person in company["people"] if person["role"] != "viewer"]
        partner = self.partners[company["introduced"]]
        active = "suspended_days_ago" not in partner or days_ago > partner["suspended_days_ago"]
        resells = partner["kind"] in {"reseller", "var", "integrator"} and active
        chosen = company["introduced"] if resells and self._happens(self.settings["through_reseller"]) else ""
        lines = self._basket(company["segment"], partner if chosen else None)
        pay_after = company["terms_days"] + self.random.randint(-9, 6)
        return OrderPlan(
            code=code,
            company=company["slug"],
            buyer=self.random.choice(people)["email"],
            days_ago=days_ago,
            partner=chosen,
            lines=lines,
            touches=self._touches(company, partner),
            pay_after=max(pay_after, 5),
            take_back=self._refund(lines, pay_after),
        )

    def _with_late_payers(self, plans: list[OrderPlan]) -> list[OrderPlan]:
        """Leave each second invoice unpaid that is overdue now, and not so long that its company buys nothing more."""
        terms = {row["slug"]: row["terms_days"] for row in self.companies}
        overdue = [
            plan.code
            for plan in plans
            if 4 <= plan.days_ago - terms[plan.company] <= LONGEST_OVERDUE and not plan.take_back
        ]
        late = set(overdue[::2])
        return [replace(plan, pay_after=None) if plan.code in late else plan for plan in plans]

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _basket(self, segment: str, reseller: dict[str, Any] | None) -> Lines:
        """A reseller sells what its agreement names; services stay out when it may not sell them."""
        template = self.random.choice(self.settings["baskets"][segment])
        lines = [(sku, self.random.randint(fewest, most)) for sku, fewest, most in template]
        if reseller and reseller["product_classes"] and "spare-part" not in reseller["product_classes"]:
            lines = [line for line in lines if not line[0].startswith(("AC-", "SP-"))]
        return tuple(lines)

    def _touches(self, company: dict[str, Any], partner: dict[str, Any]) -> tuple[TouchPlan, ...]:
        count = self.random.randint(0, self.settings["most_touches"])
        days = sorted((self.random.uniform(1, self.settings["touch_days"]) for _ in range(count)), reverse=True)
        return tuple(self._touch(before, company, partner) for before in days)

    def _touch(self, before: float, company: dict[str, Any], partner: dict[str, Any]) -> TouchPlan:
        if self._happens(0.35):
            kind = self.random.choice(OWN_TOUCHES)
            campaign = self.random.choice(self.settings["campaign"])["name"] if kind == "campaign" else ""
            return TouchPlan(before=before, kind=kind, campaign=campaign, note=NOTES[kind])
        if partner["code"] != "pumpwise" and self._happens(0.12):
            return TouchPlan(before=before, kind="link", partner="pumpwise", link="pumpwise")
        kinds = ("link",) if partner["kind"] == "affiliate" else PARTNER_TOUCHES
        kind = self.random.choice(kinds)
        link = partner["codes"][0]["code"] if kind == "link" else ""
        return TouchPlan(before=before, kind=kind, partner=partner["code"], link=link, note=NOTES[kind])

    def _refund(self, lines: Lines, pay_after: float) -> TakeBackPlan | None:
        if not self._happens(self.settings["refund_share"]):
            return None
        sku, quantity = max(lines, key=lambda line: line[1])
        units = max(1, quantity // 3)
        after = max(pay_after, 5) + self.random.uniform(4, 25)
        return TakeBackPlan(after=after, reason=self.random.choice(REASONS), lines=((sku, units),))


def _is_disturbing(plan: OrderPlan, quiet: Quiet) -> bool:
    return any(plan.company == company and since <= plan.days_ago <= since + QUIET_DAYS for company, since in quiet)


def _without_noise(plan: OrderPlan, quiet: Quiet) -> OrderPlan:
    """A later order keeps only the touches that do not reach into the time before a quiet story."""
    windows = [since for company, since in quiet if company == plan.company]
    kept = tuple(
        touch
        for touch in plan.touches
        if not any(since <= plan.days_ago + touch.before <= since + QUIET_DAYS for since in windows)
    )
    return replace(plan, touches=kept)
