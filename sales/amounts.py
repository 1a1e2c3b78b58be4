"""Amounts as people write them: ``12.5万``, ``约15万``, ``¥8k``, ``€1.250,00``, ``六万八``.

What has two readings (``125.000``) or names another currency is refused with a question and never
decided silently. Texts are cut to a few dozen characters before any pattern sees them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sales.errors import Problem
from sales.patterns import lazy_pattern

_MAGNITUDES = {
    "k": 1_000,
    "千": 1_000,
    "仟": 1_000,
    "tsd": 1_000,
    "thousand": 1_000,
    "grand": 1_000,
    "w": 10_000,
    "万": 10_000,
    "萬": 10_000,
    "lakh": 100_000,
    "lakhs": 100_000,
    "lac": 100_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "mio": 1_000_000,
    "million": 1_000_000,
    "millions": 1_000_000,
    "cr": 10_000_000,
    "crore": 10_000_000,
    "crores": 10_000_000,
    "亿": 100_000_000,
    "億": 100_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_HANZI = (
    {digit: value for value, digit in enumerate("零一二三四五六七八九")}
    | {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
    | {"两": 2, "〇": 0}
)
_NUMBER = r"\d+(?:[.,'’]\d+|[ ]\d{3}(?!\d))*"
_WORDS = "|".join(sorted((*_MAGNITUDES, *_SMALL), key=len, reverse=True))
_TOKEN = lazy_pattern(rf"\s*(?:({_NUMBER})|([{''.join(_HANZI)}])|({_WORDS})(?![a-z]))")
_SIGNS = {
    "hk$": "HKD", "us$": "USD", "s$": "SGD", "sg$": "SGD", "a$": "AUD", "au$": "AUD",
    "c$": "CAD", "ca$": "CAD", "nt$": "TWD", "nz$": "NZD", "r$": "BRL", "$": "$", "¥": "¥",
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "rs.": "INR", "rs": "INR",
    "rmb": "CNY", "人民币": "CNY", "yuan": "CNY", "元整": "元", "块钱": "元", "元": "元",
    "块": "元", "圆": "元", "圆整": "元", "美元": "USD", "美金": "USD", "美刀": "USD", "刀": "USD",
    "港元": "HKD", "港币": "HKD", "港幣": "HKD", "欧元": "EUR", "欧": "EUR", "英镑": "GBP",
    "日元": "JPY", "日币": "JPY", "韩元": "KRW", "台币": "TWD", "新台币": "TWD", "新币": "SGD",
    "新加坡元": "SGD", "加元": "CAD", "澳元": "AUD", "卢布": "RUB", "卢比": "INR", "泰铢": "THB",
    "dollars": "$", "dollar": "$", "bucks": "$", "euros": "EUR", "euro": "EUR", "pounds": "GBP",
    "pound": "GBP", "quid": "GBP", "yen": "JPY", "rupees": "INR", "francs": "CHF", "fr.": "CHF",
} | {
    code.lower(): code
    for code in (
        "CNY", "USD", "HKD", "EUR", "GBP", "JPY", "KRW", "TWD", "SGD", "AUD", "CAD", "NZD", "INR",
        "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "THB", "MYR", "IDR", "VND", "PHP", "BRL", "MXN",
        "ZAR", "AED", "SAR", "RUB", "TRY", "ILS", "MOP",
    )
}  # fmt: skip
_MEANT = {
    "$": frozenset({"USD", "HKD", "SGD", "AUD", "CAD", "TWD", "NZD", "MXN", "BRL"}),
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY", "TWD", "HKD", "MOP", "SGD"}),
}
"""Signs of several currencies; they mean the company's if it is one of these, else the usual."""
_USUAL = {"$": "USD", "¥": "CNY", "元": "CNY"}
CURRENCIES = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
"""A pattern of the signs, codes and names of currencies, in small letters."""
_BEFORE = lazy_pattern(rf"({CURRENCIES})\s*(?=[\d{''.join(_HANZI)}十百千])")
_AFTER = lazy_pattern(rf"\s*({CURRENCIES})$")
_BETWEEN = re.compile(r"\s*(?:-|–|—|−|~|～|至|到|\bto\b|\bbis\b)\s*")
_ABOUT = lazy_pattern(
    r"(?:在(?=[\d十百千一二两三四五六七八九约近])|大约|大概|约莫|约摸|约为|约合|约|大致|估计|总共|一共|合计|总计|总价|总额|共|差不多|接近|将近|近|不超过|不到|不足|不满|不止|不多于"
    r"|不低于|不高于|不少于|不大于|不小于|低于|高于|少于|多于|小于|大于|最多|最高|最少|最低|顶多|撑死"
    r"|起码|至多|至少|上限|下限|控制在|超过|超|预算|[~≈≤≥<>]|小(?=[\d十百千])"
    r"|含税价?|不含税价?|未税|税前|税后|每年|年均|一年|年费|年预算"
    r"|(?:approximately|approx\.?|about|around|roughly|circa|ca\.|some|up to|at most|at least"
    r"|nearly|almost|close to|(?:just |a little |slightly |well )?(?:under|over|above|below)"
    r"|(?:not|no) (?:more|less|fewer) than|(?:less|more|fewer) than|north of|upwards? of"
    r"|as much as|max\.?|maximum|min\.?|minimum|from|between|budget(?: of| is)?"
    r"|annual(?:ly)?|yearly|net|gross"
    r")(?![a-z]))\s*[:：]?\s*"
)
_OR_SO = lazy_pattern(
    r"(?:\s*(?:左右|上下|以内|之内|以下|以上|之间|起步|起|封顶|内|多一?点|多|(?:都|还)?不到|出头|开外|打底"
    r"|的?样子|的?预算|吧|整|\+)"
    r"|\s*[(/,，]?\s?(?:每年|一年|年付|年|不含税|含税|未税|税前|税后)\)?"
    r"|\s?/\s?(?:yr|year|annum|p\.?a)\.?"
    r"|\s(?:or so|or more|or less|max\.?|maximum|at most|tops|plus"
    r"|per year|per annum|a year|each year|yearly|annually|p\.?a\.?|net|gross)"
    r"|-?ish"
    r"|[\s,(+]{1,3}(?:(?:incl|excl)(?:uding|usive|\.)?(?: of)?|inc\.?|exc?\.?|plus|before"
    r"|after|with|without)?\s?(?:vat|taxes|tax|gst)\)?)$"
)
_EACH = lazy_pattern(
    r"/ ?(?:月|季度?|周|天|日|人|位|用户|账号|席|座|台|套|mo\b|mth|month|quarter|q\b|week|wk|day"
    r"|seat|user|head|person|licen[cs]e|unit|pc)"
    r"|每个?(?:月|季度?|周|天|日|人|用户|账号|席|座|台|套)|[一个元块万千](?:月|季度)$|^月(?:付|费)?"
    r"|\b(?:per|an?|each|every) (?:month|quarter|week|day|seat|user|head|person|licen[cs]e|unit)\b"
    r"|\b(?:monthly|quarterly|weekly|pcm)\b"
)
"""What makes an amount one of several: per month, per seat. A year's amount is a budget."""
_VAGUE = lazy_pattern(
    r"(\d{0,3}0|[一二两三四五六七八九百]{0,4}[十百])[几多余]([千万亿wk][^-–—−~～至到]{0,8})"
)
"""``十几万``, ``10多万``: more than the number, less than the next in its last place."""
_SOME = re.compile(r"[好上数]?(?:[几数]|(?<=上))([十百千]{0,2}[万亿千百]).{0,8}")
"""``几十万``, ``上百万``: too wide for a budget."""
_COMING = lazy_pattern(
    r"(?<=[\d十百千])[来把](?=[万亿千百wk元块]|$)|(?<=[\d一二两三四五六七八九十])个(?=[万亿w])"
)
"""``二十来万``, ``20个w``: words inside an amount that change nothing."""
_BARE_HUNDRED = re.compile(r"^(?=[百千][万亿])")
_AND = re.compile(r"between\s+(.{1,28}?)\s+and\s+(.{1,28})")
_NEXT_TO = re.compile(r"(.{0,4}?)([一二两三四五六七八])([二三四五六七八九])([十百千万亿].{0,4})")
"""``七八万``, ``二十五六万``: two digits in a row are a span, not a number."""
LONGEST = 60
"""Maximum number of characters of an amount; a longer text is refused before it is parsed."""
_FULL = 1_000
"""A number from here on stands for itself before a span's unit: ``5000-2万``."""
LARGEST = Decimal(10) ** 11
"""Amounts from here on are taken for typing mistakes."""
_COMMA_COUNTRIES = frozenset(
    {
        "DE", "AT", "FR", "ES", "IT", "PT", "NL", "BE", "LU", "BR", "AR", "CL", "CO", "UY", "PY",
        "VE", "EC", "BO", "DK", "NO", "SE", "FI", "IS", "PL", "CZ", "SK", "HU", "RO", "BG", "GR",
        "TR", "RU", "UA", "BY", "ID", "VN", "HR", "SI", "RS", "BA", "MK", "AL", "LT", "LV", "EE",
        "KZ", "AM", "GE",
    }
)  # fmt: skip
"""Where a comma comes before the cents (CLDR)."""


