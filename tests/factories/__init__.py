"""Rows and facts for tests, made the short way."""
