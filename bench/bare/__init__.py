"""The least that Django can do: one view, one query, no template. No shop on it can be faster."""
