"""Which columns of a file are which field of a lead: by its heading and its values together."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sales.imports.headings import (
    FIELDS,
    HEADINGS,
    LONGEST_HEADING,
    MONEY,
    TEMPLATE_FIELDS,
    UNITS,
    field_of,
    headings_in,
    name_of,
    plain,
    ranked,
    unit_in,
)
from sales.imports.states import read_state
from sales.imports.values import NotADate, parse_date
from sales.imports.years import told, yearless
from sales.patterns import lazy_pattern

__all__ = ["FIELDS", "HEADINGS", "LONGEST_HEADING", "MONEY", "TEMPLATE_FIELDS", "UNITS", "field_of",
           "headings_in", "more_columns", "plain", "suggested", "unit_in"]  # fmt: skip

_SAMPLE: Final = 200
_MISSPELLED: Final = 1_000
"""The rank of a heading that is only like one of ours."""
_EMAIL: Final = re.compile(r"[^@\s]++[@＠](?:[^@\s.]++\.)++[^@\s.]++")
_MOBILE: Final = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d[\d -]{7,16}")
_ID: Final = lazy_pattern(
    r"#?\d{1,20}|[A-Za-z]{1,8}[-_]?\d{3,20}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[A-Za-z]{2,8}(?:[-_][A-Za-z]{1,8})?[-_]\d{1,20}|00[0-9A-Za-z]{13}(?:[0-9A-Za-z]{3})?"
    r"|(?=[0-9a-f]{0,30}\d)[0-9a-f]{16,32}"
)
_SALUTATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "先生", "女士", "小姐", "herr", "frau"}
)
_NUMERAL: Final = re.compile(r"\d|[一二三四五六七八九十百千万亿]")
_BOOLEANS: Final = frozenset(["true", "false", "yes", "no", "y", "n", "是", "否", "0", "1"])
_COMPANY: Final = lazy_pattern(
    r"公司|集团|工厂|学校|大学|学院|医院|银行|事务所|研究院|中心|科技|(?i:\b(?:ltd|inc|gmbh|llc|corp|"
    r"co|ag|plc|company|limited|university|school|hospital|bank|group)\b)"
)
_NAMES: Final = frozenset({"customer", "contact", "first_name", "last_name", "owner", "title"})
_DOUBTFUL: Final[Mapping[str, frozenset[str]]] = {
    "stage": frozenset(
        {"state", "status", "rating", "lead rating", "priority", "intent", "lifecycle stage",
         "contact status", "status label", "status reason", "状态", "客户状态", "成交状态", "意向",
         "意向度", "意向程度", "意向等级",
         "客户意向", "客户级别", "客户等级", "线索级别", "线索等级", "等级", "级别", "客户分级",
         "线索评级", "热度"}
    ),
    "created": frozenset({"date", "日期", "created", "start date"}),
    "closed": frozenset({"closed"}),
    "amount": frozenset({"value"}),
    "customer": frozenset({"lead"}),
    "need": frozenset({"opportunity", "subject"}),
    "phone": frozenset({"work"}),
}  # fmt: skip
"""Headings that mean a field only where most of the values are such as it holds."""
_SEVERAL: Final = frozenset({"phone", "email", "need", "stage", "customer", "contact", "source",
                             "region", "owner", "title", "created", "closed", "amount", "budget",
                             "industry", "product", "lost_reason"})  # fmt: skip
"""Fields that may stand in more than one column."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    field: str
    place: int
    rank: int


