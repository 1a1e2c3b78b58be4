"""Leads: stored, searched, shared, checked for duplicates, merged and exported."""
