"""Writes: programmes, facts, rating, the ledger, holds, statements, payouts, and the schedule that drives them."""
