"""Saved views of leads: made, opened, and posted on days and hours."""
