"""The public pool 公海: looked through, claimed from, given up to, and returned to."""
