"""Accord as it is measured."""
