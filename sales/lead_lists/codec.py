"""A query and its order as one short text, for buttons and saved views.

``stage=proposal;region=east,north;step=overdue;-source=ads;sort=value``. The text comes back from
outside, or from a time before the vocabulary changed: whatever cannot be read is left out and
returned as such.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from sales.errors import FilterTooLong
from sales.lead_lists.query import (
    DAYS_MOST,
    CloseDate,
    DayRange,
    Exclusion,
    LastDays,
    LeadFigure,
    LeadQuery,
    LeadSort,
    NextStep,
    Period,
    QueryField,
    Status,
    Window,
)
from sales.leads import Grade, Stage
from sales.playbook.vocabulary import Term, Vocabulary
from sales.reports import Number, ReportPeriod

LONGEST: Final = 1_500
"""Characters of an encoded query."""

_ID: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_KEY: Final = re.compile(r"[a-z0-9_]{1,30}", re.ASCII)
_DAYS: Final = re.compile(r"\d{1,4}", re.ASCII)
_MONEY: Final = re.compile(r"(\d{1,12}(?:\.\d{1,2})?)?-(\d{1,12}(?:\.\d{1,2})?)?", re.ASCII)
_RANGE: Final = re.compile(r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)", re.ASCII)
_LAST: Final = re.compile(r"last_(\d{1,4})", re.ASCII)
_SIGNS: Final = re.compile(r"[%;,=:\x00-\x20]")
_ME, _NOBODY, _COMPANY = "me", "nobody", "all"
_TERMS: Final = {
    QueryField.SOURCE: "sources",
    QueryField.REGION: "regions",
    QueryField.INDUSTRY: "industries",
    QueryField.PRODUCT: "products",
}
_NAMES: Final = {
    QueryField.STAGE: "stages",
    QueryField.GRADE: "grades",
    **_TERMS,
    QueryField.OWNER: "owners",
    QueryField.TEAM: "teams",
    QueryField.STEP: "steps",
    QueryField.CLOSE: "closes",
}
"""The field of ``LeadQuery`` that holds the values."""
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class LostPart:
    """A part of an encoded query that could not be read: ``product``, ``basic``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DecodedQuery:
    """A decoded query, with what of it could not be read.

    ``is_wider``: a filter lost all of its values, so that the list shows more than was asked for.
    """

    query: LeadQuery = field(default_factory=LeadQuery)
    sort: LeadSort = LeadSort.PRESSING
    lost: tuple[LostPart, ...] = ()
    is_wider: bool = False


def encode(query: LeadQuery, sort: LeadSort = LeadSort.PRESSING) -> str:
    """Write a query and its order as text without blanks and colons.

    Raises FilterTooLong for more than ``LONGEST`` characters.
    """
    text = ";".join(f"{name}={value}" for name, value in _parts(query, sort))
    if len(text) > LONGEST:
        raise FilterTooLong
    return text


def _parts(query: LeadQuery, sort: LeadSort) -> Iterator[tuple[str, str]]:
    if query.status is not Status.OPEN:
        yield "is", query.status.value
    yield from _lists(query)
    if query.low is not None or query.high is not None:
        yield "value", f"{_money(query.low)}-{_money(query.high)}"
    for name in _DAY_COUNTS:
        if (days := getattr(query, name)) is not None:
            yield name, str(days)
    for name in _WINDOWS:
        if window := getattr(query, name):
            yield name, _window(window)
    for name in _FLAGS:
        if getattr(query, name):
            yield name, "1"
    if query.text:
        yield "text", _SIGNS.sub(lambda sign: f"%{ord(sign[0]):02X}", query.text)
    if query.figure:
        yield "figure", _written_figure(query.figure)
    if sort is not LeadSort.PRESSING:
        yield "sort", sort.value


def _lists(query: LeadQuery) -> Iterator[tuple[str, str]]:
    """The filters of several values, and the values that are left out."""
    for field_name, attribute in _NAMES.items():
        values = [str(value) for value in getattr(query, attribute)]
        if field_name is QueryField.OWNER:
            values += [_ME] * query.mine + [_NOBODY] * query.nobody
        if values:
            yield field_name.value, ",".join(values)
    for field_name in QueryField:
        if values := [one.value for one in query.excluded if one.field is field_name]:
            yield f"-{field_name.value}", ",".join(values)


def _written_figure(figure: LeadFigure) -> str:
    whose = () if figure.person_id is None else (figure.person_id,)
    team = _COMPANY if figure.team_id is None else figure.team_id
    return ",".join(map(str, (figure.number.value, team, figure.period, *whose)))


_DAY_COUNTS: Final = ("newer", "older", "quiet", "in_stage", "late", "due_within")
_WINDOWS: Final = ("created", "closed", "due", "closing")
_FLAGS: Final = ("uncontacted", "hot")


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def _window(window: Window) -> str:
    match window:
        case DayRange(first, last):
            return f"{first.isoformat()}_{last.isoformat()}"
        case LastDays(days):
            return f"last_{days}"
        case Period():
            return window.value


