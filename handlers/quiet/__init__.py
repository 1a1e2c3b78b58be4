"""Quiet hours: what is kept for the morning, and how each person wants to hear of things."""
