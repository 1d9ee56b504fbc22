"""Writes of offerings."""
