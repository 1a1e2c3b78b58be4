"""Reminders of next steps, and their ledger."""
