"""Finds the forms of a person's name and contacts in a text, and removes them.

Two degrees. *Far*: in any text, only what names this person and hardly anybody else: the full name,
their phones, e-mails, WeChat ids and accounts, also as the bot masks them. *Near*: in the texts of
their own lead, also what colleagues call them there (王总, 小王, Mr Wang, a first name), and
whatever looks like a contact. A text elsewhere that gives their lead's number lies between: what
colleagues call them counts, the contacts of others stay. Pure; every pattern is linear.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import phonenumbers

from sales.contacts import without_contacts
from sales.erasure import ERASED, PersonForms
from sales.erasure.names import (
    BEFORE,
    HAN,
    TITLES,
    family_name,
    han_name,
    latin_words,
    names_in,
)
from sales.leads import mask_email, mask_phone

_COURTESY: Final = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Madam)\.?\s?"
_LETTER: Final = rf"[^\W\d_{HAN}]"
_UNSEEN: Final = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
"""Signs that nobody sees; address books put some around numbers."""
_GAP: Final = rf"[\s().（）·．_/—–‐‑‒−－\-{_UNSEEN}]{{0,4}}"
_MARKS: Final = r"[\u0300-\u036f]{0,2}"
_AT: Final = r"\s?(?:[@＠﹫]|[\[(（{<]\s?at\s?[\])）}>]|\sat\s)\s?"
_DOT: Final = r"(?:[.．。]|\s?[\[(（{]\s?dot\s?[\])）}]\s?)"
_HAN_DIGITS: Final = "〇一二三四五六七八九"
_UMLAUTS: Final = {"ae": "ä", "oe": "ö", "ue": "ü"}
_BLOCKS: Final = (range(0xC0, 0x250), range(0x1E00, 0x1F00), range(0xFF21, 0xFF5B))
"""Letters with marks, and full-width ones."""
_LEAD: Final = re.compile(r"(?<![A-Za-z0-9])(?i:LX)-?(\d{1,9})(?!\d)")
_NUMBER_OR_TIME: Final = re.compile(r"-?(?!1\d{10}$)\d{1,20}(?:\.\d+)?|\d{4}-\d\d-\d\d[\dT:.+Z-]*")
_FEWEST_DIGITS: Final = 7


class TextEraser:
    """Removes one person from texts. ``count`` is how many places were removed so far.

    A single name that is a word of one of the ``customers`` is left: it may stand for the company.
    ``leads`` are the person's, by which other texts are known to be about them: LX001.
    """

    def __init__(
        self, forms: PersonForms, customers: Iterable[str] = (), leads: Iterable[int] = ()
    ) -> None:
        self.count = 0
        self._far = _compiled(_far(forms))
        self._near = _compiled([*_far(forms), *_near(forms, " ".join(customers).casefold())])
        self._leads = frozenset(leads)

    def clean(self, text: str, *, near: bool = False, about: bool = False) -> str:
        """Return the text without the person; the same object when they are not in it.

        ``near``: a text of their lead; ``about``: one elsewhere that is about their lead.
        """
        pattern = self._near if near or about or self._names_lead(text) else self._far
        cleaned = text
        if pattern is not None:
            cleaned, n = pattern.subn(ERASED, text)
            self.count += n
        if near and (bare := without_contacts(cleaned, ERASED)) != cleaned:
            self.count += 1
            cleaned = bare
        return text if cleaned == text else cleaned

    def clean_stored(self, text: str, *, near: bool = False, about: bool = False) -> str:
        """As ``clean``, for a text that may hold JSON, of which only the values change."""
        if text[:1] not in ("{", "["):
            return self.clean(text, near=near, about=about)
        try:
            value = json.loads(text)
        except ValueError:
            return self.clean(text, near=near, about=about)
        # A card that shows no lead but theirs is about it in all its parts.
        about = about or self._names_lead(text, only=True)
        cleaned = self.clean_json(value, near=near, about=about)
        return text if cleaned == value else json.dumps(cleaned, ensure_ascii=False)

    def clean_json(self, value: Any, *, near: bool = False, about: bool = False) -> Any:
        """As ``clean``, for every text within a JSON value; keys by full forms only."""
        match value:
            case str():
                # A number or a time would be taken for a phone.
                plain = near and _NUMBER_OR_TIME.fullmatch(value) is not None
                return self.clean_stored(value, near=near and not plain, about=about)
            case list():
                return [self.clean_json(one, near=near, about=about) for one in value]
            case dict():
                about = about or value.get("lead_id") in self._leads
                return {
                    self.clean(key) if isinstance(key, str) else key: self.clean_json(
                        one, near=near, about=about
                    )
                    for key, one in value.items()
                }
            case _:
                return value

    def _names_lead(self, text: str, *, only: bool = False) -> bool:
        """Whether a text gives the number of one of the person's leads; ``only``: and no other."""
        if not self._leads:
            return False
        numbers = {int(number) for number in _LEAD.findall(text)}
        return numbers <= self._leads if only and numbers else bool(numbers & self._leads)


def _far(forms: PersonForms) -> Iterator[str]:
    for name in (one for typed in forms.names for one in names_in(typed)):
        if full := han_name(name):
            yield _between(full)
        elif len(words := latin_words(name)) > 1:
            yield from _whole_latin(words)
    for contact in forms.contacts:
        if "@" in contact:
            yield from _email(contact)
        elif contact.lstrip("+").partition(";")[0].isdigit():
            yield from _phone(contact)
        elif len(contact) > 2:
            yield rf"(?<![A-Za-z0-9_-])(?i:{re.escape(contact)})(?![A-Za-z0-9_-])"
    for account in forms.accounts:
        if len(account) > 3:
            yield rf"(?<![A-Za-z0-9_-]){re.escape(account)}(?![A-Za-z0-9_-])"


