"""Proving, right after an order was rated and in the same transaction, that no partner is worse off by a direct sale.

The deficit is a TOP_UP accrual that follows target minus posted as commission does: a refund shrinks it, and with
nothing left of the line it is exactly zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import CommissionType, Target
from channels.commissions.models import Accrual
from channels.commissions.selectors.targets import partner_key
from channels.commissions.services import accruals
from channels.commissions.services.rating import Rated
from channels.contracts import Channel
from channels.core.money import BASIS, divide_half_up
from channels.core.roles import Role
from channels.harmony.engine.proof import Sale, Worth
from channels.harmony.engine.proof import prove as compare
from channels.harmony.engine.terms import Advertised, Product, Term, advertised_price, buy_price, floor_of
from channels.harmony.models import Proof
from channels.harmony.selectors import terms
from channels.journeys.models import Credit, OrderLine
from channels.partners.models import Agreement

TOP_UP = CommissionType.TOP_UP
RULE = "no-worse-off"
LABEL = "No-worse-off guarantee"
# Whoever is credited here would have sold the line itself. Influence and override are paid for another's sale.
RESELLING_POOLS = (Credit.Pool.RESALE, Credit.Pool.REFERRAL, Credit.Pool.RENEWAL)

Pair = tuple[int, int]  # order line, partner


@dataclass(frozen=True, slots=True)
class Known:
    """What proofs are made from: read once for all orders that are rated together."""

    first: dict[Pair, Proof]
    terms: dict[int, list[Term]]
    agreements: dict[int, list[Agreement]]
    advertised: list[Advertised]


def prove(done: Sequence[Rated]) -> list[Accrual]:
    """Write the proofs of orders just rated; return the accruals that make up for what falls short."""
    direct = [rated for rated in done if _is_provable(rated)]
    if not direct:
        return []
    known = _read(direct)
    proofs: list[Proof] = []
    rows: list[Accrual] = []
    for rated in direct:
        made = _proofs_of(rated, known)
        proofs += made
        rows += _top_ups(rated, made)
    Proof.objects.bulk_create(proofs)
    return rows


def _is_provable(rated: Rated) -> bool:
    """Before payment, outside every programme, or through a reseller there is nothing to make good."""
    facts = rated.facts
    return facts.order.channel == Channel.DIRECT and facts.terms is not None and facts.paid_at is not None


def _read(direct: Sequence[Rated]) -> Known:
    first: dict[Pair, Proof] = {}
    lines = [line for rated in direct for line in rated.facts.lines]
    for row in Proof.objects.filter(line__in=lines).select_related("term", "agreement").order_by("-pk"):
        first[row.line_id, row.partner_id] = row
    partners = {credit.partner_id for rated in direct for credit in rated.facts.credits}
    agreements: dict[int, list[Agreement]] = {}
    signed = Agreement.objects.filter(partner_id__in=partners).exclude(status__in=terms.NOT_SIGNED)
    for agreement in signed.order_by("version"):
        agreements.setdefault(agreement.partner_id, []).append(agreement)
    return Known(
        first, terms.terms_of_partners(partners), agreements, terms.advertised_ever({line.sku for line in lines})
    )


def _proofs_of(rated: Rated, known: Known) -> list[Proof]:
    shares: dict[Pair, int] = {}
    for credit in rated.facts.credits:
        # A house order is credited for the territory alone: the partner did not know the customer.
        if credit.pool in RESELLING_POOLS and credit.role != Role.HOUSE_ORDER:
            pair = (credit.line_id, credit.partner_id)
            shares[pair] = max(credit.share_bp, shares.get(pair, 0))
    made = []
    for line in rated.facts.lines:
        before = {partner for line_id, partner in known.first if line_id == line.pk}
        now = {partner for line_id, partner in shares if line_id == line.pk}
        for partner in sorted(before | now):
            proof = _proof(rated, line, partner, shares.get((line.pk, partner), 0), known)
            if proof is not None:
                made.append(proof)
    return made


def _proof(rated: Rated, line: OrderLine, partner: int, share_bp: int, known: Known) -> Proof | None:
    """Return both sides; None for a partner that has no agreed price for the line, and so could not resell it."""
    base = known.first.get((line.pk, partner)) or _frozen(rated, line, partner, known)
    if base is None:
        return None
    left = rated.facts.left[line.key]
    name = partner_key(partner)
    credited = sum(
        target.amount_minor
        for target in rated.rating.targets
        if target.line_key == line.key and target.partner == name and target.type != TOP_UP
    )
    worth = compare(
        replace(_sale(base), share_bp=share_bp),
        net_left_minor=left.net_minor,
        quantity_left=left.quantity,
        credited_minor=credited,
    )
    return _row(rated, base, worth, share_bp=share_bp, net_left_minor=left.net_minor, credited_minor=credited)


def _frozen(rated: Rated, line: OrderLine, partner: int, known: Known) -> Proof | None:
    """Return the terms of the order's day as an unsaved proof; the ratings to come keep them."""
    order = rated.facts.order
    agreement = terms.in_force(known.agreements.get(partner, ()), order.placed_at)
    list_minor = _list_price(rated, line)
    product = Product(
        sku=line.sku,
        product_class=line.product_class,
        list_minor=list_minor or divide_half_up(line.net_minor, max(line.quantity, 1)),
        currency=order.currency,
    )
    buy = buy_price(known.terms.get(partner, ()), product, at=order.placed_at)
    if agreement is None or buy is None:
        return None
    minimum = advertised_price(known.advertised, product, at=order.placed_at)
    return Proof(
        line=line,
        partner_id=partner,
        term_id=buy.term.id,
        agreement=agreement,
        currency=order.currency,
        quantity=line.quantity,
        net_minor=line.net_minor,
        buy_minor=buy.minor,
        floor_minor=max(floor_of(buy.minor, agreement.min_margin_bp), minimum or 0),
        guarantee_bp=agreement.guarantee_factor_bp,
        is_listed_price_known=list_minor is not None,
    )


