"""Invoices and their payment."""
