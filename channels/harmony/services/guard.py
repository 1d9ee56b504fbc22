"""Keeping what the undercut guard found, and doing what its setting says: extend, or count on the top-up."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.contracts import GuardOutcome, PriceCheck, PriceVerdict
from channels.core.ids import key
from channels.harmony.engine import guard as engine
from channels.harmony.engine.terms import extended_buy_price
from channels.harmony.models import AdvertisedPrice, BuyTerm, GuardCheck, GuardFinding, GuardSetting, Mode, Source
from channels.harmony.selectors import guard as selectors
from channels.harmony.services import telling


@transaction.atomic
def set_modes(*, prices: str, promotions: str, at: datetime, actor: AbstractBaseUser, reason: str) -> GuardSetting:
    """Say what happens to undercuts from now on."""
    setting = GuardSetting.objects.create(
        prices=Mode(prices), promotions=Mode(promotions), at=at, by_id=actor.pk, reason=reason[:255]
    )
    record(
        verb="guard.set", subject=setting, at=at, actor=actor, reason=reason,
        data={"prices": setting.prices, "promotions": setting.promotions},
    )  # fmt: skip
    return setting


@transaction.atomic
def record_price_check(facts: PriceCheck, *, actor_id: int | None = None) -> PriceVerdict:
    """Ask the guard and keep its answer, in the caller's transaction; the same prices again change nothing.

    What would have hurt a partner leaves a GuardCheck with its findings. When the setting extends promotions, each
    partner's buy price is lowered for as long and the partner is told. A caller whose prices are blocked rolls its own
    writes back and records outside of them.
    """
    verdict, found = selectors.verdict(facts)
    if not found:
        return verdict
    check, is_new = GuardCheck.objects.get_or_create(
        key=_key(facts, verdict.outcome, found),
        defaults={
            "source": facts.source.value,
            "reference": facts.reference[:140],
            "label": facts.label[:255],
            "outcome": verdict.outcome.value,
            "at": facts.at,
            "until": facts.until,
            "actor_id": actor_id,
        },
    )
    if is_new:
        GuardFinding.objects.bulk_create(_row(check, finding, facts) for finding in found)
        if verdict.outcome == GuardOutcome.EXTENDED:
            extend(check, facts, found)
    return verdict


def extend(check: GuardCheck, facts: PriceCheck, found: Sequence[engine.Finding]) -> None:
    """Let the partners buy, and advertise, as low as the promotion goes; tell those whose price falls."""
    starts = max(facts.starts_at or facts.at, facts.at)
    before = {(proposal.sku, proposal.currency): proposal.list_unit_minor for proposal in facts.proposals}
    lowest: dict[tuple[int, str, str], int] = {}
    minima: dict[tuple[str, str], int] = {}
    for finding in found:
        proposal = finding.proposal
        unit = proposal.direct_minor // proposal.quantity
        product = (proposal.sku, proposal.currency)
        if finding.partner is None:
            minima[product] = min(unit, minima.get(product, unit))
            continue
        price = extended_buy_price(
            buy_minor=(finding.buy_minor or 0) // proposal.quantity,
            margin_bp=finding.margin_bp,
            direct_minor=unit,
            list_minor=before[product],
        )
        scope = (finding.partner, *product)
        lowest[scope] = min(price, lowest.get(scope, price))
    common = {
        "valid_from": starts, "valid_to": facts.until, "source": Source.PROMOTION, "reason": check.label[:255],
        "recorded_at": facts.at, "recorded_by_id": check.actor_id,
    }  # fmt: skip
    BuyTerm.objects.bulk_create(
        BuyTerm(
            key=key("extended", check.pk, partner, sku, currency),
            partner_id=partner,
            sku=sku,
            price_minor=price,
            currency=currency,
            **common,
        )
        for (partner, sku, currency), price in lowest.items()
    )
    AdvertisedPrice.objects.bulk_create(
        AdvertisedPrice(
            key=key("extended", check.pk, sku, currency), sku=sku, price_minor=price, currency=currency, **common
        )
        for (sku, currency), price in minima.items()
    )
    telling.promotion_extended(check=check, prices=lowest, starts=starts, at=facts.at)


def _row(check: GuardCheck, finding: engine.Finding, facts: PriceCheck) -> GuardFinding:
    proposal = finding.proposal
    return GuardFinding(
        guard_check=check,
        kind=finding.kind,
        company_key=proposal.company_key,
        sku=proposal.sku,
        title=proposal.title[:255],
        product_class=proposal.product_class,
        quantity=proposal.quantity,
        partner_id=finding.partner,
        direct_minor=proposal.direct_minor,
        list_minor=next(item.list_unit_minor for item in facts.proposals if item.sku == proposal.sku),
        buy_minor=finding.buy_minor,
        floor_minor=finding.floor_minor,
        gap_minor=finding.gap_minor,
        currency=proposal.currency,
    )


def _key(facts: PriceCheck, outcome: GuardOutcome, found: Sequence[engine.Finding]) -> str:
    """The same prices, pressed twice, are one check: else the dashboard would count each press as prevented."""
    told = [
        (f.proposal.sku, f.proposal.company_key, f.proposal.quantity, f.proposal.direct_minor, f.kind, f.partner, f.floor_minor)
        for f in found
    ]  # fmt: skip
    until = facts.until.isoformat() if facts.until else ""
    digest = hashlib.sha256(json.dumps([told, until]).encode()).hexdigest()[:20]
    return key(facts.source.value, facts.reference[:80], outcome.value, digest)
