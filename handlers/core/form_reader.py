"""Parses a form's values field by field and reports everything that is wrong at once.

Knows the kinds of fields, but no particular form.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeVar

from handlers.core.context import Context
from sales.amounts import NotAnAmount, parse_worth
from sales.contacts import parse_email, parse_phone
from sales.days import FARTHEST, NamedDay, parse_moment
from sales.errors import InvalidInput, Problem
from sales.leads import mask_email, mask_phone, parse_lead_number
from sales.people import Person

T = TypeVar("T")


class FormReader:
    """Parses a form's fields inside ``with``, which ends by raising one InvalidInput for all
    errors. Until then a refused field reads as empty, so that parsing can continue."""

    def __init__(self, context: Context, known: Mapping[str, Problem] | None = None) -> None:
        """``known`` problems take precedence over others found in the same fields."""
        self.context = context
        self._known = known or {}
        self._problems: dict[str, Problem] = dict(self._known)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        failure: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if failure is None and self._problems:
            raise self._refusal()

    def refuse(self, name: str, problem: str, /, **params: object) -> None:
        """Record an error in a field; its text is the catalogue's ``problem.<problem>``."""
        self.include({name: Problem(problem, **params)})

    def include(self, problems: Mapping[str, Problem]) -> None:
        """Record errors found elsewhere."""
        self._problems |= problems

    def refused(self, name: str) -> bool:
        return name in self._problems

    def attempt(self, read: Callable[[], T], otherwise: T) -> T:
        """Call ``read``; if it raises InvalidInput, record its problems and return
        ``otherwise``."""
        try:
            return read()
        except InvalidInput as error:
            self.include(error.problems)
            return otherwise

    def words(self, name: str, longest: int, *, missing: str = "") -> str:
        """A text of several lines; an empty one is refused as ``missing``, if that is given."""
        return self._text(name, self.context.typed(name), longest, missing)

    def line(self, name: str, longest: int, *, missing: str = "") -> str:
        """A text of one line; like ``words``."""
        return self._text(name, self.context.line(name), longest, missing)

    def one_of(self, name: str, values: Iterable[str], *, empty: str = "") -> str:
        """One of ``values``; an empty answer means ``empty``."""
        typed = self.context.typed(name) or empty
        if typed in tuple(values):
            return typed
        self.refuse(name, "choose_one")
        return empty

    def some_of(self, name: str, values: Iterable[str]) -> tuple[str, ...]:
        """The selected ``values``, without duplicates."""
        ticked = tuple(dict.fromkeys(value for value in self.context.ticked(name) if value))
        if set(ticked) <= set(values):
            return ticked
        self.refuse(name, "choose_one")
        return ()

    def pick(self, name: str, among: Mapping[str, T]) -> T:
        """What the chosen value maps to. Raises InvalidInput at once, since without it there is
        nothing to go on with."""
        self.one_of(name, among)
        if self.refused(name):
            raise self._refusal()
        return among[self.context.typed(name)]

    def person(self, among: Iterable[Person]) -> Person:
        """The person chosen in the field ``person`` from those on offer; raises like ``pick``."""
        return self.pick("person", {str(person.id): person for person in among})

    def parsed(
        self,
        name: str,
        parse: Callable[[str], T],
        problem: str = "",
        /,
        *,
        quoted: int = 30,
        **params: object,
    ) -> T | None:
        """A line parsed by ``parse``; None for an empty one.

        A ValueError refuses it as ``problem``, by default named like the field; ``quoted``
        characters of the answer are repeated to the person.
        """
        typed = self.context.line(name)
        try:
            return parse(typed) if typed else None
        except ValueError:
            self.refuse(name, problem or name, typed=typed[:quoted], **params)
            return None

    def lead_id(self, name: str) -> int:
        """The id of the lead whose number was chosen; 0 if it was refused."""
        lead_id = parse_lead_number(self.context.typed(name))
        if lead_id is None:
            self.refuse(name, "lead_missing")
        return lead_id or 0

    def phone(self, known: str) -> str:
        """A phone number (E.164); the masked number shown in the form means the ``known`` one."""
        return self._contact("phone", known, mask_phone, parse_phone)

    def email(self, known: str) -> str:
        """An e-mail address; like ``phone``."""
        return self._contact("email", known, mask_email, parse_email)

    def worth(self, name: str) -> Decimal:
        """The value of a deal: a required amount above zero."""
        try:
            return parse_worth(self.context.typed(name))
        except NotAnAmount as error:
            self.include({name: error.problem})
            return Decimal(0)

    def day(self, name: str) -> date | None:
        """A day from today on, in the person's timezone; None for an empty answer."""
        return self.moment(name)[0]

    def moment(self, name: str) -> tuple[date | None, time | None]:
        """Like ``day``, with the time of that day if one was typed too: ``周五下午三点``."""
        context, today = self.context, self.context.today_here
        calendar = context.calendar_of(context.actor.id)

        def parse(typed: str) -> NamedDay:
            return parse_moment(typed, today, calendar, order=context.figures)

        named = self.parsed(name, parse, "day")
        if named is not None and named.day < today:
            self.refuse(name, "day_past", today=today.isoformat())
        if named is not None and named.day > today + FARTHEST:
            self.refuse(name, "day_far")
        return (None, None) if named is None or self.refused(name) else (named.day, named.at)

    def required_day(self, name: str, missing: str) -> date:
        """Like ``day``; an empty answer is refused as ``missing``."""
        return self.required_moment(name, missing)[0]

    def required_moment(self, name: str, missing: str) -> tuple[date, time | None]:
        """Like ``moment``; an empty answer is refused as ``missing``."""
        day, at = self.moment(name)
        if day is None and not self.refused(name):
            self.refuse(name, missing)
        return day or self.context.today_here, at

    def _text(self, name: str, text: str, longest: int, missing: str) -> str:
        if len(text) > longest:
            self.refuse(name, "too_long", n=longest)
        if not text and missing:
            self.refuse(name, missing)
        return text

    def _contact(
        self, name: str, known: str, mask: Callable[[str], str], parse: Callable[[str], str]
    ) -> str:
        if known and self.context.line(name) == mask(known):
            return known
        return self.parsed(name, parse) or ""

    def _refusal(self) -> InvalidInput:
        return InvalidInput({**self._problems, **self._known})
