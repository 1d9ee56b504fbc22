"""Business customers, their places, and the people who act for them, by subject."""

from shop.companies.models.company import Company
from shop.companies.models.on_behalf import OnBehalf
from shop.companies.models.people import Invitation, Membership, Role
from shop.companies.models.places import CostCentre, Location, LocationAddress

__all__ = ["Company", "CostCentre", "Invitation", "Location", "LocationAddress", "Membership", "OnBehalf", "Role"]
