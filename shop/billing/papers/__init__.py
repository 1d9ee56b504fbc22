"""Invoices, credit notes and statements on paper and as data."""
