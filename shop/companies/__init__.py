"""Business customers: companies and their members."""
