"""Several answers in one message: ``张样例 13800001111 样例科技 询价``, in any order. Pure.

Tells from each part which field it answers: by its label, by what only one kind of field takes (a
number, an address, an amount, a date, the name of an option), or by what a company and a person are
called. What is left goes to the open question and to the field for prose. A text in which nothing
points to another field is one answer, and prose is never taken apart.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import normalize

from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    DateTime,
    Email,
    Field,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    PersonPick,
    Phone,
    Text,
)
from sales.capture.people_names import EN_NAME, is_chinese_name, ranked_name

LONGEST = 400
"""Characters of a message that is looked at; a longer one is prose."""
_GAP = re.compile(r"[\s,，、;；]+")
_COMMA = re.compile(r"[,，、;；\n]+")
_LATIN = re.compile(r"[!-~À-ɏ]+(?: [!-~À-ɏ]+)*(?=\s|$)|\S+")
_HAN_OR_LATIN = re.compile(r"[\u4e00-\u9fffA-Za-z]{2}")
_SHORT = 2
_LEAST_DIGITS, _MOST_DIGITS = 7, 15
_DATE = re.compile(
    r"20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}月\d{1,2}[日号]|今天|明天|后天|大后天"
    r"|(?:下下?个?|这|本)?(?:周|星期|礼拜)[一二三四五六日天]|today|tomorrow"
    r"|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?\(?\d(?:[ ()-]?\d){6,16}")
_EMAIL = re.compile(r"[^\s@,，;；、]{1,64}@[^\s@,，;；、]{1,190}\.[a-z]{2,24}", re.IGNORECASE)
_MONEY = re.compile(
    r"[¥￥$€£]\s?\d[\d,.]{0,14}[万千k]?"
    r"|\d[\d.]{0,9}(?:[-–~至到]\d[\d.]{0,9})?\s?(?:[万千]元?|[kKmM](?![a-zA-Z])|元|块)",
)
_KINDS: tuple[tuple[tuple[type[Field], ...], re.Pattern[str]], ...] = (
    ((Email,), _EMAIL),
    ((DateTime, Date), _DATE),
    ((Phone,), _PHONE),
    ((Money,), _MONEY),
)
_COMPANY = re.compile(
    r"公司|集团|科技|股份|有限|实业|工厂|制造|贸易|物流|医药|医疗|大学|学院|学校|医院|银行|事务所"
    r"|中心$|厂$|(?:\b(?:inc|ltd|llc|gmbh|corp|co|ag|plc)\b\.?$)",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(EN_NAME)
_NAMED: Mapping[str, str] = {"customer": "company", "contact": "person"}
"""The fields that names are told apart for."""

_OneOf: TypeAlias = Choice | PersonPick | MultiChoice


@dataclass(frozen=True, slots=True)
class Parts:
    """The answers by field name as typed, and what could not be placed."""

    answers: Mapping[str, str]
    unplaced: str = ""


def labelled(form: Form, text: str) -> dict[str, str]:
    """Parse ``客户：样例科技 联系人：张样例``: labels anywhere in a line, each after a gap.

    Empty unless the text begins with a label and holds at least two; a single one is a line of its
    own (``guided.read_pairs``).
    """
    if len(text) > LONGEST * 5:
        return {}
    labels = {label.casefold(): field.name for field in form.fields for label in (field.label,)}
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True) if label)
    if not names:
        return {}
    found = list(re.finditer(rf"(?:^|(?<=[\s,，、;；。]))({names})\s?[:：]", text, re.IGNORECASE))
    if len(found) < _SHORT or found[0].start() != 0:
        return {}
    ends = [*(match.start() for match in found[1:]), len(text)]
    pairs = {
        labels[match[1].casefold()]: text[match.end() : end].strip(" \t\n,，、;；")
        for match, end in zip(found, ends, strict=True)
    }
    return {name: value for name, value in pairs.items() if value}


def read_several(form: Form, asked: Field, text: str, answers: Mapping[str, Value]) -> Parts | None:
    """The answers in a message to the open question ``asked``; None where it is a single one.

    ``answers`` are those given before: a part never takes the place of one that was typed, other
    than by the name of an option.
    """
    typed = text.strip()
    if len(typed) > LONGEST:
        return None
    if isinstance(asked, Checklist):
        return _beside_ticks(form, typed, answers)
    if len(_GAP.split(typed)) < _SHORT and not isinstance(asked, Text):
        return None
    if isinstance(asked, LongText):
        return _option_before_prose(form, asked, typed)
    reading = _Reading(form, asked, answers)
    rest = reading.take_names(reading.take_options(reading.take_kinds(typed)))
    if not reading.points_elsewhere:
        return None
    return reading.parts(rest)


_CHANGED = r"(?:(?:请|帮我|把)?(?:修改|改|把|change|set)?(?:一下)?\s{{0,3}})({names})"
_INTO = r"\s{0,3}(?:(?:改|换|变|更新)?[成为到]|是|to|[:：=]|\s)\s{0,3}(\S.{0,400})"


def labelled_change(form: Form, text: str) -> dict[str, str]:
    """Parse ``修改 电话 13900001111`` and ``电话改成13900001111``; empty without a label ahead."""
    labels = {field.label.casefold(): field.name for field in form.fields if field.label}
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    if not names or len(text) > LONGEST:
        return {}
    pattern = _CHANGED.format(names=names) + _INTO
    found = re.fullmatch(pattern, text.strip(), re.IGNORECASE | re.DOTALL)
    return {labels[found[1].casefold()]: found[2].strip()} if found else {}


def read_changes(form: Form, text: str) -> Parts | None:
    """What a message changes in a form that is filled in already; None if nothing points to a
    field. A name alone changes nothing: somebody may be looked for."""
    typed = text.strip()
    if len(typed) > LONGEST:
        return None
    if change := labelled_change(form, typed):
        return Parts(change)
    reading = _Reading(form, None, {})
    rest = reading.take_names(reading.take_options(reading.take_kinds(typed)))
    return reading.parts(rest) if reading.points_elsewhere else None


def _beside_ticks(form: Form, typed: str, answers: Mapping[str, Value]) -> Parts | None:
    """Words under a list of boxes that name none of them: what the form has room for in words."""
    prose = [one for one in form.fields if isinstance(one, LongText) and not answers.get(one.name)]
    if len(prose) != 1 or len(typed) < _SHORT * 2 or not _HAN_OR_LATIN.search(typed):
        return None
    return Parts({prose[0].name: typed})


def _option_before_prose(form: Form, asked: LongText, typed: str) -> Parts | None:
    """``电话 对方要同行案例``: an option of another field in front of the prose."""
    first, *rest = _GAP.split(typed, maxsplit=1)
    field = _only_field_with(form.fields, first)
    if field is None or not rest:
        return None
    return Parts({field.name: first, asked.name: rest[0].strip()})


class _Reading:
    """Takes parts out of a text, each for the field it answers."""

    def __init__(self, form: Form, asked: Field | None, answers: Mapping[str, Value]) -> None:
        self._asked = asked
        self._open = [field for field in form.fields if not answers.get(field.name)]
        self._form = form
        self._taken: dict[str, str] = {}

    @property
    def points_elsewhere(self) -> bool:
        """Whether something belongs to another field: a name does only beside another one, since
        companies are called like people."""
        names = self._taken.keys() & _NAMED.keys()
        own = {self._asked.name} if self._asked else set()
        return bool(self._taken.keys() - names - own) or len(names) >= _SHORT

    def take_kinds(self, text: str) -> str:
        """Take what only one kind of field can mean; returns the rest."""
        for kinds, pattern in _KINDS:
            field = next((one for one in self._open if isinstance(one, kinds)), None)
            match = next(filter(_is_whole, pattern.finditer(text)), None)
            if field is None or match is None:
                continue
            self._taken[field.name] = match[0].strip()
            text = f"{text[: match.start()]}\n{text[match.end() :]}"
        return text

    def take_options(self, text: str) -> list[str]:
        rest = []
        for part in _words(text):
            field = _only_field_with(self._form.fields, part, asked=self._asked)
            if field is None:
                field = self._partly(part)
            if field is None or field.name in self._taken:
                rest.append(part)
            else:
                self._taken[field.name] = part
        return rest

    def _partly(self, part: str) -> _OneOf | None:
        """The required question that is open and has one option with this in its name."""
        if len(part) < _SHORT or part.isdecimal():
            return None
        word = part.casefold()
        asked = [one for one in self._open if isinstance(one, Choice) and one.required]
        hits = [
            one for one in asked if sum(word in each.label.casefold() for each in one.options) == 1
        ]
        return hits[0] if len(hits) == 1 else None

    def take_names(self, parts: Iterable[str]) -> list[str]:
        """Take the name of a company and of a person."""
        fields = {_NAMED[one.name]: one for one in self._open if one.name in _NAMED}
        rest = []
        for part in parts:
            field = fields.get(_kind_of_name(part))
            if field is None or field.name in self._taken:
                rest.append(part)
            else:
                self._taken[field.name] = part
        return self._take_latin_name(rest)

    def _take_latin_name(self, rest: list[str]) -> list[str]:
        """Take ``Zoe Example`` for a person, once the company is known: both look alike."""
        names = [part for part in rest if _LATIN_NAME.fullmatch(part)]
        contact = next((one for one in self._open if one.name == "contact"), None)
        if contact is None or "customer" not in self._taken or len(names) != 1:
            return rest
        self._taken.setdefault(contact.name, names[0])
        return [part for part in rest if part != self._taken[contact.name]]

    def parts(self, rest: list[str]) -> Parts:
        """Give the rest to the open question, then to the field for prose."""
        if self._asked is None:
            return Parts(self._taken, " ".join(rest))
        open_ = [one for one in self._open if one.name not in self._taken]
        if rest and self._asked in open_ and isinstance(self._asked, Text):
            self._taken[self._asked.name] = rest.pop(0)
        prose = next((one for one in open_ if isinstance(one, LongText) and not one.folded), None)
        if rest and prose is not None:
            self._taken[prose.name] = " ".join(rest)
            rest = []
        return Parts(self._taken, " ".join(rest))


def _words(text: str) -> list[str]:
    """The parts of a text. Words of Latin letters in a row are one, as ``Northwind Ltd`` is, unless
    a comma parts them."""
    parts = filter(None, map(str.strip, _COMMA.split(text)))
    return [word for part in parts for word in _LATIN.findall(part)]


def _is_whole(match: re.Match[str]) -> bool:
    """Whether a find stands between gaps, and has as many digits as a phone number may."""
    text, before, after = match.string, match.start() - 1, match.end()
    if match.re is _PHONE and _DATE.fullmatch(match[0]):
        return False
    if before >= 0 and not _GAP.match(text[before]):
        return False
    if after < len(text) and not _GAP.match(text[after]):
        return False
    if match.re is not _PHONE:
        return True
    digits = sum(character.isdecimal() for character in match[0])
    return _LEAST_DIGITS <= digits <= _MOST_DIGITS


def _only_field_with(
    fields: Iterable[Field], word: str, asked: Field | None = None
) -> _OneOf | None:
    """The only field that has an option of this name, the open question before others."""
    typed = normalize("NFKC", word).casefold()
    hits = [
        one
        for one in fields
        if isinstance(one, _OneOf)
        and not isinstance(one, LeadPick)
        and any(option.label.casefold() == typed for option in one.options)
    ]
    if asked is not None and asked in hits:
        return asked if isinstance(asked, _OneOf) else None
    shown = [one for one in hits if not one.folded] or hits
    return shown[0] if len(shown) == 1 else None


def _kind_of_name(part: str) -> str:
    if _COMPANY.search(part):
        return "company"
    if is_chinese_name(part) or ranked_name(part) == part:
        return "person"
    return ""
