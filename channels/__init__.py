"""Partners, journeys and commissions: who helped, and what they are owed. Knows nothing of Oscar."""
