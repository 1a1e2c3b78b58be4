"""Parses a form's values field by field and reports everything that is wrong at once.

Knows the kinds of fields, but no particular form.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeVar

from handlers.core.context import Context
from sales.amounts import NotAnAmount, parse_amount, parse_budget, parse_worth, written_amount
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone, phones_of_cell
from sales.days import FARTHEST, NamedDay, NotADay, parse_moment
from sales.errors import InvalidInput, Problem
from sales.leads import mask_contact, mask_email, mask_phone, parse_lead_number
from sales.people import Person
from sales.times import parse_time

T = TypeVar("T")
_BETWEEN = re.compile(r"[/;；、,，|\n]")
_MEANS_NOTHING = frozenset({"amount", "phone"})


def joined_contacts(contacts: Iterable[str]) -> str:
    """Several contacts in one field: ``138****5678 / 139****5678``."""
    return " / ".join(contacts)


def _emails_of(typed: str) -> tuple[str, ...]:
    """One address with whatever a mail program puts around it, or several."""
    try:
        return (parse_email(typed),)
    except NotAnEmail:
        parts = (part.strip() for part in re.split(r"[/;；、,，|\s]", typed))
        found = tuple(dict.fromkeys(parse_email(part) for part in parts if part))
        if not found:
            raise
        return found


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
        except ValueError as error:
            question = self.question(error, typed[:quoted]) if quoted else None
            if question:
                self.include({name: question})
            else:
                self.refuse(name, problem or name, typed=typed[:quoted], **params)
            return None

    def lead_id(self, name: str) -> int:
        """The id of the lead whose number was chosen; 0 if it was refused."""
        lead_id = parse_lead_number(self.context.typed(name))
        if lead_id is None:
            self.refuse(name, "lead_missing")
        return lead_id or 0

    def phone(self, known: str) -> str:
        """A phone number (E.164) of the actor's country; the masked number shown in the form means
        the ``known`` one."""
        return self._contact("phone", known, mask_phone, self.parse_phone)

    def parse_phone(self, typed: str) -> str:
        """Like ``sales.contacts.parse_phone``, for the actor's country."""
        return parse_phone(typed, self.context.country)

    def email(self, known: str) -> str:
        """An e-mail address; like ``phone``."""
        return self._contact("email", known, mask_email, parse_email)

    def phones(self, known: str) -> tuple[str, ...]:
        """All numbers of the field, the one to call first; the masked one means the known one."""
        return self._contacts("phone", (known,), self._phones_of)

    def emails(self, known: str) -> tuple[str, ...]:
        """All addresses of the field, in their order; like ``phones``."""
        return self._contacts("email", (known,), _emails_of)

    def others(self, known: Sequence[str]) -> tuple[str, ...]:
        """Further phones and e-mails in one field; like ``phones``."""
        return self._contacts("others", known, self._any_of)

    def amount(self, name: str, problem: str = "amount", /) -> Decimal | None:
        """An amount in the company's currency and style; None for an empty answer."""
        style = self.context.language.amount_style
        return self.parsed(name, lambda typed: parse_amount(typed, 1, style), problem)

    def budget(self, name: str = "budget") -> tuple[Decimal, Decimal] | None:
        """Both ends of a budget, read like ``amount``."""
        style = self.context.language.amount_style
        return self.parsed(name, lambda typed: parse_budget(typed, 1, style))

    def worth(self, name: str) -> Decimal:
        """The value of a deal: a required amount above zero."""
        typed = self.context.typed(name)
        try:
            return parse_worth(typed, self.context.language.amount_style)
        except NotAnAmount as error:
            self.include({name: self.question(error, typed[:30]) or error.problem})
            return Decimal(0)

    def day(self, name: str) -> date | None:
        """A day from today on, in the person's timezone; None for an empty answer."""
        return self.moment(name)[0]

    def moment(self, name: str) -> tuple[date | None, time | None]:
        """Like ``day``, with the time of that day if one was typed too: ``周五下午三点``. A time
        alone that is still to come is today's: ``下午三点``."""
        context, today = self.context, self.context.today_here
        calendar = context.calendar_of(context.actor.id)

        def parse(typed: str) -> NamedDay:
            clock = context.clock_here
            try:
                return parse_moment(typed, today, calendar, order=context.figures, clock=clock)
            except NotADay:
                at = parse_time(typed)
                if at <= clock:
                    raise
                return NamedDay(today, at, 0, len(typed))

        named = self.parsed(name, parse, "day")
        if named is not None and named.day < today:
            self.refuse(name, "day_past", today=context.language.day(today))
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

    def _contacts(
        self, name: str, known: Sequence[str], parse: Callable[[str], tuple[str, ...]]
    ) -> tuple[str, ...]:
        typed = self.context.line(name)
        known = [contact for contact in known if contact]
        if known and typed == joined_contacts(map(mask_contact, known)):
            return tuple(known)
        masked = {mask_contact(contact): contact for contact in known}
        if not any(mask in typed for mask in masked):
            return self.parsed(name, parse, "phone" if name == "others" else "") or ()
        found: list[str] = []
        for part in filter(None, (part.strip() for part in _BETWEEN.split(typed))):
            try:
                found += (masked[part],) if part in masked else parse(part)
            except ValueError as error:
                problem = Problem("email" if name == "email" else "phone", typed=part[:30])
                self.include({name: self.question(error, part[:30]) or problem})
        return tuple(dict.fromkeys(found))

    def _any_of(self, typed: str) -> tuple[str, ...]:
        parts = [part.strip() for part in _BETWEEN.split(typed) if part.strip()]
        return tuple(
            one
            for part in parts
            for one in (_emails_of(part) if "@" in part else self._phones_of(part))
        )

    def _phones_of(self, typed: str) -> tuple[str, ...]:
        cell = phones_of_cell(typed, self.context.country)
        if cell.problem is not None:
            # Raises with the readings of the part that was not understood.
            self.parse_phone(cell.unread)
            raise NotAPhone(cell.unread)
        return cell.numbers

    def question(self, error: ValueError, typed: str) -> Problem | None:
        """What is asked beside the field where a value may mean several things, in the reader's
        words; None for a value that means nothing."""
        language, problem = self.context.language, getattr(error, "problem", None)
        if not isinstance(problem, Problem) or problem.key in _MEANS_NOTHING:
            return None
        params = {**problem.params, "typed": typed}
        if isinstance(error, NotAPhone):
            readings = (f"{number} ({language.country(code)})" for number, code in error.readings)
            params["readings"] = " / ".join(readings)
        for name in {"small", "large"} & params.keys():
            amount = Decimal(str(params[name]))
            params[name] = written_amount(amount, "en", language.amount_style)
        for name in {"named", "currency"} & params.keys():
            params[name] = language.currency_name(str(params[name]))
        return Problem(problem.key, **params)

    def _refusal(self) -> InvalidInput:
        return InvalidInput({**self._problems, **self._known})
