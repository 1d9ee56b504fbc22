"""Wagtail pages and blocks."""
