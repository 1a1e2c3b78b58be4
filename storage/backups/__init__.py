"""Backups: taken, stored encrypted, proved by restoring them, and put back (decision 36)."""
