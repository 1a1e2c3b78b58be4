"""Erasing a person's data on request."""
