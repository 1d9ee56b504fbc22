"""Reads on journeys: choices at checkout, and the replay of an order's credit."""
