"""Whether all money is accounted for, what waits for a person, and what to do about it."""