@dataclass(frozen=True, slots=True)
class AmountStyle:
    """How a company writes amounts.

    ``decimal`` separates cents from units. ``currency`` is the ISO code of its amounts; "" takes
    any currency for it.
    """

    currency: str = ""
    decimal: Literal[".", ","] = "."

    @classmethod
    def of(cls, currency: str, country: str) -> "AmountStyle":
        """The style of a company that counts in ``currency`` in the country (ISO code)."""
        return cls(currency, "," if country in _COMMA_COUNTRIES else ".")


ANY = AmountStyle()


class NotAnAmount(ValueError):
    """The text is no amount, or one beyond ``LARGEST``."""

    def __init__(self, text: str, key: str = "amount", **params: str) -> None:
        super().__init__(text)
        typed = text.strip()[:30]
        self.problem = Problem(key if typed else "amount_missing", typed=typed, **params)


class _NotExact(NotAnAmount):
    """The text says an amount between two bounds only."""

    def __init__(self, text: str, low: Decimal, high: Decimal) -> None:
        super().__init__(
            text, "amount_vague", small=f"{low.normalize():f}", large=f"{high.normalize():f}"
        )


def parse_amount(text: str, unit: int = 1, style: AmountStyle = ANY) -> Decimal:
    """Parse one amount in whole currency units; raises NotAnAmount.

    A bare number counts in ``unit`` (10,000 for a column in 万). ``约``, ``左右`` and the like are
    left out. The error's problem says when there are two readings, or another currency, when the
    amount is only roughly said (``十几万``), or one of several (``2万/月``).
    """
    typed = _typed(text)
    if vague := _vague(typed, style):
        raise _NotExact(text, *vague)
    try:
        return _read(typed, unit, style)[0]
    except NotAnAmount as error:
        if (span := _span(typed, unit, style)) and error.problem.key == "amount":
            raise _NotExact(text, *span) from None
        raise