def _list_price(rated: Rated, line: OrderLine) -> int | None:
    lines = rated.facts.order.facts.get("lines", ())
    return next((told.get("list_unit_minor") for told in lines if told["key"] == line.key), None)


def _sale(base: Proof) -> Sale:
    return Sale(
        quantity=base.quantity,
        net_minor=base.net_minor,
        share_bp=BASIS,
        buy_minor=base.buy_minor,
        floor_minor=base.floor_minor,
        cost_bp=base.agreement.selling_cost_bp,
        cost_minor=base.agreement.selling_cost_minor,
        guarantee_bp=base.guarantee_bp,
    )


def _row(rated: Rated, base: Proof, worth: Worth, *, share_bp: int, net_left_minor: int, credited_minor: int) -> Proof:
    run = rated.run
    return Proof(
        line_id=base.line_id,
        partner_id=base.partner_id,
        run=run,
        term_id=base.term_id,
        agreement_id=base.agreement_id,
        currency=base.currency,
        quantity=base.quantity,
        net_minor=base.net_minor,
        net_left_minor=net_left_minor,
        share_bp=share_bp,
        buy_minor=base.buy_minor,
        floor_minor=base.floor_minor,
        resale_minor=worth.resale_minor,
        selling_cost_minor=worth.selling_cost_minor,
        margin_minor=worth.margin_minor,
        guarantee_bp=base.guarantee_bp,
        promised_minor=worth.promised_minor,
        credited_minor=credited_minor,
        top_up_minor=worth.deficit_minor,
        is_listed_price_known=base.is_listed_price_known,
        at=run.event.at if run.event else run.created_at,
    )


def _top_ups(rated: Rated, made: Iterable[Proof]) -> list[Accrual]:
    """Return the difference between the deficits and the top-ups posted so far, as accruals."""
    keys = {line.pk: line.key for line in rated.facts.lines}
    held = {(target.line_key, target.partner) for target in rated.rating.targets if target.held_for_review}
    targets = [
        Target(
            line_key=keys[proof.line_id],
            partner=partner_key(proof.partner_id),
            type=TOP_UP,
            rule_id=RULE,
            base_minor=proof.top_up_minor,
            rate_bp=BASIS,
            amount_minor=proof.top_up_minor,
            currency=proof.currency,
            held_for_review=(keys[proof.line_id], partner_key(proof.partner_id)) in held,
        )
        for proof in made
    ]
    changes = deltas(targets, rated.history.posted_as(TOP_UP))
    rows = accruals.rows_for(changes, run=rated.run, facts=rated.facts, history=rated.history)
    for row in rows:
        row.rule_label = LABEL
    return rows
