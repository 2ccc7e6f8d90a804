"""Costs of the user's own."""
