"""What companies may owe us, and what they do: limits, holds, deposits, and an append-only ledger of each cent."""
