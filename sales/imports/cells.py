"""Parse the cells of one row by their fields, and gather what is wrong with them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final, TypeVar

from sales.amounts import NotAnAmount, is_bare, parse_amount, parse_budget
from sales.contacts import NotAnEmail, NotAWechat, parse_email, parse_wechat
from sales.imports.headings import is_labelled, labelled
from sales.imports.joint import JointPerson, company_and_place, is_name, person_of
from sales.imports.plan import Reading
from sales.imports.sheet import UNSOLVED, Row
from sales.imports.values import NotADate, TermFinder, parse_date
from sales.imports.years import coming, latest, told, yearless
from sales.phones import CellPhones, phone_rank, phones_of_cell

_APART: Final = re.compile(r"[,;，；、\s]")
_LONGEST_CONTACTS: Final = 500
_AMOUNT_PROBLEMS: Final = frozenset(
    {"amount_ambiguous", "amount_currency", "amount_vague", "amount_each"}
)
_PHONE_PROBLEMS: Final = {"phone_country": "phone_country", "phone_digits_lost": "phone_lost"}
LONGEST: Final[Mapping[str, int]] = {
    "customer": 200, "contact": 80, "title": 80, "need": 2000, "detail": 80, "contract": 80,
    "lost_reason": 100,
}  # fmt: skip
_NOTHING: Final = frozenset({
    "-", "--", "—", "——", "/", "n/a", "#n/a", "null", "(null)", "\\n", "nil", "nan", "(blank)",
    "无", "暂无", "空", "(空)", "（空）",
})  # fmt: skip
"""What programs and people write into a cell that they leave empty."""
_OLDEST: Final = date(1980, 1, 1)
_FARTHEST: Final = timedelta(days=3660)
"""How far ahead a deal may be expected."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field of a row: ``import.wrong_<problem>``.

    ``read_as`` is what was used instead; ``refused``: the row cannot be imported.
    """

    field: str
    problem: str
    read_as: str = ""
    refused: bool = False

    @property
    def name(self) -> str:
        return f"{self.field}:{self.problem}"


class Cells:
    """One row by the fields of its columns.

    A value that cannot be parsed is left out and noted in ``wrong``.
    """

    def __init__(self, row: Row, reading: Reading) -> None:
        self._row = row
        self._by = reading
        self.wrong: list[Wrong] = []

    def note(self, field: str, problem: str, read_as: str = "", *, refused: bool = False) -> None:
        """Note a problem, once per field: the first one found says most."""
        if not any(wrong.field == field for wrong in self.wrong):
            self.wrong.append(Wrong(field, problem, read_as, refused))

    def raw(self, field: str) -> str:
        """The first of the field's columns that holds anything."""
        return next(self.every(field), "")

    def every(self, field: str) -> Iterator[str]:
        """What the columns of a field hold, as typed; empty ones are left out."""
        return (cell for _, cell in self._filled(field))

    def labelled(self, field: str) -> Iterator[str]:
        """What the columns of a field hold, each behind its heading."""
        headings = self._by.headings
        for place, cell in self._filled(field):
            yield labelled(headings[place] if place < len(headings) else "", cell)

    def needs(self) -> Iterator[str]:
        """The need, then what says little without its heading, with it: when they buy."""
        headings = self._by.headings
        asides = []
        for place, cell in self._filled("need"):
            heading = headings[place] if place < len(headings) else ""
            if is_labelled(heading):
                asides.append(labelled(heading, cell))
            else:
                yield cell
        yield from asides

    def _filled(self, field: str) -> Iterator[tuple[int, str]]:
        for place in self._by.choices.places(field):
            cell = self._row.cells[place].strip() if place < len(self._row.cells) else ""
            if cell == UNSOLVED:
                self.note(field, "formula")
            elif (cell := unwrapped(cell)) and cell.lower() not in _NOTHING:
                yield place, cell

    @property
    def contact(self) -> str:
        """The contact's name; one in two columns in the order of its language."""
        whole = self.person.name
        if not whole or whole in (self.raw("first_name"), self.raw("last_name")):
            whole = joined_name(self.raw("first_name"), self.raw("last_name")) or whole
        whole = whole or self._beside
        return self.within("contact", " ".join(whole.split()))

    @cached_property
    def person(self) -> JointPerson:
        """What the contact's cell says. It stays as typed where a title column says otherwise."""
        text = self.raw("contact")
        split = person_of(text, self._by.choices.country)
        if split.title and self.raw("title") not in ("", split.title):
            name = " ".join(text.split()) if not (split.phones or split.emails) else split.name
            return split._replace(name=name, title="")
        return split

    @cached_property
    def _beside(self) -> str:
        """The name that stands beside a phone or an address, where no column has it."""
        country = self._by.choices.country
        cells = (text for field in ("phone", "email") for text in self.every(field))
        names = (person.name for text in cells if (person := person_of(text, country)))
        return next((name for name in names if is_name(name)), "")

    @property
    def title(self) -> str:
        """The contact's title, from its own column or behind the name."""
        return self.text("title") or self.within("title", self.person.title)

    def place(self) -> tuple[str, str]:
        """The customer, and the region's key where a bracket behind the name holds one.

        A place that is no region of ours is part of the name: nothing typed is lost.
        """
        company, place = company_and_place(self.raw("customer"))
        term = self._by.regions.nearest(place) if place and not self.raw("region") else None
        if term is None or not self._by.regions.spells(place):
            return self.text("customer"), ""
        return self.within("customer", company), term.key

    def text(self, field: str) -> str:
        """One line, cut to the field's length."""
        return self.within(field, " ".join(self.raw(field).split()))

    def within(self, field: str, text: str) -> str:
        if len(text) > LONGEST[field]:
            self.note(field, "too_long")
        return text[: LONGEST[field]]

    def phones(self) -> tuple[str, ...]:
        """All numbers of the row, the one to call first: mobiles before landlines."""
        read = [_phones_of(text, self._by.choices.country) for text in self.every("phone")]
        for cell in read:
            if cell.problem is not None:
                self.note("phone", _PHONE_PROBLEMS.get(cell.problem.key, "phone"))
        numbers = [*self.person.phones, *_numbers(read)]
        return tuple(dict.fromkeys(sorted(numbers, key=phone_rank)))

    def wechat(self) -> str:
        return self._parsed("wechat", parse_wechat, NotAWechat, "wechat") or ""

    def emails(self) -> tuple[str, ...]:
        """All addresses of the row, of which a cell may hold several."""
        found: list[str] = [*self.person.emails]
        for text in self.every("email"):
            try:
                found.append(_unmasked(text))
            except NotAnEmail:
                person = person_of(text, self._by.choices.country)
                if is_name(person.name) and person.emails and "@" not in person.name:
                    found += person.emails
                    continue
                parts = [part for part in _APART.split(text[:_LONGEST_CONTACTS]) if "@" in part]
                several = [email for part in parts if (email := _email(part))]
                found += several
                if not several or len(several) < len(parts):
                    self.note("email", "email")
        return tuple(dict.fromkeys(found))

    def amount(self) -> Decimal | None:
        unit = self._by.choices.units.get("amount", 1)
        style = self._by.style
        return self._money("amount", lambda text: parse_amount(text, unit, style))

    def budget(self) -> tuple[Decimal | None, Decimal | None]:
        unit = self._by.choices.units.get("budget", 1)
        style = self._by.style
        ends = self._money("budget", lambda text: parse_budget(text, unit, style))
        least = self._by.playbook.scoring.budget_least
        if ends and 0 < ends[1] < least and is_bare(self.raw("budget")):
            # Far too small: likely in another unit. The amount of a signed deal may well be small.
            self.note("budget", "small")
        return ends or (None, None)

    def _money(self, field: str, parse: Callable[[str], T]) -> T | None:
        """The first of the columns that can be read; what is wrong with the first otherwise."""
        wrong = ""
        for text in self.every(field):
            try:
                return parse(text)
            except NotAnAmount as error:
                wrong = wrong or error.problem.key
        if wrong:
            self.note(field, wrong if wrong in _AMOUNT_PROBLEMS else "amount")
        return None

    def day(self, field: str) -> date | None:
        """Parse a day up to today."""
        order = self._by.choices.order
        zone = self._by.timezone
        today = self._by.now.astimezone(self._by.timezone).date()
        day = self._without_year(field, today)
        if day is None:
            day = self._parsed(field, lambda text: parse_date(text, order, zone), NotADate, "date")
        if day is not None and not _OLDEST <= day <= today:
            self.note(field, "date")
            return None
        return day

    def expected(self) -> date | None:
        """The day on which an open deal is expected to be closed, past or to come.

        Programs head it like the day on which a deal was closed, or have it in a column beside.
        """
        today = self._by.now.astimezone(self._by.timezone).date()
        order, country = self._by.choices.order, self._by.choices.country
        for text in self.every("closed"):
            if found := yearless(text, order, country):
                return coming(found, today)
            try:
                day = told(text, order, country) or parse_date(text, order, self._by.timezone)
            except NotADate:
                continue
            if _OLDEST <= day <= today + _FARTHEST:
                return day
        if any(self.every("closed")):
            self.note("closed", "date")
        return None

    def _without_year(self, field: str, today: date) -> date | None:
        """A day without a year, in the one that the file tells, else the latest that has been."""
        text, order, country = self.raw(field), self._by.choices.order, self._by.choices.country
        if day := told(text, order, country):
            if day <= today:
                self.note(field, "year_told")
            return day
        found = yearless(text, order, country)
        if found:
            self.note(field, "year_guessed")
        return latest(found, today) if found else None

    def instant(self, day: date | None) -> datetime | None:
        """Noon: the same day in every timezone near the company's.

        Today is now, since nothing happened later than that.
        """
        if day is None:
            return None
        return min(datetime.combine(day, time(12), self._by.timezone), self._by.now)

    def term(self, field: str, words: TermFinder) -> str:
        """The key of the vocabulary's term that the cell means."""
        text = self.raw(field)
        if not text:
            return ""
        term = words.nearest(text)
        if term is None:
            self.note(field, "term")
            return ""
        if not words.spells(text):
            self.note(field, "read_as", term.en if text.isascii() else term.zh)
        return term.key

    def _parsed(
        self, field: str, parse: Callable[[str], T], failure: type[ValueError], problem: str
    ) -> T | None:
        text = self.raw(field)
        try:
            return parse(text) if text else None
        except failure:
            self.note(field, problem)
            return None


