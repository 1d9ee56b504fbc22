"""Reads. What a partner may see takes the partner as an argument and filters by it."""
