"""How many of Stripe's events a second are verified and stored, and how many are applied, beside storing bodies alone."""
