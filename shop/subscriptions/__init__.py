"""Subscriptions and their renewals."""
