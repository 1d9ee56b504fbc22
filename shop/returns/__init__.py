"""Refunds and cancellations, whole or by line."""