def suggested(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Suggest a column, by its position, for each field that has one; each column once."""
    return {field: places[0] for field, places in _places(columns, rows).items()}


def more_columns(
    columns: Sequence[str], rows: Sequence[Sequence[str]], chosen: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """The further columns of each field: a second phone, the name of the deal beside the need.

    Only columns that ``chosen`` leaves free, and only for fields that it has.
    """
    taken = set(chosen.values())
    further = {
        field: tuple(place for place in places if place not in taken)
        for field, places in _places(columns, rows).items()
        if field in chosen and field in _SEVERAL
    }
    return {field: places for field, places in further.items() if places}


def _places(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """The columns of each field, the best first."""
    values = [_values(place, rows) for place in range(len(columns))]
    found: dict[str, list[_Candidate]] = {}
    for place, heading in enumerate(columns):
        if candidate := _candidate(place, heading, values[place]):
            found.setdefault(candidate.field, []).append(candidate)
    places: dict[str, list[int]] = {
        field: [one.place for one in _sorted(field, found[field], values)]
        for field in FIELDS
        if field in found
    }
    _settle_names(columns, values, places)
    for field, shape in (("email", _EMAIL), ("phone", _MOBILE)):
        taken = {place for some in places.values() for place in some}
        free = (place for place in range(len(columns)) if place not in taken)
        fitting = [
            place for place in free if field not in places and _is_like(shape, values[place])
        ]
        places |= {field: fitting[:1]} if fitting else {}
    return places


def _values(place: int, rows: Sequence[Sequence[str]]) -> list[str]:
    cells = (row[place].strip() for row in rows if place < len(row))
    return [cell for cell in cells if cell][:_SAMPLE]


def _candidate(place: int, heading: str, values: Sequence[str]) -> _Candidate | None:
    """What a column may be. An exact heading is better than a misspelled one."""
    short = heading[:LONGEST_HEADING]
    field, rank = ranked(short)
    field, rank = (field, rank) if field else (field_of(short), _MISSPELLED)
    name = name_of(short)
    if field == "stage" and name in ("state", "state province", "省") and not _fits(field, values):
        field = "region"
    if not field or (values and not _is_acceptable(field, name, values)):
        return None
    return _Candidate(field, place, rank)


def _is_acceptable(field: str, name: str, values: Sequence[str]) -> bool:
    """Whether the values may be the field's: a sure heading fails only when none of several is."""
    if field in _NAMES:
        return sum(bool(_ID.fullmatch(value)) for value in values) < 0.8 * len(values) and not (
            field == "title" and all(_is_salutation(value) for value in values)
        )
    if name in _DOUBTFUL.get(field, ()):
        return _fits(field, values)
    return len(values) < 3 or any(_fits(field, [value]) for value in values)


def _is_salutation(value: str) -> bool:
    return plain(value) in _SALUTATIONS


def _fits(field: str, values: Sequence[str]) -> bool:
    """Whether at least half of the values are such as the field holds."""
    test = _TESTS.get(field)
    return test is None or 2 * sum(test(value) for value in values) >= max(len(values), 1)


def _is_state(value: str) -> bool:
    return not read_state(value).is_empty


def is_day(value: str) -> bool:
    """Whether a text is a day in one of the orders."""
    for order in ("dmy", "mdy"):
        try:
            parse_date(value, order)
        except NotADate:
            continue
        return True
    return yearless(value, "dmy") is not None or told(value, "dmy") is not None


def _is_sum(value: str) -> bool:
    return bool(_NUMERAL.search(value)) and plain(value) not in _BOOLEANS and not is_iso(value)


def is_iso(value: str) -> bool:
    return bool(re.match(r"\d{4}-\d\d?-\d\d?", value))


_TESTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "stage": _is_state,
    "created": is_day,
    "closed": is_day,
    "amount": _is_sum,
    "budget": _is_sum,
    "phone": lambda value: sum(char.isdigit() for char in value) >= 4,
    "email": lambda value: "@" in value or "＠" in value,
    "customer": lambda value: not _ID.fullmatch(value) and plain(value) not in _BOOLEANS,
    "need": lambda value: not _ID.fullmatch(value) and plain(value) not in _BOOLEANS,
}


def _sorted(
    field: str, candidates: Sequence[_Candidate], values: Sequence[Sequence[str]]
) -> list[_Candidate]:
    """The best first: filled before empty, then by the heading. Needs are all kept, as the file has
    them; so are the columns of a file without rows."""
    if field in ("need", "email") or not any(values):
        kept = [one for one in candidates if one.rank < _MISSPELLED] or list(candidates)
        return sorted(kept, key=lambda one: not values[one.place])
    return sorted(candidates, key=lambda one: (not values[one.place], one.rank, one.place))


def _settle_names(
    columns: Sequence[str], values: Sequence[Sequence[str]], places: dict[str, list[int]]
) -> None:
    """``Name`` alone is a customer where its values are companies'; beside another contact, or two
    parts of other names, it is the deal's."""
    contacts = places.get("contact", [])
    deals = [place for place in contacts if name_of(columns[place]) in ("name", "lead name")]
    firsts = [name for place in places.get("first_name", []) for name in values[place]]
    other = len(contacts) > len(deals)
    if "customer" in places and (other or firsts):
        moved = [place for place in deals if other or not _hold(values[place], firsts)]
        places["need"] = [*places.get("need", []), *moved] if moved else places.get("need", [])
        places["contact"] = contacts = [place for place in contacts if place not in moved]
        for field in ("need", "contact"):
            if not places[field]:
                del places[field]
    if (
        "customer" not in places
        and contacts
        and name_of(columns[contacts[0]]) in ("name", "full name")
    ):
        names = values[contacts[0]]
        if names and 2 * sum(bool(_COMPANY.search(name)) for name in names) >= len(names):
            places["customer"] = [contacts[0]]
            del places["contact"]
    if "first_name" in places and "last_name" not in places and "contact" not in places:
        places["contact"] = places.pop("first_name")


def _hold(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether most whole names hold one of the parts."""
    some = set(parts)
    return 2 * sum(any(part in name for part in some) for name in names[:50]) >= len(names[:50])


def _is_like(shape: re.Pattern[str], filled: Sequence[str]) -> bool:
    return bool(filled) and sum(bool(shape.fullmatch(value)) for value in filled) > len(filled) / 2
