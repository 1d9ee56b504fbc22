"""Writes of credit: `accounts` sets terms, `ledger` posts, `holds` keeps credit free."""
