"""Cells of files that people open in a spreadsheet."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: one that could start one gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
