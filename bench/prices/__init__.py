"""Prices from many large lists: how fast many rows resolve, and what a list page of a buyer with own prices costs."""
