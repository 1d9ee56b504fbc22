"""Tables of the journeys app, by subject."""

from channels.journeys.models.attribution import AttributionRun, Credit, Policy
from channels.journeys.models.identity import CompanyProfile, SubscriptionProfile, Visitor
from channels.journeys.models.orders import OrderEvent, OrderLine, OrderRecord
from channels.journeys.models.relationships import Relationship, RelationshipEnd
from channels.journeys.models.touchpoints import PartnerCode, Touchpoint

__all__ = [
    "AttributionRun",
    "CompanyProfile",
    "Credit",
    "OrderEvent",
    "OrderLine",
    "OrderRecord",
    "PartnerCode",
    "Policy",
    "Relationship",
    "RelationshipEnd",
    "SubscriptionProfile",
    "Touchpoint",
    "Visitor",
]
