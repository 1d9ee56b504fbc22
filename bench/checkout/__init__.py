"""Placing an order with all that it may carry, at 1, 8 and 32 buyers, beside plain Oscar: see bench/README.md."""
