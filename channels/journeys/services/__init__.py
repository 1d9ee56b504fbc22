"""Writes on journeys: what was observed, who is who, what was ordered, and whom it is credited to."""
