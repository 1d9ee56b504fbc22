"""Pages of the portal, by subject."""
