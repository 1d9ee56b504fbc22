"""Harmony: direct sales that leave no partner worse off, and the figures that show it."""