def _phones_of(text: str, country: str) -> CellPhones:
    """The numbers of a cell, also where a person's name stands beside them."""
    cell = phones_of_cell(text, country)
    if cell.problem is None:
        return cell
    person = person_of(text, country)
    return CellPhones(person.phones) if person.phones and is_name(person.name) else cell


def _email(text: str) -> str:
    try:
        return _unmasked(text)
    except NotAnEmail:
        return ""


def _unmasked(text: str) -> str:
    """Parse an address; raises NotAnEmail also for what another system masked: ``z***@a.com``."""
    if "**" in text:
        raise NotAnEmail(text)
    return parse_email(text)


def _numbers(cells: Sequence[CellPhones]) -> Iterator[str]:
    for cell in cells:
        yield from cell.numbers


def joined_name(first: str, last: str) -> str:
    """``Ines Vogel``; Chinese, Japanese and Korean names begin with the family name: 欧阳一一."""
    if any(_is_eastern(part) for part in (first, last)) and not (first + last).isascii():
        return (last + first).replace(" ", "")
    return " ".join(f"{first} {last}".split())


def _is_eastern(part: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in part)


def unwrapped(cell: str) -> str:
    """A cell without the formula by which programs keep its zeros: ``="0138"``."""
    wrapped = cell.startswith('="') and cell.endswith('"') and len(cell) > 3
    return cell[2:-1].strip() if wrapped else cell
