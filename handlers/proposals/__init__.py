"""Proposals: compose them, send them, and serve their pages to customers."""
