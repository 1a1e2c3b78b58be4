"""Erasing people: where they are, finding them, removing them, and the ledger."""
