"""The public pool in the database."""

from storage.pool.holdings import HoldingRepository
from storage.pool.stays import StayRepository
from storage.pool.view import PoolRepository

__all__ = ["HoldingRepository", "PoolRepository", "StayRepository"]
