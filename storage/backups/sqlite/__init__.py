"""Backups of SQLite: a file's pages, what is in it, and putting it in a database's place."""
