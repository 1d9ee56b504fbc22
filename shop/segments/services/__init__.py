"""Writes: groups and their members, visibility, site profiles."""
