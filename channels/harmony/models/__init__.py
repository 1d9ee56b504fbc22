"""Tables of the harmony app, by subject."""

from channels.harmony.models.costs import CostRate
from channels.harmony.models.guard import GuardCheck, GuardFinding, GuardOverride, GuardSetting, Mode
from channels.harmony.models.proofs import Proof
from channels.harmony.models.terms import AdvertisedPrice, BuyTerm, Source

__all__ = [
    "AdvertisedPrice",
    "BuyTerm",
    "CostRate",
    "GuardCheck",
    "GuardFinding",
    "GuardOverride",
    "GuardSetting",
    "Mode",
    "Proof",
    "Source",
]
