"""A quote: modules in a basic and an advanced edition, with exact sums [P10].

Amounts are in the company's currency with two decimals; a discount is in percent. Only the discount
is rounded, half up, once for each edition, so that every total is list price less discount to the
cent.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from sales.amounts import NotAnAmount, parse_amount

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
MOST = 9_999
"""The largest quantity of one module."""


class Edition(StrEnum):
    BASIC = "basic"
    ADVANCED = "advanced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A module with its price in each edition, None where it is not part of one.

    ``item`` is its id in the library, 0 for one that was typed; ``average`` is how the industry's
    average does without it.
    """

    name: str
    about: str = ""
    average: str = ""
    basic: Decimal | None = None
    advanced: Decimal | None = None
    quantity: int = 1
    item: int = 0

    def price(self, edition: Edition) -> Decimal | None:
        return self.basic if edition is Edition.BASIC else self.advanced

    def amount(self, edition: Edition) -> Decimal | None:
        price = self.price(edition)
        return None if price is None else price * self.quantity


@dataclass(frozen=True, slots=True)
class Total:
    """``listed`` less ``discount`` is ``net``."""

    listed: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        return self.listed - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The offered modules.

    ``discount`` is in percent of the list price, from 0 to below 100.
    """

    lines: tuple[Line, ...] = ()
    discount: Decimal = Decimal(0)

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions in which any module is offered."""
        return tuple(e for e in Edition if any(line.price(e) is not None for line in self.lines))

    def total(self, edition: Edition) -> Total:
        listed = sum((line.amount(edition) or Decimal(0) for line in self.lines), Decimal(0))
        discount = (listed * self.discount / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)
        return Total(listed, discount)


class NotADiscount(ValueError):
    """The text is no discount from 0 to below 100 percent."""


class NotALine(ValueError):
    """The text is no module with its prices."""


_PERCENT = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)\s*[%％]?")
_ZHE = re.compile(r"(\d(?:\.\d{1,2}|\d)?)\s*折")
_LONGEST_DISCOUNT, _LONGEST_LINE = 30, 300
"""Maximum number of characters; a longer text is refused before it is parsed."""
_DIGITS = str.maketrans("零一二两三四五六七八九点", "01223456789.")
_LINE = re.compile(r"(?P<name>[^:：]{1,80}?)\s*[:：]\s*(?P<prices>.+)")
_NOT_INCLUDED = frozenset({"-", "–", "—", "无"})


def parse_discount(text: str) -> Decimal:
    """Parse ``5``, ``5%``, ``9.5折`` or ``九五折`` as 5; raises NotADiscount."""
    if len(text) > _LONGEST_DISCOUNT:
        raise NotADiscount(text)
    typed = text.strip().translate(_DIGITS)
    if match := _PERCENT.fullmatch(typed):
        return Decimal(match[1])
    if match := _ZHE.fullmatch(typed):
        # 95折 and 九五折 are 9.5折.
        discount = _HUNDRED - Decimal(f"{match[1][0]}.{match[1][1:].removeprefix('.') or 0}") * 10
        if discount < _HUNDRED:
            return discount
    raise NotADiscount(text)


def parse_line(text: str) -> Line:
    """Parse ``Data import: 8,000 / 1.2万``. Raises NotALine.

    One price applies to both editions, a dash means not part of that edition.
    """
    match = _LINE.fullmatch(text.strip()) if len(text) <= _LONGEST_LINE else None
    if match is None:
        raise NotALine(text)
    prices = [part.strip() for part in re.split(r"[/／]", match["prices"])]
    if not 1 <= len(prices) <= 2:
        raise NotALine(text)
    try:
        basic, advanced = _price(prices[0]), _price(prices[-1])
    except NotAnAmount as error:
        raise NotALine(text) from error
    if basic is None and advanced is None:
        raise NotALine(text)
    return Line(name=match["name"], basic=basic, advanced=advanced)


def _price(text: str) -> Decimal | None:
    return None if text in _NOT_INCLUDED else parse_amount(text)


def with_quantities(quote: Quote, quantities: Iterable[int]) -> tuple[Line, ...]:
    """The lines in new quantities, in order; lines with quantity 0 are removed."""
    counted = zip(quote.lines, quantities, strict=True)
    return tuple(replace(line, quantity=quantity) for line, quantity in counted if quantity)
