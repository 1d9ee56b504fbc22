"""Which site profile counts for a customer, and what follows from its mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SELL = "sell"
NET, GROSS = "net", "gross"
DIRECT, RESELLER = "direct", "reseller"
# How an order may be placed, the first being suggested where there is no partner of record.
ROUTES = {
    "inform": (),
    "influence": (RESELLER,),
    "facilitate": (RESELLER, DIRECT),
    SELL: (DIRECT, RESELLER),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """`group_id` None, "" for segment and country: whatever they are."""

    group_id: int | None
    segment: str
    country: str
    mode: str
    prices: str = NET


EVERYWHERE = Profile(None, "", "", SELL)


def profile_for(profiles: Iterable[Profile], *, group_ids: Sequence[int], segment: str, country: str) -> Profile:
    """Return the most particular profile: group, then segment, then country; EVERYWHERE without any.

    Of several groups the one that counts most decides: `group_ids` are in that order.
    """
    fitting = [
        profile
        for profile in profiles
        if (profile.group_id is None or profile.group_id in group_ids)
        and profile.segment in ("", segment)
        and profile.country in ("", country)
    ]

    def rank(profile: Profile) -> tuple[int, bool, bool]:
        group = len(group_ids) if profile.group_id is None else group_ids.index(profile.group_id)
        return (group, not profile.segment, not profile.country)

    return min(fitting, key=rank, default=EVERYWHERE)
