"""Maximum lengths of values that are parsed.

Checked before anything parses them and before any transaction begins. Free text has limits of its
own, which its forms show.
"""

from collections.abc import Mapping
from typing import Final

from handlers.core.requests import Value
from sales.amounts import LONGEST as LONGEST_AMOUNT
from sales.contacts import LONGEST_EMAIL, LONGEST_PHONES, LONGEST_WECHAT
from sales.errors import InvalidInput, Problem

LONGEST_LINE: Final = 60
"""For a number or a date."""
LONGEST_WORDS: Final = 5_000
"""More than any free-text field allows."""
LONGEST: Final[Mapping[str, int]] = {
    "phone": LONGEST_PHONES, "email": LONGEST_EMAIL, "budget": LONGEST_AMOUNT,
    "amount": LONGEST_AMOUNT, "wechat": LONGEST_WECHAT, "discount": 30,
} | dict.fromkeys(
    ("next_on", "since", "until", "valid_until", "away_until", "weight", "capacity", "lead",
     "revenue", "customers", "leads", "conversion", "satisfaction", "average_deal", "value"),
    LONGEST_LINE,
)  # fmt: skip


def refuse_too_long(values: Mapping[str, Value]) -> None:
    """Raise InvalidInput naming every value that is too long, with its limit."""
    problems = {
        name: Problem("too_long", n=longest_of(name))
        for name, value in values.items()
        if isinstance(value, str) and len(value.strip()) > longest_of(name)
    }
    if problems:
        raise InvalidInput(problems)


def longest_of(name: str) -> int:
    """The maximum length of a field, in characters."""
    return LONGEST.get(name, LONGEST_LINE if name.startswith("quantity_") else LONGEST_WORDS)