def _near(forms: PersonForms, customers: str) -> Iterator[str]:
    titles = "|".join(TITLES)
    for name in (one for typed in forms.names for one in names_in(typed)):
        if family := family_name(name):
            yield rf"{family}\s?(?:{titles})"
            yield rf"[{BEFORE}]{family}(?![{HAN}]?某)"
            given = han_name(name)[len(family) :]
            if len(given) > 1 and given not in customers:
                yield _between(given)
        for word in latin_words(name):
            yield rf"(?<!{_LETTER})(?i:{_COURTESY}{_spelt(word)})(?!{_LETTER})"
            if len(word) > 2 and word.casefold() not in customers:
                # A capital tells Will from will.
                yield rf"(?<!{_LETTER})(?:{_capital(word)})(?!{_LETTER})"
            yield rf"(?<!{_LETTER})(?i:{_spelt(word)})\s?(?:{titles})"
    for contact in forms.contacts:
        if contact.startswith("+"):
            last = "".join(map(_digit, contact.partition(";")[0][-4:]))
            yield rf"(?i:尾号|末四位|后四位|ending(?: in)?)\W{{0,3}}{last}(?!\d)"


def _capital(word: str) -> str:
    if word != word.lower() or word != word.upper():
        return f"{re.escape(word[:1].upper() + word[1:].lower())}|{re.escape(word.upper())}"
    return re.escape(word)


def _between(han: str) -> str:
    """The characters, also with a blank or dot between each."""
    return rf"[\s·{_UNSEEN}]?".join(map(re.escape, han))


def _whole_latin(words: list[str]) -> Iterator[str]:
    """First and last names in either order, run together, or with an initial."""
    gap = rf"[\s.,_·{_UNSEEN}-]{{0,3}}"
    orders = {tuple(words), (words[-1], *words[:-1])}
    if len(words) > 2:
        orders |= {(words[0], words[-1]), (words[-1], words[0])}
    for order in sorted(orders):
        whole = gap.join(map(_spelt, order))
        yield rf"(?<!{_LETTER})(?i:{whole})(?!{_LETTER})"
    first, last = words[0], words[-1]
    if len(last) > 1:
        initial = _spelt(first[0])
        yield (
            rf"(?<!{_LETTER})(?i:{initial}\.\s?{_spelt(last)}"
            rf"|{_spelt(last)},?\s{initial}\.)(?!{_LETTER})"
        )


def _spelt(word: str) -> str:
    """A word with or without its marks, also composed of two signs, as ``é`` may be; ``ü`` or
    ``ue``."""
    word = unicodedata.normalize("NFC", word).casefold()
    pieces, at = [], 0
    while at < len(word):
        pair = word[at : at + 2]
        if pair in _UMLAUTS:
            pieces.append(f"(?:{_letter(pair[0])}{_letter(pair[1])}|{_letter(_UMLAUTS[pair])})")
            at += 2
            continue
        letter = _letter(word[at])
        two = next((two for two, one in _UMLAUTS.items() if one == word[at]), "")
        pieces.append(f"(?:{letter}|{two})" if two else letter)
        at += 1
    return "".join(pieces)


def _letter(letter: str) -> str:
    base = _base(letter)
    return f"[{re.escape(letter + base)}{_marked().get(base, '')}]{_MARKS}"


@cache
def _marked() -> Mapping[str, str]:
    """All letters with marks and full-width ones, by the plain letter."""
    letters: dict[str, str] = {}
    for sign in (chr(code) for block in _BLOCKS for code in block):
        if (base := _base(sign)) != sign and len(base) == 1 and base.isalpha():
            letters[base] = letters.get(base, "") + sign
    return letters


def _base(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter).casefold()
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _email(email: str) -> Iterator[str]:
    """An address with or without a tag (``name+tag@``), also as people hide it from robots."""
    local, _, domain = email.partition("@")
    name = re.escape(local.partition("+")[0] or local)
    domains = {domain, domain.encode("idna").decode()} if not domain.isascii() else {domain}
    wheres = "|".join(_DOT.join(map(re.escape, one.split("."))) for one in sorted(domains))
    start, end = r"(?<![A-Za-z0-9_.+-])", r"(?![A-Za-z0-9-])"
    yield rf"{start}(?i:{name}(?:\+[\w.+-]{{1,60}})?{_AT}(?:{wheres})){end}"
    yield rf"(?i:{re.escape(mask_email(email))}){end}"


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
    plus = rf"[(（]?(?:(?:[+＋]|{_digit('0')}{_digit('0')}){_GAP})?"
    code = rf"(?:{plus}{_GAP.join(map(_digit, country))}{_GAP})?" if country else ""
    zero = f"(?:{_digit('0')}{_GAP})?"
    yield rf"(?<!\d){code}{zero}{_GAP.join(map(_digit, national))}(?!\d)"
    if len(digits) >= 9:
        yield rf"(?<![\d*]){re.escape(mask_phone(phone))}(?!\d)"


def _digit(digit: str) -> str:
    """A digit in any script, or as a Chinese numeral."""
    spoken = {"1": "幺", "0": "零"}.get(digit, "")
    return f"[{_decimals()[digit]}{_HAN_DIGITS[int(digit)]}{spoken}]"


@cache
def _decimals() -> Mapping[str, str]:
    digits: dict[str, str] = {}
    for sign in filter(str.isdecimal, map(chr, range(0x20000))):
        value = str(unicodedata.decimal(sign))
        digits[value] = digits.get(value, "") + sign
    return digits


def _compiled(patterns: Iterable[str]) -> re.Pattern[str] | None:
    # The longest first: a full name before its part.
    unique = sorted(dict.fromkeys(patterns), key=len, reverse=True)
    return re.compile("|".join(unique)) if unique else None
