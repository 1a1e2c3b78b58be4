"""Amounts as people write them: ``12.5万``, ``125,000``, ``¥8k``, ``15-20万``."""

import re
from decimal import Decimal

_UNITS = {
    "": Decimal(1),
    "k": Decimal(1_000),
    "千": Decimal(1_000),
    "w": Decimal(10_000),
    "万": Decimal(10_000),
    "m": Decimal(1_000_000),
    "亿": Decimal(100_000_000),
}
_NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_UNIT = r"\s*([kwm千万亿]?)"
_AMOUNT = re.compile(rf"[¥￥$]?\s*{_NUMBER}{_UNIT}\s*元?")
_RANGE = re.compile(
    rf"[¥￥$]?\s*{_NUMBER}{_UNIT}\s*元?\s*(?:-|–|—|~|～|至|到|to)\s*"
    rf"[¥￥$]?\s*{_NUMBER}{_UNIT}\s*元?"
)
LARGEST = Decimal(10) ** 11
"""Amounts from here on are taken for a slip of the finger."""


class NotAnAmount(ValueError):
    """The text is no amount, or one beyond ``LARGEST``."""


def parse_amount(text: str) -> Decimal:
    """One amount in whole currency units; raises NotAnAmount."""
    match = _AMOUNT.fullmatch(text.strip().lower())
    if not match:
        raise NotAnAmount(text)
    return _sized(match[1], match[2])


def parse_budget(text: str) -> tuple[Decimal, Decimal]:
    """``15-20万`` as (150000, 200000); one amount is both ends. Raises NotAnAmount.

    A unit behind the second number counts for the first as well when that has none and would
    otherwise be absurdly small (``15-20万``); the ends are put in order.
    """
    match = _RANGE.fullmatch(text.strip().lower())
    if not match:
        amount = parse_amount(text)
        return amount, amount
    low = _sized(match[1], match[2] or match[4])
    high = _sized(match[3], match[4])
    return min(low, high), max(low, high)


def _sized(number: str, unit: str) -> Decimal:
    amount = Decimal(number.replace(",", "")) * _UNITS[unit]
    if amount >= LARGEST:
        raise NotAnAmount(number)
    return amount.quantize(Decimal("0.01"))


def written_amount(amount: Decimal, locale: str) -> str:
    """As people type it, to stand in a field: ``12.5万``, ``125,000``; read by ``parse_amount``."""
    if locale.startswith("zh") and amount >= _UNITS["万"] and amount % 100 == 0:
        return f"{(amount / _UNITS['万']).normalize():f}万"
    return f"{amount:,f}".removesuffix(".00")
