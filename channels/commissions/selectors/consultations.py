"""Drafts that partners are asked about: each partner's own view, and the desk's."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from channels.commissions.models import DraftComment, DraftShare, ProgrammeVersion, SimulatedOrder, SimulationRun
from channels.commissions.selectors.rule_changes import parsed
from channels.commissions.selectors.simulations import final_run
from channels.commissions.selectors.targets import partner_key
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class OwnAmount:
    """What a draft would have paid a partner in a currency, beside what was posted to it."""

    currency: str
    then_minor: int
    now_minor: int


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A partner's own part of the run on a version's text as it is; nobody else's is in it."""

    run: SimulationRun
    amounts: Sequence[OwnAmount]
    orders: QuerySet[SimulatedOrder]


def consultations(partner: ChannelPartner) -> QuerySet[DraftShare]:
    """Return what is shared with the partner, latest first; taken back means gone."""
    shares = DraftShare.objects.filter(partner=partner, ended_at__isnull=True)
    return shares.select_related("version__programme").order_by("-shared_at", "-pk")


def consultation(partner: ChannelPartner, version_id: int) -> DraftShare | None:
    return consultations(partner).filter(version=version_id).first()


def thread(version: ProgrammeVersion, partner: ChannelPartner) -> QuerySet[DraftComment]:
    """Return one partner's thread, oldest first; it stays with the version after that is published."""
    return DraftComment.objects.filter(version=version, partner=partner).select_related("author").order_by("at", "pk")


def own_result(version: ProgrammeVersion, partner: ChannelPartner) -> OwnResult | None:
    """Return the partner's own result; None while no run has the version's text as it is."""
    run = final_run(version) if parsed(version.terms) else None
    if run is None:
        return None
    key = partner_key(partner.pk)
    rows = [row for row in run.result.get("partners", ()) if row["partner"] == key]
    amounts = [OwnAmount(str(row["currency"]), int(row["then_minor"]), int(row["now_minor"])) for row in rows]
    orders = SimulatedOrder.objects.filter(run=run, partner=partner).select_related("order__company")
    return OwnResult(run, amounts, orders.order_by("-distance_minor", "pk"))
