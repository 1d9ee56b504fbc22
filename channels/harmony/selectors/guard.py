"""Asking the undercut guard, and reading what it found. Nothing is written here: a basket's page asks too."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from channels.contracts import GuardOutcome, PriceCheck, PriceFinding, PriceSource, PriceVerdict
from channels.harmony.engine import guard as engine
from channels.harmony.models import GuardCheck, GuardFinding, GuardOverride, GuardSetting, Mode
from channels.harmony.selectors import terms


def check_prices(facts: PriceCheck) -> PriceVerdict:
    """Hold direct prices against what partners pay, without writing: five queries for any number of products.

    An offer that starts later is checked against the terms of the day on which it starts.
    """
    return verdict(facts)[0]


def verdict(facts: PriceCheck) -> tuple[PriceVerdict, list[engine.Finding]]:
    """Return the verdict, and the findings with everything that a record of them needs."""
    found = findings(facts)
    if not found:
        return PriceVerdict(outcome=GuardOutcome.CLEAR), []
    left = engine.open_findings(found, leaves(skus={finding.proposal.sku for finding in found}, at=facts.at))
    if not left:
        return PriceVerdict(outcome=GuardOutcome.APPROVED, findings=_told(found)), found
    return PriceVerdict(outcome=_outcome(facts, mode_for(facts.source, at=facts.at)), findings=_told(left)), left


def findings(facts: PriceCheck) -> list[engine.Finding]:
    skus = {proposal.sku for proposal in facts.proposals}
    if not skus:
        return []
    at = max(facts.starts_at or facts.at, facts.at)
    partners = terms.partner_terms(skus=skus, classes={proposal.product_class for proposal in facts.proposals}, at=at)
    proposals = [
        engine.Proposal(
            key=facts.reference,
            sku=proposal.sku,
            title=proposal.title,
            product_class=proposal.product_class,
            quantity=proposal.quantity,
            direct_minor=proposal.direct_minor,
            # A changed list price changes what a discount on list leaves the partner to pay.
            list_minor=proposal.direct_minor // proposal.quantity
            if proposal.is_list_price
            else proposal.list_unit_minor,
            currency=proposal.currency,
            company_key=proposal.company_key,
        )
        for proposal in facts.proposals
    ]
    return engine.check(proposals, partners, terms.advertised(skus=skus, at=at), at=at)


def leaves(*, skus: Iterable[str], at: datetime) -> list[engine.Leave]:
    """Return what approved overrides give leave for."""
    rows = GuardFinding.objects.filter(
        sku__in=set(skus),
        guard_check__override__state=GuardOverride.State.APPROVED,
        guard_check__override__decided_at__lte=at,
        guard_check__override__expires_at__gt=at,
    )
    return [
        engine.Leave(
            sku=row.sku,
            company_key=row.company_key,
            kind=row.kind,
            partner=row.partner_id,
            quantity=row.quantity,
            direct_minor=row.direct_minor,
            currency=row.currency,
        )
        for row in rows
    ]


def mode_for(source: PriceSource, *, at: datetime) -> str:
    """Return what is set for prices or promotions; a basket's discount comes of promotions."""
    setting = GuardSetting.objects.filter(at__lte=at).first()
    if setting is None:
        return Mode.BLOCK
    return setting.prices if source == PriceSource.PRICE else setting.promotions


def _outcome(facts: PriceCheck, mode: str) -> GuardOutcome:
    if mode == Mode.BLOCK:
        return GuardOutcome.TOPPED_UP if facts.must_pass else GuardOutcome.BLOCKED
    # At the till nothing is agreed anew with partners: what is not extended already is topped up.
    if mode == Mode.EXTEND and facts.source != PriceSource.BASKET:
        return GuardOutcome.EXTENDED
    return GuardOutcome.TOPPED_UP


def _told(found: Iterable[engine.Finding]) -> tuple[PriceFinding, ...]:
    return tuple(
        PriceFinding(
            sku=finding.proposal.sku,
            title=finding.proposal.title,
            company_key=finding.proposal.company_key,
            quantity=finding.proposal.quantity,
            partner_code=finding.partner_code,
            partner_name=finding.partner_name,
            kind=finding.kind,
            direct_minor=finding.proposal.direct_minor,
            floor_minor=finding.floor_minor,
            gap_minor=finding.gap_minor,
            currency=finding.proposal.currency,
        )
        for finding in found
    )


# --- the desk's lists -----------------------------------------------------------------------------------------------


def checks(*, query: str = "", outcome: str = "", source: str = "") -> QuerySet[GuardCheck]:
    rows = GuardCheck.objects.select_related("actor", "override").annotate(
        hurt=Count("findings__partner", distinct=True), found=Count("findings"), gap_minor=Sum("findings__gap_minor")
    )
    if query:
        named = Q(label__icontains=query) | Q(findings__sku__icontains=query) | Q(findings__title__icontains=query)
        rows = rows.filter(pk__in=GuardCheck.objects.filter(named).values("pk"))
    wanted = {"outcome": outcome, "source": source}
    return rows.filter(**{name: value for name, value in wanted.items() if value}).order_by("-at", "-pk")
