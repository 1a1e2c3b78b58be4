"""Parse the cells of one row by their fields, and gather what is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final, TypeVar

from sales.amounts import NotAnAmount, is_bare, parse_amount, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.imports.plan import Reading
from sales.imports.sheet import Row
from sales.imports.values import NotADate, TermFinder, parse_date

LONGEST: Final[Mapping[str, int]] = {
    "customer": 200, "contact": 80, "title": 80, "need": 2000, "detail": 80, "contract": 80,
    "lost_reason": 100,
}  # fmt: skip
_OLDEST: Final = date(1980, 1, 1)
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
        place = self._by.choices.columns.get(field)
        if place is None or place >= len(self._row.cells):
            return ""
        return self._row.cells[place].strip()

    def text(self, field: str) -> str:
        """One line, cut to the field's length."""
        return self.within(field, " ".join(self.raw(field).split()))

    def within(self, field: str, text: str) -> str:
        if len(text) > LONGEST[field]:
            self.note(field, "too_long")
        return text[: LONGEST[field]]

    def phone(self) -> str:
        return self._parsed("phone", parse_phone, NotAPhone, "phone") or ""

    def email(self) -> str:
        return self._parsed("email", parse_email, NotAnEmail, "email") or ""

    def amount(self) -> Decimal | None:
        unit = self._by.choices.units.get("amount", 1)
        return self._parsed("amount", lambda text: parse_amount(text, unit), NotAnAmount, "amount")

    def budget(self) -> tuple[Decimal | None, Decimal | None]:
        unit = self._by.choices.units.get("budget", 1)
        ends = self._parsed("budget", lambda text: parse_budget(text, unit), NotAnAmount, "amount")
        least = self._by.playbook.scoring.budget_least
        if ends and 0 < ends[1] < least and is_bare(self.raw("budget")):
            # Far too small: likely in another unit. The amount of a signed deal may well be small.
            self.note("budget", "small")
        return ends or (None, None)

    def day(self, field: str) -> date | None:
        """Parse a day up to today."""
        order = self._by.choices.order
        day = self._parsed(field, lambda text: parse_date(text, order), NotADate, "date")
        today = self._by.now.astimezone(self._by.timezone).date()
        if day is not None and not _OLDEST <= day <= today:
            self.note(field, "date")
            return None
        return day

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
