"""Reads of the portal. Each takes the partner, and finds nothing of anybody else's."""
