"""Offers of leads, each person's capacity, and the tally of assignments."""