def parse_worth(text: str, style: AmountStyle = ANY) -> Decimal:
    """Parse a deal's value: an amount above zero. Raises NotAnAmount."""
    amount = parse_amount(text, 1, style)
    if not amount:
        raise NotAnAmount(text, "amount_nothing")
    return amount


def parse_budget(text: str, unit: int = 1, style: AmountStyle = ANY) -> tuple[Decimal, Decimal]:
    """Parse ``15-20万`` as (150000, 200000); a single amount is both ends. Raises NotAnAmount.

    A unit behind the second number counts for the first as well when that has none and would
    otherwise be absurdly small (``15-20万``); the ends are put in order. ``七八万`` and ``十几万``
    are spans, too.
    """
    typed = _typed(text)
    if vague := _vague(typed, style):
        if vague[1] > 2 * vague[0]:
            raise _NotExact(text, *vague)
        return vague
    if span := _span(typed, unit, style):
        return span
    amount = parse_amount(text, unit, style)
    return amount, amount


def _span(typed: str, unit: int, style: AmountStyle) -> tuple[Decimal, Decimal] | None:
    """The ends of ``15-20万`` or ``七八万``, in order; None for a single amount. Raises
    NotAnAmount."""
    if both := _AND.fullmatch(typed):
        parts = [both[1], both[2]]
    elif near := _NEXT_TO.fullmatch(_without_hedges(typed)):
        head, low_digit, high_digit, tail = near.groups()
        parts = [head + low_digit + tail, head + high_digit + tail]
    else:
        parts = _BETWEEN.split(_without_hedges(typed))
    if len(parts) == 1:
        return None
    if len(parts) != 2:
        raise NotAnAmount(typed)
    if any(_VAGUE.fullmatch(_without_hedges(part)) for part in parts):
        return _between_vague(parts, unit, style)
    high, of_high = _read(parts[1], unit, style)
    low, of_low = _read(parts[0], 1 if of_high else unit, style)
    if of_high and not of_low and (low < _FULL or low * of_high <= high):
        low *= of_high
    if max(low, high) >= LARGEST:
        raise NotAnAmount(typed)
    return min(low, high), max(low, high)


