"""Notices: what a channel partner is told, on its portal page and by e-mail."""
