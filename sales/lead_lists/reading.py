"""What the phrases of a line mean together: negations, periods, and which field a value is of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol

from sales.lead_lists.lexicon import Kind, ListItem
from sales.lead_lists.query import (
    CLOSED_STATUSES,
    HALF_YEAR,
    CloseDate,
    DayRange,
    Exclusion,
    LastDays,
    LeadQuery,
    LeadSort,
    NextStep,
    Period,
    QueryField,
    Status,
    Window,
    status_of,
)
from sales.leads import OPEN_STAGES, Grade, Stage
from sales.patterns import lazy_pattern

Span = tuple[int, int]
_YEAR: Final = lazy_pattern(r"(?<!\d)20\d\d(?!\d)|今年|去年|本年")
_LISTS: Final = {
    QueryField.STAGE: ("stages", Stage),
    QueryField.GRADE: ("grades", Grade),
    QueryField.SOURCE: ("sources", str),
    QueryField.REGION: ("regions", str),
    QueryField.INDUSTRY: ("industries", str),
    QueryField.PRODUCT: ("products", str),
    QueryField.OWNER: ("owners", int),
    QueryField.TEAM: ("teams", int),
    QueryField.STEP: ("steps", NextStep),
    QueryField.CLOSE: ("closes", CloseDate),
}
_STAGES_OF: Final = {
    Status.WON: (Stage.WON, Stage.AFTERSALES),
    Status.LOST: (Stage.LOST,),
    Status.CLOSED: (Stage.WON, Stage.AFTERSALES, Stage.LOST),
    Status.NURTURE: (Stage.NURTURE,),
    Status.OPEN: OPEN_STAGES,
}
_VOCABULARY: Final = frozenset(
    {QueryField.SOURCE, QueryField.REGION, QueryField.INDUSTRY, QueryField.PRODUCT}
)
_NAMED: Final = frozenset({QueryField.OWNER, QueryField.TEAM})
_BETWEEN: Final = frozenset({Kind.FILLER, Kind.DUE, Kind.CLOSES, Kind.NAMES_FIELD})
_LIGHT: Final = _BETWEEN | {Kind.JOINS}
_QUIET_KINDS: Final = frozenset({Kind.FILLER, Kind.JOINS})


class Placed(Protocol):
    """A part of the line; ``item`` None: no phrase covers it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def item(self) -> ListItem | None: ...


