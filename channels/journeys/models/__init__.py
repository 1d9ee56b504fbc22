"""Tables of the journeys app, by subject."""

from channels.journeys.models.attribution import AttributionRun, Credit, Policy
from channels.journeys.models.costs import TouchCost
from channels.journeys.models.deals import DealProtection
from channels.journeys.models.identity import (
    CompanyMerge,
    CompanyMergeEnd,
    CompanyProfile,
    SubscriptionProfile,
    Visitor,
    VisitorLogin,
)
from channels.journeys.models.imports import TouchImport
from channels.journeys.models.orders import OrderEvent, OrderLine, OrderRecord
from channels.journeys.models.overrides import CreditRejection, Override
from channels.journeys.models.relationships import Relationship, RelationshipEnd
from channels.journeys.models.renewals import RenewalActivity
from channels.journeys.models.sharing import PartnerChange, Sharing
from channels.journeys.models.touchpoints import PartnerCode, Touchpoint

__all__ = [
    "AttributionRun",
    "CompanyMerge",
    "CompanyMergeEnd",
    "CompanyProfile",
    "Credit",
    "CreditRejection",
    "DealProtection",
    "OrderEvent",
    "OrderLine",
    "OrderRecord",
    "Override",
    "PartnerChange",
    "PartnerCode",
    "Policy",
    "Relationship",
    "RelationshipEnd",
    "RenewalActivity",
    "Sharing",
    "SubscriptionProfile",
    "TouchCost",
    "TouchImport",
    "Touchpoint",
    "Visitor",
    "VisitorLogin",
]
