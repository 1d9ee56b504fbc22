"""Writes of fulfilment: one module per noun."""
