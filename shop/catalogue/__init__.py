"""The flat catalogue index behind lists, filters and search."""
