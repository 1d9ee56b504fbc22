"""Writes of tax: one module per noun."""
