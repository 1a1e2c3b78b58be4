"""Merging two leads of the same customer, and undoing it."""
