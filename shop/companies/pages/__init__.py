"""The company's own pages in the account: people, places, details, partners, and for whom one acts."""
