"""Leads: logging, searching, editing and reassigning them, and detecting duplicates."""
