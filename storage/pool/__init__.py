"""The public pool in the database."""

from storage.pool.holdings import HoldingRows
from storage.pool.stays import StayRows
from storage.pool.view import PoolRows

__all__ = ["HoldingRows", "PoolRows", "StayRows"]
