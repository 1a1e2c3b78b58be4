"""What was chosen and typed for a proposal, read once into its offering."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from handlers.language import LOCALES
from handlers.next_steps import read_day
from handlers.proposal.form import LONGEST, default_words
from handlers.proposal.sources import Shelf, case_of, line_of, solution_of
from handlers.turns import Turn
from sales.errors import InvalidInput, Problem
from sales.leads import Lead
from sales.library import Item
from sales.proposals import Case, NotASolution, Offering, Proposal, Solution, parse_solution
from sales.quotes import Edition, Line, NotADiscount, NotALine, Quote, parse_discount, parse_line

T = TypeVar("T")
Part = TypeVar("Part", Solution, Line, Case)
MOST = 20
"""So many parts of a kind one proposal has."""


def read_offering(
    lead: Lead, known: Proposal | None, shelf: Shelf, turn: Turn
) -> tuple[Offering, str]:
    """The offering and its reader's locale; raises InvalidInput naming every field that is
    wrong."""
    reader = _Reader(known, turn)
    before = known.offering if known else None
    solutions = reader.chosen("solutions", shelf.solutions, solution_of,
                              before.solutions if before else ())  # fmt: skip
    solutions += reader.typed("own_solutions", parse_solution, NotASolution)
    lines = reader.chosen("modules", shelf.modules, line_of,
                          before.quote.lines if before else ())  # fmt: skip
    lines += reader.typed("own_modules", parse_line, NotALine)
    cases = reader.chosen("cases", shelf.cases, case_of, before.cases if before else ())
    quote = Quote(lines=reader.counted(lines), discount=reader.discount())
    valid_until = reader.valid_until()
    opening, terms = reader.words("opening"), reader.words("terms")
    if not solutions and not lines:
        reader.problems["own_solutions"] = Problem("proposal_empty")
    reader.refuse_problems()
    offering = Offering(
        opening=opening,
        solutions=tuple(solutions),
        quote=quote,
        recommended=_recommended(lead, quote),
        cases=tuple(cases),
        terms=terms,
        valid_until=valid_until or turn.today,
    )
    return offering, reader.locale


def _recommended(lead: Lead, quote: Quote) -> Edition | None:
    """The edition that the lead is about, where it is offered."""
    return next((one for one in quote.editions if one.value == lead.product), None)


class _Reader:
    """Reads fields and gathers what is wrong, so that all of it is said at once."""

    def __init__(self, known: Proposal | None, turn: Turn) -> None:
        self.problems: dict[str, Problem] = {}
        self._known = known
        self._turn = turn
        self.locale = turn.typed("language")
        if self.locale not in LOCALES:
            self.problems["language"] = Problem("choose_one")
            self.locale = turn.language.locale

    def chosen(
        self,
        name: str,
        items: Iterable[Item],
        make: Callable[[Item, str], Part],
        before: tuple[Part, ...],
    ) -> list[Part]:
        """What was ticked, in the library's words of now; what it has no more, as it was."""
        fresh = {str(item.id): item for item in items}
        kept = {str(part.item): part for part in before}
        parts: list[Part] = []
        for value in dict.fromkeys(self._turn.ticked(name)):
            if value in fresh:
                parts.append(make(fresh[value], self.locale))
            elif value in kept:
                parts.append(kept[value])
            elif value:
                self.problems[name] = Problem("choose_known", typed=value[:30])
        return parts

    def typed(self, name: str, parse: Callable[[str], T], failure: type[ValueError]) -> list[T]:
        """One part a line."""
        text, parts = self._turn.typed(name), []
        if len(text) > LONGEST[name]:
            self.problems[name] = Problem("too_long", n=LONGEST[name])
            return []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            try:
                parts.append(parse(line))
            except failure:
                self.problems.setdefault(name, Problem(name, typed=line[:40]))
        if len(parts) > MOST:
            self.problems[name] = Problem("too_many", n=MOST)
        return parts

    def counted(self, lines: list[Line]) -> tuple[Line, ...]:
        """In the quantities that were chosen before."""
        before = self._known.offering.quote.lines if self._known else ()
        known = {line.item or line.name: line.quantity for line in before}
        return tuple(replace(one, quantity=known.get(one.item or one.name, 1)) for one in lines)

    def discount(self) -> Decimal:
        typed = self._turn.typed("discount")
        try:
            return parse_discount(typed) if typed else Decimal(0)
        except NotADiscount:
            self.problems["discount"] = Problem("discount", typed=typed[:30])
            return Decimal(0)

    def valid_until(self) -> date | None:
        try:
            day = read_day("valid_until", self._turn)
        except InvalidInput as error:
            self.problems |= error.problems
            return None
        if day is None:
            self.problems["valid_until"] = Problem("valid_until_missing")
        return day

    def words(self, name: str) -> str:
        """As typed; what was shipped in another language follows the language."""
        words = self._turn.typed(name)
        if len(words) > LONGEST[name]:
            self.problems[name] = Problem("too_long", n=LONGEST[name])
        shipped = {default_words(name, locale, self._turn) for locale in LOCALES}
        return default_words(name, self.locale, self._turn) if words in shipped else words

    def refuse_problems(self) -> None:
        if self.problems:
            raise InvalidInput(self.problems)
