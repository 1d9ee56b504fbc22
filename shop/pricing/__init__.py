"""Prices, resolved in bulk."""
