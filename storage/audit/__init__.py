"""The audit log: its entries, the seals of its hash chain, and the check of both."""
