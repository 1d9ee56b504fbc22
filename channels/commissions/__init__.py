"""Programmes, accruals, the ledger, statements and payouts."""
