"""Somebody leaves, or is away for long: all that was theirs goes to others."""
