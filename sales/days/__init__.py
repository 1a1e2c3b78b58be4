"""Days as people say them: ``2026-11-27``, ``11月27日``, ``下周五``, ``a week from Tuesday``.

An own grammar (decision 5). Knows no clock and no database: today and the working calendar are
arguments.
"""

from sales.days.naming import (
    FARTHEST,
    NamedDay,
    named_days,
    parse_day,
    parse_moment,
    unread_times,
)
from sales.days.reckoning import NotADay, Order

__all__ = [
    "FARTHEST",
    "NamedDay",
    "NotADay",
    "Order",
    "named_days",
    "parse_day",
    "parse_moment",
    "unread_times",
]
