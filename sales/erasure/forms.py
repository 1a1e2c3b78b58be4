"""Finds the forms of a person's name and contacts in a text, and removes them.

Two degrees. *Far*: in any text, only what names this person and hardly anybody else: the full name,
their phones, e-mails, WeChat ids and accounts, also as the bot masks them. *Near*: in the texts of
their own lead, also what colleagues call them there (王总, 小王, Mr Wang, a first name), and
whatever looks like a contact. Pure; every pattern is linear.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

import phonenumbers

from sales.contacts import without_contacts
from sales.erasure import ERASED, PersonForms
from sales.leads import mask_email, mask_phone

_HAN: Final = r"\u3400-\u9fff"
_HAN_NAME: Final = re.compile(rf"[{_HAN}]{{2,4}}")
_SPLIT: Final = re.compile(r"[/／、,，;；|()（）\[\]【】]| {2,}|和|与|及")
_LATIN: Final = re.compile(r"[^\W\d_\u3400-\u9fff]+(?:['’-][^\W\d_\u3400-\u9fff]+)*")
_TITLES: Final = (
    "总经理",
    "董事长",
    "总监",
    "总裁",
    "经理",
    "主任",
    "主管",
    "先生",
    "女士",
    "小姐",
    "太太",
    "夫人",
    "老师",
    "教授",
    "博士",
    "院长",
    "校长",
    "部长",
    "处长",
    "科长",
    "局长",
    "厂长",
    "店长",
    "组长",
    "队长",
    "会计",
    "律师",
    "医生",
    "助理",
    "秘书",
    "同学",
    "总",
    "董",
    "工",
    "哥",
    "姐",
    "叔",
    "姨",
    "局",
    "处",
    "科",
    "院",
    "导",
)
_BEFORE: Final = "小老阿"
_COMPOUND: Final = frozenset(
    (
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "夏侯",
        "轩辕",
        "端木",
        "南宫",
        "百里",
        "长孙",
        "宇文",
        "独孤",
        "西门",
    )
)
_ENGLISH: Final = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "madam",
        "herr",
        "frau",
        "mme",
        "ceo",
        "cto",
        "cfo",
        "coo",
        "manager",
        "director",
        "sales",
        "buyer",
        "the",
        "and",
    )
)
_COURTESY: Final = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Madam)\.?\s?"
_LETTER: Final = r"[^\W\d_\u3400-\u9fff]"
_HAN_DIGITS: Final = "〇一二三四五六七八九"
_NUMBER_OR_TIME: Final = re.compile(r"-?(?!1\d{10}$)\d{1,20}(?:\.\d+)?|\d{4}-\d\d-\d\d[\dT:.+Z-]*")
_LONGEST: Final = 200
_FEWEST_DIGITS: Final = 7


class TextEraser:
    """Removes one person from texts. ``count`` is how many places were removed so far.

    A single name that is a word of one of the ``customers`` is left: it may stand for the company.
    """

    def __init__(self, forms: PersonForms, customers: Iterable[str] = ()) -> None:
        self.count = 0
        self._far = _compiled(_far(forms))
        self._near = _compiled([*_far(forms), *_near(forms, " ".join(customers).casefold())])

    def clean(self, text: str, *, near: bool = False) -> str:
        """Return the text without the person; the same object when they are not in it."""
        pattern = self._near if near else self._far
        cleaned = text
        if pattern is not None:
            cleaned, n = pattern.subn(ERASED, text)
            self.count += n
        if near and (bare := without_contacts(cleaned, ERASED)) != cleaned:
            self.count += 1
            cleaned = bare
        return text if cleaned == text else cleaned

    def clean_stored(self, text: str, *, near: bool = False) -> str:
        """As ``clean``, for a text that may hold JSON, of which only the values change."""
        if text[:1] in ("{", "["):
            try:
                value = json.loads(text)
            except ValueError:
                return self.clean(text, near=near)
            cleaned = self.clean_json(value, near=near)
            return text if cleaned == value else json.dumps(cleaned, ensure_ascii=False)
        return self.clean(text, near=near)

    def clean_json(self, value: Any, *, near: bool = False) -> Any:
        """As ``clean``, for every text within a JSON value; keys by full forms only."""
        match value:
            case str():
                # A number or a time would be taken for a phone.
                plain = near and _NUMBER_OR_TIME.fullmatch(value) is not None
                return self.clean_stored(value, near=near and not plain)
            case list():
                return [self.clean_json(one, near=near) for one in value]
            case dict():
                return {
                    self.clean(key) if isinstance(key, str) else key: self.clean_json(
                        one, near=near
                    )
                    for key, one in value.items()
                }
            case _:
                return value


def names_in(typed: str) -> tuple[str, ...]:
    """The names in a contact as people type it: ``王伟/李娜``, ``Jane Doe (CFO)``."""
    text = unicodedata.normalize("NFKC", typed[:_LONGEST])
    return tuple(dict.fromkeys(part.strip() for part in _SPLIT.split(text) if part.strip()))


def full_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are full: two Chinese characters or two words at least, without a
    title."""
    return tuple(name for name in names if _han_name(name) or len(_words(name)) > 1)


