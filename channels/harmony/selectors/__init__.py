"""Reads of harmony."""
