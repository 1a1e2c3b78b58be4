"""Amounts as people write them: ``12.5万``, ``125,000``, ``¥8k``, ``15-20万``, ``六万八``."""

import re
from decimal import Decimal

from sales.errors import Problem

_MAGNITUDES = {
    "k": 1_000,
    "千": 1_000,
    "仟": 1_000,
    "thousand": 1_000,
    "w": 10_000,
    "万": 10_000,
    "萬": 10_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "million": 1_000_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
_SMALL = {"十": 10, "百": 100}
_HANZI = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_WORDS = "|".join(sorted((*_MAGNITUDES, *_SMALL), key=len, reverse=True))
_TOKEN = re.compile(rf"\s*(?:({_NUMBER})|([{''.join(_HANZI)}])|({_WORDS}))")
_BEFORE = re.compile(r"(?:rmb|cny|usd|us\$|人民币|[¥￥$€])\s*")
_AFTER = re.compile(r"\s*(?:元整|块钱|人民币|yuan|rmb|cny|usd|[元块圆])$")
_BETWEEN = re.compile(r"\s*(?:-|–|—|~|～|至|到|to)\s*")
LONGEST = 60
"""Maximum number of characters of an amount; a longer text is refused before it is parsed."""
LARGEST = Decimal(10) ** 11
"""Amounts from here on are taken for typing mistakes."""


class NotAnAmount(ValueError):
    """The text is no amount, or one beyond ``LARGEST``."""

    def __init__(self, text: str, key: str = "amount") -> None:
        super().__init__(text)
        self.problem = Problem(key, typed=text.strip()[:30])


def parse_amount(text: str, unit: int = 1) -> Decimal:
    """Parse one amount in whole currency units; raises NotAnAmount.

    A bare number counts in ``unit`` (10,000 for a column in 万).
    """
    return _read(_typed(text), unit)[0]


def parse_worth(text: str) -> Decimal:
    """Parse a deal's value: an amount above zero. Raises NotAnAmount."""
    amount = parse_amount(text)
    if not amount:
        raise NotAnAmount(text, "amount_nothing")
    return amount


def parse_budget(text: str, unit: int = 1) -> tuple[Decimal, Decimal]:
    """Parse ``15-20万`` as (150000, 200000); a single amount is both ends. Raises NotAnAmount.

    A unit behind the second number counts for the first as well when that has none and would
    otherwise be absurdly small (``15-20万``); the ends are put in order.
    """
    parts = _BETWEEN.split(_typed(text))
    if len(parts) == 1:
        amount = parse_amount(text, unit)
        return amount, amount
    if len(parts) != 2:
        raise NotAnAmount(text)
    high, of_high = _read(parts[1], unit)
    low, _ = _read(parts[0], of_high or unit)
    return min(low, high), max(low, high)


def is_bare(text: str) -> bool:
    """Whether the text has numbers without any unit, so that 15 may well mean 15万."""
    return not re.sub(r"[\d.,\s]|[-–—~～至到]|to", "", text.strip().lower())


def _typed(text: str) -> str:
    if len(text) > LONGEST:
        raise NotAnAmount(text)
    return text.strip().lower()


def _read(text: str, unit: int) -> tuple[Decimal, int]:
    """Parse the amount and the last unit in it; 0 without one.

    Currency signs around it are left out, and with one a bare number is taken literally.
    """
    bare = _AFTER.sub("", _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text)
    value, last = _Sum.of(bare)
    said = last or (1 if bare != text else 0)
    amount = value if said else value * unit
    if amount >= LARGEST:
        raise NotAnAmount(text)
    return amount.quantize(Decimal("0.01")), last


class _Sum:
    """Numbers and units from left to right: ``15万8千``, ``六万八``, ``1.5 million``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._total = self._section = Decimal(0)
        self._number: Decimal | None = None
        self._unit = self._last = 0
        self._word, self._short = "", False

    @classmethod
    def of(cls, text: str) -> tuple[Decimal, int]:
        """The value and the last magnitude in it. Raises NotAnAmount."""
        self, place = cls(text), 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise NotAnAmount(text)
            self._take(token)
            place = token.end()
        return self._end()

    def _take(self, token: re.Match[str]) -> None:
        if word := token[3]:
            self._multiply(word)
            return
        known, english = self._number, self._word.isascii() and self._word not in ("", "w")
        if english or (known is not None and (known or token[1])):
            raise NotAnAmount(self._text)
        self._short = bool(self._unit) and known is None
        if token[1]:
            self._number = Decimal(token[1].replace(",", ""))
            self._short = self._short and len(token[1]) == 1
        else:
            self._number = Decimal(_HANZI[token[2]])

    def _multiply(self, word: str) -> None:
        factor = _SMALL.get(word) or _MAGNITUDES[word]
        if self._number is None and not (factor == 10 or (factor > 1_000 and self._section)):
            raise NotAnAmount(self._text)
        self._unit, self._word = factor, word
        if word in _SMALL or word in "千仟":
            self._section += (1 if self._number is None else self._number) * factor
        else:
            self._total = self._scaled(factor)
            self._section = Decimal(0)
        self._last = factor if word in _MAGNITUDES else self._last
        self._number = None

    def _scaled(self, factor: int) -> Decimal:
        section = self._section + (self._number or 0)
        if factor == 100_000_000:
            return (self._total + section) * factor
        return self._total + section * factor

    def _end(self) -> tuple[Decimal, int]:
        rest = self._number
        if rest is None and not self._unit:
            raise NotAnAmount(self._text)
        if rest is not None and self._short:
            # 六万八 is 68,000.
            rest = rest * self._unit / 10
        return self._total + self._section + (rest or 0), self._last


def written_amount(amount: Decimal, locale: str) -> str:
    """Format an amount as people type it into a field: ``12.5万``, ``125,000``.

    ``parse_amount`` reads it.
    """
    if locale.startswith("zh") and amount >= _MAGNITUDES["万"] and amount % 100 == 0:
        return f"{(amount / _MAGNITUDES['万']).normalize():f}万"
    return f"{amount:,f}".removesuffix(".00")
