"""Writes of buying: one module per noun."""