def same_name(name: str) -> str:
    """A name as two of them are compared: without case, width, blanks and dots."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def _far(forms: PersonForms) -> Iterator[str]:
    for name in (one for typed in forms.names for one in names_in(typed)):
        if _han_name(name):
            yield rf"{_between(name)}"
        elif len(words := _words(name)) > 1:
            yield from _whole_latin(words)
    for contact in forms.contacts:
        if "@" in contact:
            yield from _email(contact)
        elif contact.lstrip("+").partition(";")[0].isdigit():
            yield from _phone(contact)
        elif len(contact) > 2:
            yield rf"(?<!\w)(?i:{re.escape(contact)})(?!\w)"
    for account in forms.accounts:
        if len(account) > 3:
            yield rf"(?<![\w-]){re.escape(account)}(?![\w-])"


def _near(forms: PersonForms, customers: str) -> Iterator[str]:
    titles = "|".join(_TITLES)
    for name in (one for typed in forms.names for one in names_in(typed)):
        if family := _family(name):
            yield rf"{family}\s?(?:{titles})"
            yield rf"[{_BEFORE}]{family}(?![{_HAN}]?某)"
            given = _han_name(name)[len(family) :]
            if len(given) > 1 and given not in customers:
                yield _between(given)
        words = _words(name)
        for word in words:
            yield rf"(?<!{_LETTER})(?i:{_COURTESY}{re.escape(word)})(?!{_LETTER})"
            if len(word) > 2 and word.casefold() not in customers:
                # A capital tells Will from will.
                yield rf"(?<!{_LETTER})(?:{_capital(word)})(?!{_LETTER})"
            yield rf"(?<!{_LETTER})(?i:{re.escape(word)})\s?(?:{titles})"


def _capital(word: str) -> str:
    if word != word.lower() or word != word.upper():
        return f"{re.escape(word[:1].upper() + word[1:].lower())}|{re.escape(word.upper())}"
    return re.escape(word)


def _han_name(name: str) -> str:
    """A full Chinese name without blanks; empty for anything else, such as 王总."""
    bare = "".join(name.split()).replace("·", "")
    if not _HAN_NAME.fullmatch(bare) or _titled(bare):
        return ""
    return bare


def _titled(name: str) -> str:
    """The family name of ``王总``; empty for a name without a title."""
    for title in _TITLES:
        rest = name.removesuffix(title)
        if rest != name and (len(rest) == 1 or rest in _COMPOUND) and len(title) > 0:
            # 王工 and 王导 are titles, 王科 may be a name: of one that is unclear, take the title.
            return rest
    if len(name) in (2, 3) and name[0] in _BEFORE:
        return name[1:]
    return ""


def _family(name: str) -> str:
    """The family name of a Chinese name, also of ``王总`` and ``小王``; empty for others."""
    bare = "".join(name.split())
    if titled := (_titled(bare) if _HAN_NAME.fullmatch(bare) else ""):
        return titled
    full = _han_name(name)
    return full[:2] if full[:2] in _COMPOUND else full[:1]


def _words(name: str) -> list[str]:
    return [word for word in _LATIN.findall(name) if word.lower() not in _ENGLISH]


def _between(han: str) -> str:
    """The characters, also with a blank or dot between each."""
    return r"[\s·]?".join(map(re.escape, han))


def _whole_latin(words: list[str]) -> Iterator[str]:
    """First and last names in either order, run together, or with an initial."""
    gap = r"[\s.,_·-]{0,3}"
    orders = {tuple(words), (words[-1], *words[:-1])}
    if len(words) > 2:
        orders |= {(words[0], words[-1]), (words[-1], words[0])}
    for order in sorted(orders):
        whole = gap.join(map(re.escape, order))
        yield rf"(?<!{_LETTER})(?i:{whole})(?!{_LETTER})"
    first, last = words[0], words[-1]
    if len(last) > 1:
        yield (
            rf"(?<!{_LETTER})(?i:{re.escape(first[0])}\.\s?{re.escape(last)}"
            rf"|{re.escape(last)},?\s{re.escape(first[0])}\.)(?!{_LETTER})"
        )


def _email(email: str) -> Iterator[str]:
    name, _, domain = email.partition("@")
    at = r"\s?[@＠﹫]\s?"
    yield rf"(?<![\w.+-])(?i:{re.escape(name)}{at}{re.escape(domain)})(?![\w-])"
    yield rf"(?i:{re.escape(mask_email(email))})(?![\w-])"


def _phone(phone: str) -> Iterator[str]:
    """A number with or without its country code, whatever stands between its digits."""
    number = phone.partition(";")[0]
    digits = number.lstrip("+")
    country, national = "", digits
    if number.startswith("+"):
        try:
            parsed = phonenumbers.parse(number)
            country = str(parsed.country_code)
            national = digits.removeprefix(country)
        except phonenumbers.NumberParseException:
            pass
    if len(national) < _FEWEST_DIGITS:
        return
    gap = r"[\s().（）·．_/—–-]{0,3}"
    code = rf"(?:(?:[+＋]|{_digit('0')}{_digit('0')})?{gap}{gap.join(map(_digit, country))}{gap})?"
    zero = f"(?:{_digit('0')}{gap})?"
    yield rf"(?<!\d){code if country else ''}{zero}{gap.join(map(_digit, national))}(?!\d)"
    yield rf"(?<![\d*]){re.escape(mask_phone(phone))}(?!\d)" if len(digits) >= 9 else r"(?!)"


def _digit(digit: str) -> str:
    wide = chr(ord(digit) + 0xFEE0)
    han = _HAN_DIGITS[int(digit)]
    return f"[{digit}{wide}{han}{'幺' if digit == '1' else ''}{'零' if digit == '0' else ''}]"


def _compiled(patterns: Iterable[str]) -> re.Pattern[str] | None:
    # The longest first: a full name before its part.
    unique = sorted(dict.fromkeys(patterns), key=len, reverse=True)
    return re.compile("|".join(unique)) if unique else None
