"""The roles a partner may have in a sale, in rank order: the earlier one wins a tie."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    SOURCER = "sourcer"
    RESELLER = "reseller"
    RENEWAL_STEWARD = "renewal_steward"
    INFLUENCER = "influencer"
    ADVISOR = "advisor"
    IMPLEMENTER = "implementer"
    CLOSER = "closer"
    INCUMBENT = "incumbent"
    HOUSE_ORDER = "house_order"
    DISTRIBUTOR = "distributor"


_RANK = {role.value: rank for rank, role in enumerate(Role)}


def role_rank(role: str) -> int:
    """Unknown roles rank last."""
    return _RANK.get(role, len(_RANK))