class ReadItems:
    """Reads the parts of one line, from left to right.

    ``left`` are the spans that no phrase covers, ``unread`` those of phrases that mean nothing
    where they stand.
    """

    def __init__(self, chunks: Sequence[Placed], plain: str, today: date) -> None:
        self._chunks = _negated_before(chunks, plain)
        self._plain = plain
        self._today = today
        self._values: dict[QueryField, list[Any]] = {}
        self._excluded: list[Exclusion] = []
        self._statuses: list[Status] = []
        self._known: dict[str, Any] = {}
        self._bounds: list[tuple[Decimal | None, Decimal | None]] = []
        self.left: list[Span] = []
        self.unread: list[Span] = []
        self.sort: LeadSort | None = None
        self._field: QueryField | None = None
        self._field_has_value = False
        self._last_value: tuple[int, QueryField] | None = None
        self._at = 0
        self._is_stuck = False
        while self._at < len(self._chunks):
            self._read()

    def query(self, text: str) -> LeadQuery:
        """The query with the text to search."""
        known = dict(self._known)
        for name, values in self._values.items():
            attribute, kind = _LISTS[name]
            known[attribute] = tuple(kind(value) for value in values)
        if self._bounds:
            known["low"] = max((low for low, _ in self._bounds if low is not None), default=None)
            highs = (high for _, high in self._bounds if high is not None)
            known["high"] = min(highs, default=None)
        known["status"], known["stages"] = _status(self._statuses, known.get("stages", ()))
        return LeadQuery(**known, excluded=tuple(self._excluded), text=text)

    def _read(self) -> None:
        chunk = self._chunks[self._at]
        self._at += 1
        if chunk.item is None:
            self._leave(chunk)
            return
        if chunk.item.kind not in (Kind.VALUE, Kind.JOINS, Kind.STATUS, Kind.FILLER):
            self._field = None
        if not self._TAKEN[chunk.item.kind](self, chunk, chunk.item):
            self.unread.append((chunk.start, chunk.end))

    def _leave(self, chunk: Placed) -> None:
        """Left-over words beside each other are one text; a value that the named field does not
        have is none."""
        if self._field is not None and not self._field_has_value:
            self.unread.append((chunk.start, chunk.end))
            return
        if self.left and not self._plain[self.left[-1][1] : chunk.start].strip():
            self.left[-1] = (self.left[-1][0], chunk.end)
        else:
            self.left.append((chunk.start, chunk.end))

    def _nothing(self, _chunk: Placed, _item: ListItem) -> bool:
        return True

    def _never(self, _chunk: Placed, _item: ListItem) -> bool:
        return False

    def _take_field(self, _chunk: Placed, item: ListItem) -> bool:
        """A field is named before its values, or behind one: ``华东地区``."""
        if self._last_value != (self._at - 2, item.value):
            self._field, self._field_has_value = item.value, False
        return True

    def _take_value(self, _chunk: Placed, item: ListItem) -> bool:
        meaning = self._meaning(item)
        if meaning is None:
            return False
        name, values = meaning
        self._values.setdefault(name, []).extend(values)
        return True

    def _meaning(self, item: ListItem) -> tuple[QueryField, tuple[str, ...]] | None:
        """The one field that a value is of, by the word before or behind where it may be several;
        None where that does not tell."""
        pairs = item.value
        fields = dict.fromkeys(name for name, _ in pairs)
        if self._field not in fields:
            if self._field in _VOCABULARY and not self._field_has_value:
                return None
            self._field = None
        self._field_has_value = True
        name = self._one_of(fields)
        if name is None:
            return None
        self._last_value = (self._at - 1, name)
        return name, tuple(value for other, value in pairs if other is name)

    def _one_of(self, fields: dict[QueryField, None]) -> QueryField | None:
        if len(fields) > 1 and (named := self._field or self._next_field()) in fields:
            fields = {named: None}
        elif len(fields) > 1:
            # A team or a person may be called as a region is.
            fields = dict.fromkeys(name for name in fields if name not in _NAMED)
        return next(iter(fields)) if len(fields) == 1 else None

    def _next_field(self) -> QueryField | None:
        """The field that is named behind a value: ``其他 行业``."""
        following = self._chunks[self._at] if self._at < len(self._chunks) else None
        if following is None or following.item is None:
            return None
        value = following.item.value
        return value if isinstance(value, QueryField) else None

    def _take_status(self, _chunk: Placed, item: ListItem) -> bool:
        if self._field is QueryField.STAGE and item.value in (
            Status.WON,
            Status.LOST,
            Status.NURTURE,
        ):
            stage = _STAGES_OF[item.value][0]
            self._values.setdefault(QueryField.STAGE, []).append(stage.value)
        else:
            self._statuses.append(item.value)
        return True

    def _take_mine(self, _chunk: Placed, _item: ListItem) -> bool:
        self._known["mine"] = True
        return True

    def _take_nobody(self, _chunk: Placed, _item: ListItem) -> bool:
        self._known["nobody"] = True
        return True

    def _take_hot(self, _chunk: Placed, _item: ListItem) -> bool:
        self._known["hot"] = True
        return True

    def _take_sort(self, _chunk: Placed, item: ListItem) -> bool:
        if self.sort is not None:
            return False
        self.sort = item.value
        return True

    def _take_bounds(self, _chunk: Placed, item: ListItem) -> bool:
        self._bounds.append(item.value)
        return True

    def _take_days(self, name: str, item: ListItem) -> bool:
        """Set a filter of days; a second one of the same kind means nothing."""
        if name in self._known:
            return False
        self._known[name] = item.value
        return True

    def _take_last_days(self, _chunk: Placed, item: ListItem) -> bool:
        if self._is_near(Kind.DUE):
            # 这两天要跟的: today and the day after.
            return self._take_days("due_within", ListItem(item.kind, max(item.value - 1, 1)))
        if self._is_of_end() or (self._speaks_of_end() and not self._is_near(Kind.CREATED)):
            return self._take_window("closed", LastDays(item.value))
        return self._take_days("newer", item)

    def _take_within_days(self, _chunk: Placed, item: ListItem) -> bool:
        if self._is_near(Kind.DUE):
            return self._take_days("due_within", item)
        if self._speaks_of_end() or self._is_anywhere(Kind.CREATED):
            return self._take_last_days(_chunk, item)
        return False

    def _take_period(self, _chunk: Placed, item: ListItem) -> bool:
        name = str(item.value)
        if self._is_near(Kind.CLOSES):
            return self._take_close(name)
        if self._is_of_end():
            return name in _PERIODS and self._take_window("closed", Period(name))
        if self._is_near(Kind.DUE):
            return self._take_step(name)
        if self._is_near(Kind.CREATED) or (
            self._is_anywhere(Kind.CREATED) and not self._speaks_of_end()
        ):
            return name in _PERIODS and self._take_window("created", Period(name))
        if self._speaks_of_end():
            return name in _PERIODS and self._take_window("closed", Period(name))
        return self._take_step(name)

    def _take_step(self, name: str) -> bool:
        if name not in _STEPS:
            return False
        self._values.setdefault(QueryField.STEP, []).append(name)
        return True

    def _take_close(self, name: str) -> bool:
        if name not in _CLOSES:
            return False
        self._values.setdefault(QueryField.CLOSE, []).append(name)
        return True

    def _take_for_days(self, _chunk: Placed, item: ListItem) -> bool:
        """``in proposal for 14 days``."""
        return QueryField.STAGE in self._values and self._take_days("in_stage", item)

    def _take_stuck(self, _chunk: Placed, _item: ListItem) -> bool:
        """``stuck in proposal for a month``; without the time, the longest in the stage come first.
        Without the stage it means nothing."""
        names_stage = any(
            chunk.item is not None
            and chunk.item.kind is Kind.VALUE
            and any(name is QueryField.STAGE for name, _ in chunk.item.value)
            for chunk in self._chunks
        )
        self._is_stuck = names_stage and self._is_anywhere(*_LENGTHS)
        if names_stage and not self._is_stuck and self.sort is None:
            self.sort = LeadSort.STAGE_AGE
        return names_stage

    def _take_older(self, _chunk: Placed, item: ListItem) -> bool:
        return self._take_days("in_stage" if self._is_stuck else "older", item)

    def _take_length(self, _chunk: Placed, item: ListItem) -> bool:
        return self._is_stuck and self._take_days("in_stage", item)

    def _take_uncontacted(self, _chunk: Placed, _item: ListItem) -> bool:
        self._known["uncontacted"] = True
        return True

    def _take_due_day(self, _chunk: Placed, item: ListItem) -> bool:
        if self._is_near(Kind.CLOSES):
            return self._take_window("closing", item.value)
        return self._is_near(Kind.DUE) and self._take_window("due", item.value)

    def _take_by_day(self, _chunk: Placed, item: ListItem) -> bool:
        """``due by Friday`` includes what is overdue; a day that is over means nothing."""
        days = (item.value - self._today).days
        if days < 0:
            return False
        if self._is_near(Kind.CLOSES):
            return self._take_window("closing", DayRange(self._today, item.value))
        if not self._is_near(Kind.DUE):
            return False
        if days == 0:
            return self._take_step(NextStep.OVERDUE) and self._take_step(NextStep.TODAY)
        return self._take_days("due_within", ListItem(Kind.BY_DAY, days))

    def _take_range(self, chunk: Placed, item: ListItem) -> bool:
        window = item.value
        if self._is_near(Kind.CLOSES):
            return self._take_window("closing", self._ahead(chunk, window))
        if self._is_of_end():
            return self._take_window("closed", window)
        for near, name in ((Kind.CREATED, "created"), (Kind.DUE, "due")):
            if self._is_near(near):
                days = self._nearest(chunk, window) if near is Kind.DUE else window
                return self._take_window(name, days)
        if self._speaks_of_end():
            return self._take_window("closed", window)
        return self._is_anywhere(Kind.CREATED) and self._take_window("created", window)

    def _ahead(self, chunk: Placed, days: DayRange) -> DayRange:
        """Days without a year are the next such days, where elsewhere they are the last."""
        has_year = _YEAR.search(self._plain[chunk.start : chunk.end])
        if has_year or days.last >= self._today:
            return days
        first, last = (_year_later(day) for day in (days.first, days.last))
        return DayRange(first, last)

    def _nearest(self, chunk: Placed, days: DayRange) -> DayRange:
        """Days without a year on which something is due are the nearest such days."""
        return days if self._today - days.last <= HALF_YEAR else self._ahead(chunk, days)

    def _take_window(self, name: str, window: Window) -> bool:
        if name in self._known:
            return False
        self._known[name] = window
        return True

    def _take_created(self, _chunk: Placed, _item: ListItem) -> bool:
        """``new`` means nothing without a time."""
        return any(chunk.item is not None and chunk.item.kind in _TIMES for chunk in self._chunks)

    def _take_due(self, _chunk: Placed, _item: ListItem) -> bool:
        return any(chunk.item is not None and chunk.item.kind in _TIMES for chunk in self._chunks)

    def _speaks_of_end(self) -> bool:
        return any(
            chunk.item is not None
            and chunk.item.kind is Kind.STATUS
            and chunk.item.value in CLOSED_STATUSES
            for chunk in self._chunks
        )

    def _is_of_end(self) -> bool:
        """Whether the phrase just read stands beside one of won or lost."""
        return self._speaks_of_end() and self._is_near(Kind.STATUS)

    def _is_anywhere(self, *kinds: Kind) -> bool:
        return any(chunk.item is not None and chunk.item.kind in kinds for chunk in self._chunks)

    def _is_near(self, kind: Kind) -> bool:
        """Whether a phrase of the kind is the nearest to the one just read, on either side."""
        here = self._at - 1
        sides = [side for step in (1, -1) if (side := self._beside(here, step))]
        nearest = min((distance for distance, _ in sides), default=0)
        return (nearest, kind) in sides

    def _beside(self, place: int, step: int) -> tuple[int, Kind] | None:
        """The next phrase that means something: how far apart (0: not at all, 1: by blanks, 2: by a
        sign), and its kind."""
        distance = 0
        while 0 <= place + step < len(self._chunks):
            first, second = sorted((place, place + step))
            gap = self._plain[self._chunks[first].end : self._chunks[second].start]
            distance = max(distance, 2 if gap.strip() else len(gap[:1]))
            place += step
            item = self._chunks[place].item
            if item is None:
                return None
            if item.kind not in _QUIET_KINDS:
                return distance, item.kind
        return None

    def _negate(self, chunk: Placed, _item: ListItem) -> bool:
        """Read what is negated: values joined to each other, of one field.

        Anything else is not understood together with the word that negates it.
        """
        start = self._at
        values: list[Exclusion] = []
        place = start
        while place < len(self._chunks):
            item = self._chunks[place].item
            if item is None:
                break
            if item.kind in (Kind.FILLER, Kind.DUE, Kind.CLOSES) or (
                values and item.kind is Kind.JOINS
            ):
                place += 1
                continue
            if values and not self._joined(place):
                break
            if item.kind is Kind.NAMES_FIELD and isinstance(item.value, QueryField):
                self._field, self._field_has_value = item.value, False
                place += 1
                continue
            self._at = place + 1
            more = self._exclusions(item)
            if not more or (values and more[0].field is not values[0].field):
                break
            values += more
            start = place = place + 1
        self._at = start
        if values:
            self._excluded += values
            return True
        self._leave_negated(chunk)
        return True

    def _joined(self, place: int) -> bool:
        """Whether the part follows ``and``, ``or`` or a sign of listing."""
        while place > 0:
            before, here = self._chunks[place - 1], self._chunks[place]
            gap = self._plain[before.end : here.start]
            if any(sign in gap for sign in "、,，/"):
                return True
            if before.item is None or before.item.kind not in _LIGHT:
                return False
            if before.item.kind is Kind.JOINS:
                return True
            place -= 1
        return False

    def _exclusions(self, item: ListItem) -> list[Exclusion]:
        if item.kind is Kind.VALUE and (meaning := self._meaning(item)):
            name, values = meaning
            return [Exclusion(name, value) for value in values]
        if item.kind is Kind.STATUS and item.value in (Status.WON, Status.LOST, Status.NURTURE):
            return [Exclusion(QueryField.STAGE, stage) for stage in _STAGES_OF[item.value]]
        if item.kind is Kind.PERIOD and self._is_near(Kind.CLOSES):
            known = item.value in _CLOSES
            return [Exclusion(QueryField.CLOSE, str(item.value))] if known else []
        if item.kind is Kind.PERIOD and item.value in _STEPS:
            return [Exclusion(QueryField.STEP, str(item.value))]
        return []

    def _leave_negated(self, chunk: Placed) -> None:
        """Leave the negating word with all that it may be about."""
        end = chunk.end
        while self._at < len(self._chunks):
            following = self._chunks[self._at]
            self._at += 1
            end = following.end
            if following.item is None or following.item.kind not in _BETWEEN:
                break
        self._field = None
        self.unread.append((chunk.start, end))

    _TAKEN: ClassVar[Mapping[Kind, Callable[..., bool]]] = {
        Kind.FILLER: _nothing,
        Kind.JOINS: _nothing,
        Kind.NEGATES: _negate,
        Kind.LEAVES_OUT: _never,
        Kind.NAMES_FIELD: _take_field,
        Kind.VALUE: _take_value,
        Kind.STATUS: _take_status,
        Kind.MINE: _take_mine,
        Kind.NOBODY: _take_nobody,
        Kind.HOT: _take_hot,
        Kind.SORT: _take_sort,
        Kind.PERIOD: _take_period,
        Kind.CREATED: _take_created,
        Kind.DUE: _take_due,
        Kind.CLOSES: _take_due,
        Kind.BOUNDS: _take_bounds,
        Kind.UNCONTACTED: _take_uncontacted,
        Kind.IN_STAGE: lambda self, _chunk, item: self._take_days("in_stage", item),
        Kind.FOR_DAYS: _take_for_days,
        Kind.LATE: lambda self, _chunk, item: self._take_days("late", item),
        Kind.QUIET: lambda self, _chunk, item: self._take_days("quiet", item),
        Kind.OLDER: _take_older,
        Kind.STUCK: _take_stuck,
        Kind.LENGTH: _take_length,
        Kind.COMING_DAYS: lambda self, _chunk, item: self._take_days("due_within", item),
        Kind.LAST_DAYS: _take_last_days,
        Kind.WITHIN_DAYS: _take_within_days,
        Kind.DAYS: _take_range,
        Kind.DUE_DAY: _take_due_day,
        Kind.BY_DAY: _take_by_day,
        Kind.UNREADABLE: _never,
        Kind.OTHER: _never,
    }