def _between_vague(parts: Sequence[str], unit: int, style: AmountStyle) -> tuple[Decimal, Decimal]:
    """From the lower end of the first to the upper end of the last: ``十几万到三十万``."""
    ends = [_vague(part, style) or (_read(part, unit, style)[0],) for part in parts]
    return min(ends[0][0], ends[1][0]), max(ends[0][-1], ends[1][-1])


def is_bare(text: str) -> bool:
    """Whether the text has numbers without any unit, so that 15 may well mean 15万."""
    typed = _without_hedges(unicodedata.normalize("NFKC", text[:LONGEST]).strip().lower())
    return not re.sub(r"[\d.,\s]|[-–—~～至到]|to", "", typed)


def decimal_in(texts: Iterable[str]) -> Literal[".", ",", ""]:
    """The decimal sign that some of a column's amounts prove; "" when none does, or both are.

    ``1.250,00`` and ``1.250.000`` prove the comma, ``1,250.50`` and ``1,250,000`` the point.
    """
    proven = {sign for text in texts if (sign := _proof(text))}
    return proven.pop() if len(proven) == 1 else ""


def _proof(text: str) -> Literal[".", ",", ""]:
    number = re.search(_NUMBER, text[:LONGEST])
    if number is None:
        return ""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,\d{1,2}", number[0]):
        return ","
    pattern = r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d+\.\d{1,2}"
    return "." if re.fullmatch(pattern, number[0]) else ""


def _typed(text: str) -> str:
    if len(text) > LONGEST:
        raise NotAnAmount(text)
    plain = unicodedata.normalize("NFKC", text)
    typed = " ".join(plain.lower().strip(" 。,，;；、'\"=").split())
    if (each := _EACH.search(typed)) and re.search(rf"[\d{''.join(_HANZI)}十]", typed):
        raise NotAnAmount(text, "amount_each", each=each[0].strip("/ "))
    return _BARE_HUNDRED.sub("一", _COMING.sub("", typed))


def _vague(typed: str, style: AmountStyle) -> tuple[Decimal, Decimal] | None:
    """The bounds of an amount that is said by its order of magnitude only."""
    plain = _without_hedges(typed)
    if some := _SOME.fullmatch(plain):
        low, _ = _read("1" + plain[some.start(1) :], 1, style)
        return low, low * 10
    if match := _VAGUE.fullmatch(plain):
        number, _ = _read(match[1], 1, style)
        low, _ = _read(match[1] + match[2], 1, style)
        digits = f"{number.normalize():f}"
        place = 10 ** (len(digits) - len(digits.rstrip("0")))
        return low, low + low / number * place
    return None


def _without_hedges(text: str) -> str:
    """The text without what makes an amount approximate, or a limit."""
    for _ in range(5):
        bare = _OR_SO.sub("", _ABOUT.sub("", text, count=1) if _ABOUT.match(text) else text)
        if bare == text:
            break
        text = bare
    return text


def _read(text: str, unit: int, style: AmountStyle) -> tuple[Decimal, int]:
    """Parse the amount and the last unit in it; 0 without one.

    Currency signs around it are left out, and with one a bare number is taken literally.
    """
    text = _without_hedges(text)
    bare, named = _without_currency(text)
    bare = _without_hedges(bare)
    _refuse_foreign(text, named, style)
    value, last = _Sum.of(bare, style, text)
    said = last or (1 if named else 0)
    amount = value if said else value * unit
    if amount >= LARGEST:
        raise NotAnAmount(text)
    return amount.quantize(Decimal("0.01")), last


def _without_currency(text: str) -> tuple[str, list[str]]:
    """The text without the currencies around it (``人民币15万元``), and which those are."""
    named = []
    for _ in range(2):
        if before := _BEFORE.match(text):
            named.append(_SIGNS[before[1]])
            text = text[before.end() :]
        if after := _AFTER.search(text):
            named.append(_SIGNS[after[1]])
            text = text[: after.start()]
    return text, named


def _refuse_foreign(text: str, named: Iterable[str], style: AmountStyle) -> None:
    for sign in named:
        meant = _MEANT.get(sign, frozenset({sign}))
        if style.currency and style.currency not in meant:
            raise NotAnAmount(
                text, "amount_currency", named=_USUAL.get(sign, sign), currency=style.currency
            )


