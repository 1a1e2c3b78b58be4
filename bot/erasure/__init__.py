"""Erasing people on request: the ledger beside the database, and the commands."""