@dataclass(frozen=True, slots=True)
class _Negation:
    """A negation that was said behind what it is about."""

    start: int
    end: int
    item: ListItem | None


def _negated_before(chunks: Sequence[Placed], plain: str) -> list[Placed]:
    """The chunks with each negation before what it is about: ``华东以外`` as ``除华东``."""
    result: list[Placed] = []
    for chunk in chunks:
        if chunk.item is None or chunk.item.kind is not Kind.LEAVES_OUT or not result:
            result.append(chunk)
            continue
        place = _beginning_of_values(result, plain)
        before = result[place - 1] if place else None
        if before and plain[before.start : before.end].startswith("除"):
            continue
        start = result[place].start
        result.insert(place, _Negation(start, start, ListItem(Kind.NEGATES)))
    return result


def _beginning_of_values(chunks: Sequence[Placed], plain: str) -> int:
    """Where the last values that are joined to each other begin: ``华东、华南``."""
    place = len(chunks) - 1
    while place and (item := chunks[place].item) and item.kind in _BETWEEN:
        place -= 1
    while place:
        gap = plain[chunks[place - 1].end : chunks[place].start]
        before = chunks[place - 1].item
        joins = before is not None and before.kind is Kind.JOINS
        first = place - 2 if joins else place - 1
        if first < 0 or not (joins or not gap or gap.strip()):
            break
        if _fields_of(chunks[first].item) != _fields_of(chunks[place].item):
            break
        place = first
    return place