_GROUPS = lazy_pattern(
    r"(?P<comma>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?)"
    r"|(?P<point>[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?)"
    r"|(?P<other>\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d{1,2})?)"
    r"|(?P<plain>\d+(?:\.\d+)?)|(?P<cents>\d+,\d{1,2})"
)
_ONE_GROUP = re.compile(r"([1-9]\d{0,2})[.,](\d{3})")


def _decimal(number: str, style: AmountStyle, text: str, *, with_unit: bool) -> Decimal:
    """A number with its separators. Raises NotAnAmount, with both readings where there are two."""
    groups = _GROUPS.fullmatch(number)
    if groups is None:
        raise NotAnAmount(text)
    if one := _ONE_GROUP.fullmatch(number):
        small, large = Decimal(f"{one[1]}.{one[2]}"), Decimal(one[1] + one[2])
        sign = number[len(one[1])]
        if sign == "." == style.decimal and with_unit:
            return small
        if sign == style.decimal or (sign == "." and with_unit):
            raise NotAnAmount(
                text, "amount_ambiguous", small=f"{small.normalize():f}", large=f"{large:f}"
            )
        return large
    if groups["cents"] and style.decimal != "," and len(number.partition(",")[0]) < 4:
        raise NotAnAmount(text)
    if groups["point"] or groups["cents"]:
        return Decimal(number.replace(".", "").replace(",", "."))
    if groups["other"]:
        return Decimal(re.sub(r"[ '’]", "", number).replace(",", "."))
    return Decimal(number.replace(",", ""))


class _Sum:
    """Numbers and units from left to right: ``15万8千``, ``六万八``, ``1.5 million``."""

    def __init__(self, text: str, style: AmountStyle, typed: str) -> None:
        self._text, self._style, self._typed = text, style, typed
        self._total = self._section = Decimal(0)
        self._number: Decimal | None = None
        self._unit = self._last = self._top = 0
        self._word, self._short = "", False

    @classmethod
    def of(cls, text: str, style: AmountStyle, typed: str) -> tuple[Decimal, int]:
        """The value and the last magnitude in it. Raises NotAnAmount, naming what was typed."""
        self, place = cls(text, style, typed), 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise NotAnAmount(typed)
            self._take(token)
            place = token.end()
        return self._end()

    def _take(self, token: re.Match[str]) -> None:
        if word := token[3]:
            self._multiply(word)
            return
        known, english = self._number, self._word.isascii() and self._word not in ("", "w")
        if english or (known is not None and (known or token[1])):
            raise NotAnAmount(self._typed)
        self._short = bool(self._unit) and known is None
        if token[1]:
            unit = _TOKEN.match(self._text, token.end())
            with_unit = unit is not None and unit[3] is not None
            self._number = _decimal(token[1], self._style, self._typed, with_unit=with_unit)
            self._short = self._short and len(token[1]) == 1
        else:
            self._number = Decimal(_HANZI[token[2]])

    def _multiply(self, word: str) -> None:
        factor = _SMALL.get(word) or _MAGNITUDES[word]
        if self._number is None and not (factor == 10 or (factor > 1_000 and self._section)):
            raise NotAnAmount(self._typed)
        self._unit, self._word = factor, word
        if word in _SMALL or word in "千仟":
            self._section += (1 if self._number is None else self._number) * factor
        else:
            if self._top and factor >= self._top and factor < 100_000_000:
                raise NotAnAmount(self._typed)
            self._top = factor
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
            raise NotAnAmount(self._typed)
        if rest is not None and self._short:
            # 六万八 is 68,000.
            rest = rest * self._unit / 10
        return self._total + self._section + (rest or 0), self._last


def written_amount(amount: Decimal, locale: str, style: AmountStyle = ANY) -> str:
    """Format an amount as people type it into a field: ``12.5万``, ``125,000``.

    ``parse_amount`` reads it in the same style.
    """
    if locale.startswith("zh") and amount >= _MAGNITUDES["万"] and amount % 100 == 0:
        return f"{(amount / _MAGNITUDES['万']).normalize():f}万"
    written = f"{amount:,f}".removesuffix(".00")
    if style.decimal == ",":
        return written.translate(str.maketrans(",.", ".,"))
    return written
