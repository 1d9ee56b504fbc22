"""Writes of the registration room, by subject."""
