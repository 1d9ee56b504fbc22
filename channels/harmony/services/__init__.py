"""Writes of harmony."""
