"""Recomputing the guarantee: what is posted as top-ups is what the last proofs say."""

from collections.abc import Iterator

from django.db.models import Sum

from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual
from channels.harmony.engine.proof import Sale, prove
from channels.harmony.models import Proof
from channels.harmony.selectors.proofs import latest

BATCH = 500


def top_ups() -> Iterator[str]:
    """Each last proof's deficit is what its line's top-ups sum to, and no top-up stands without a proof."""
    sums = Accrual.objects.filter(type=CommissionType.TOP_UP).order_by().values_list("line", "partner")
    posted = {(line, partner): total for line, partner, total in sums.annotate(total=Sum("amount_minor"))}
    for proof in latest().order_by("pk").iterator(chunk_size=BATCH):
        total = posted.pop((proof.line_id, proof.partner_id), 0)
        name = f"proof {proof.pk} of {proof.line.key}"
        if total != proof.top_up_minor:
            yield f"{name}: {total} is posted as top-up, not {proof.top_up_minor}"
        if not _holds(proof):
            yield f"{name}: its deficit does not follow from its own numbers"
    for (line, partner), total in posted.items():
        if total:
            yield f"line {line}: {total} is posted as top-up of partner {partner} without a proof"


def _holds(proof: Proof) -> bool:
    worth = prove(
        Sale(
            quantity=proof.quantity,
            net_minor=proof.net_minor,
            share_bp=proof.share_bp,
            buy_minor=proof.buy_minor,
            floor_minor=proof.floor_minor,
            cost_bp=proof.agreement.selling_cost_bp,
            cost_minor=proof.agreement.selling_cost_minor,
            guarantee_bp=proof.guarantee_bp,
        ),
        net_left_minor=proof.net_left_minor,
        # A line given for nothing goes by its units, which the proof does not keep apart.
        quantity_left=proof.quantity,
        credited_minor=proof.credited_minor,
    )
    return proof.net_minor == 0 or worth.deficit_minor == proof.top_up_minor