def decode(text: str, vocabulary: Vocabulary | None = None) -> DecodedQuery:
    """Read what ``encode`` wrote; takes any text.

    Keys that are no longer in the ``vocabulary`` cannot be read; without one, any key can.
    """
    reader = _Reader(vocabulary)
    for part in text[:LONGEST].split(";"):
        name, _, value = part.strip().partition("=")
        if name or value:
            reader.read(name, value)
    if text[LONGEST:]:
        reader.lose("", text[LONGEST : LONGEST + 40])
    return reader.result()


class _Reader:
    """Collects the parts of one text."""

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, Any] = {}
        self._sort = LeadSort.PRESSING
        self._excluded: list[Exclusion] = []
        self._lost: list[LostPart] = []
        self._wider = False

    def lose(self, name: str, value: str) -> None:
        self._lost.append(LostPart(name[:30], value[:100]))
        self._wider = True

    def result(self) -> DecodedQuery:
        query = LeadQuery(**self._known, excluded=tuple(self._excluded))
        return DecodedQuery(query, self._sort, tuple(self._lost), self._wider)

    def read(self, name: str, value: str) -> None:
        if name == "sort":
            self._read_sort(value)
        elif name in _FIELDS:
            self._read_values(QueryField(name), value.split(","))
        elif name.startswith("-") and name[1:] in _FIELDS:
            self._read_excluded(QueryField(name[1:]), value.split(","))
        elif name in _SINGLE:
            try:
                self._known |= _SINGLE[name](value)
            except ValueError:
                self.lose(name, value)
        else:
            self.lose(name, value)

    def _read_sort(self, value: str) -> None:
        try:
            self._sort = LeadSort(value)
        except ValueError:
            # Another order shows the same leads.
            self._lost.append(LostPart("sort", value[:100]))

    def _read_values(self, name: QueryField, values: Iterable[str]) -> None:
        known = list(self._known.get(_NAMES[name], ()))
        was_read = False
        for value in values:
            try:
                if name is QueryField.OWNER and value in _PEOPLE:
                    self._known[_PEOPLE[value]] = True
                else:
                    known.append(self._value(name, value))
            except ValueError:
                self._lost.append(LostPart(name.value, value[:100]))
            else:
                was_read = True
        self._known[_NAMES[name]] = tuple(known)
        self._wider = self._wider or not was_read

    def _read_excluded(self, name: QueryField, values: Iterable[str]) -> None:
        for value in values:
            try:
                known = str(self._value(name, value))
            except ValueError:
                # Nothing of this kind is left that could be in the list.
                self._lost.append(LostPart(f"-{name.value}", value[:100]))
            else:
                self._excluded.append(Exclusion(name, known))

    def _value(self, name: QueryField, value: str) -> Any:
        match name:
            case QueryField.STAGE:
                return Stage(value)
            case QueryField.GRADE:
                return Grade(value)
            case QueryField.STEP:
                return NextStep(value)
            case QueryField.CLOSE:
                return CloseDate(value)
            case QueryField.OWNER | QueryField.TEAM:
                return _id(value)
            case _:
                return self._term(_TERMS[name], value)

    def _term(self, terms: str, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError(key)
        if self._vocabulary is not None:
            known: tuple[Term, ...] = getattr(self._vocabulary, terms)
            if key not in {term.key for term in known}:
                raise ValueError(key)
        return key


def _id(text: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _days(name: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        if not _DAYS.fullmatch(text) or not 0 < int(text) <= DAYS_MOST:
            raise ValueError(text)
        return {name: int(text)}

    return read


def _span_of_days(name: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        if (last_days := _LAST.fullmatch(text)) and int(last_days[1]) <= DAYS_MOST:
            return {name: LastDays(int(last_days[1]))}
        if not (match := _RANGE.fullmatch(text)):
            return {name: Period(text)}
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
        return {name: DayRange(min(first, last), max(first, last))}

    return read


def _bounds(text: str) -> dict[str, Any]:
    match = _MONEY.fullmatch(text)
    if match is None or text == "-":
        raise ValueError(text)
    low, high = (Decimal(end) if end else None for end in match.groups())
    return {"low": low, "high": high}


def _day_range(name: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        known = _span_of_days(name)(text)
        return known if isinstance(known[name], DayRange) else _unknown(text)

    return read


def _unknown(text: str) -> dict[str, Any]:
    raise ValueError(text)


def _flag(name: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        if text != "1":
            raise ValueError(text)
        return {name: True}

    return read


def _figure(text: str) -> dict[str, Any]:
    number, team, period, *whose = text.split(",")
    if len(whose) > 1:
        raise ValueError(text)
    team_id = None if team == _COMPANY else _id(team)
    person = _id(whose[0]) if whose else None
    key = ReportPeriod.of_key(period).key
    return {"figure": LeadFigure(Number(number), team_id, key, person)}


_FIELDS: Final = frozenset(QueryField)
_PEOPLE: Final = {_ME: "mine", _NOBODY: "nobody"}
_SINGLE: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "is": lambda text: {"status": Status(text)},
    "value": _bounds,
    "text": lambda text: {"text": unquote(text)},
    "figure": _figure,
    **{name: _days(name) for name in _DAY_COUNTS},
    **{name: _span_of_days(name) for name in _WINDOWS},
    **{name: _flag(name) for name in _FLAGS},
    **{name: _day_range(name) for name in ("due", "closing")},
}
