"""Repeat business: opportunities with existing customers."""
