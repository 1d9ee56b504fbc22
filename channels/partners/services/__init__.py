"""Writes on channel partners: organisations, their lifecycle, their people and their agreements."""