def _fields_of(item: ListItem | None) -> set[QueryField]:
    """The fields a value may be of; none for anything else."""
    is_value = item is not None and item.kind is Kind.VALUE
    return {name for name, _ in item.value} if item is not None and is_value else set()


def _year_later(day: date) -> date:
    """The same day a year later; of February 29 the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _status(named: Iterable[Status], stages: Sequence[Stage]) -> tuple[Status, tuple[Stage, ...]]:
    """The status and the stages of a list for which both may be named.

    Statuses add up as stages do: won or lost is closed.
    """
    statuses = frozenset(named)
    if Status.POOL in statuses:
        return Status.POOL, tuple(stages)
    if Status.ALL in statuses and len(statuses) == 1:
        return Status.ALL, tuple(stages)
    # Of ``all open leads`` the narrower word says which.
    statuses -= {Status.ALL}
    if not statuses:
        return status_of(stages), tuple(stages)
    if statuses <= {Status.OPEN, Status.WORKED}:
        return (Status.WORKED if Status.WORKED in statuses else Status.OPEN), tuple(stages)
    added = {stage for one in statuses for stage in _STAGES_OF.get(one, OPEN_STAGES)}
    every = {*added, *stages}
    for status in (Status.WON, Status.LOST, Status.CLOSED, Status.NURTURE, Status.OPEN):
        if every == set(_STAGES_OF[status]):
            return status, ()
    narrowed = set(stages) & added
    if narrowed and set(stages) <= added:
        return status_of(stages), tuple(stages)
    return status_of(every), tuple(every)


_PERIODS: Final = frozenset(Period)
_STEPS: Final = frozenset(NextStep)
_CLOSES: Final = frozenset(CloseDate)
_LENGTHS: Final = (Kind.FOR_DAYS, Kind.OLDER, Kind.LENGTH)
_TIMES: Final = frozenset(
    {
        Kind.PERIOD,
        Kind.DAYS,
        Kind.DUE_DAY,
        Kind.BY_DAY,
        Kind.LAST_DAYS,
        Kind.WITHIN_DAYS,
        Kind.COMING_DAYS,
        Kind.OLDER,
    }
)
