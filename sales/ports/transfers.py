"""What of one person's work went to whom."""

from typing import Protocol

from sales.transfers import Transfer


class Transfers(Protocol):
    def add(self, transfer: Transfer) -> Transfer: ...

    def get(self, transfer_id: int) -> Transfer:
        """Raises PersonNotFound."""
