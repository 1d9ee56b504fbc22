"""Touchpoints, identity, relationships, and the attribution of orders."""
