"""Channel partners, their people, agreements and the directory."""
