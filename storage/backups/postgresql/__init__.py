"""Backups of PostgreSQL: dumps of a database, and copies of a whole server."""
