"""What was typed about a lead, read once into a lead: the same for the form in a chat, for
public forms and for signed calls."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from handlers.turns import Turn
from sales.amounts import NotAnAmount, is_bare, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.errors import InvalidInput, Problem
from sales.leads import Authority, Clarity, Lead, Timeframe, mask_email, mask_phone
from sales.people import SYSTEM
from sales.playbook import Term

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
LONGEST: Mapping[str, int] = {
    "customer": 200,
    "source_detail": 80,
    "contact": 80,
    "title": 80,
    "need": 2000,
}
"""How many characters a field takes."""


def read_lead(turn: Turn, base: Lead) -> Lead:
    """``base`` with what was typed; raises InvalidInput naming every field that is wrong."""
    reader = _Reader(turn)
    budget = reader.budget(None if turn.actor.id == SYSTEM.id else base)
    words = turn.playbook.vocabulary
    channel = reader.term("source", words.sources, required=True)
    detail = reader.limited("source_detail")
    lead = replace(
        base,
        customer=reader.required("customer"),
        source=f"{channel}-{detail}" if detail else channel,
        contact=reader.limited("contact"),
        title=reader.limited("title"),
        phone=reader.contact("phone", base.phone, mask_phone, parse_phone, NotAPhone),
        email=reader.contact("email", base.email, mask_email, parse_email, NotAnEmail),
        need=reader.long("need"),
        industry=reader.term("industry", words.industries),
        region=reader.term("region", words.regions),
        product=reader.term("product", words.products),
        budget_low=budget[0] if budget else None,
        budget_high=budget[1] if budget else None,
        authority=reader.member("authority", Authority),
        clarity=reader.member("clarity", Clarity),
        timeframe=reader.member("timeframe", Timeframe),
    )
    reader.refuse_problems()
    return lead


class _Reader:
    """Reads fields and gathers what is wrong, so that all of it is said at once."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._problems: dict[str, Problem] = {}

    def required(self, name: str) -> str:
        text = self.limited(name)
        if not text:
            self._problems[name] = Problem(f"{name}_missing")
        return text

    def limited(self, name: str) -> str:
        """One line."""
        return self._within(name, self._turn.line(name))

    def long(self, name: str) -> str:
        return self._within(name, self._turn.typed(name))

    def _within(self, name: str, text: str) -> str:
        if len(text) > LONGEST[name]:
            self._problems[name] = Problem("too_long", n=LONGEST[name])
        return text

    def parsed(
        self, name: str, parse: Callable[[str], T], failure: type[ValueError], problem: str
    ) -> T | None:
        text = self._turn.typed(name)
        if not text:
            return None
        try:
            return parse(text)
        except failure:
            self._problems[name] = Problem(problem, typed=text[:30])
            return None

    def budget(self, known: Lead | None) -> tuple[Decimal, Decimal] | None:
        """A colleague who types 15 likely means 15万, and is asked; what stood in the form
        already is as it was. Who calls or visits has nobody to ask (``known`` None)."""
        found = self.parsed("budget", parse_budget, NotAnAmount, "budget")
        typed, least = self._turn.typed("budget"), self._turn.playbook.scoring.budget_least
        if not found or known is None or found == (known.budget_low, known.budget_high):
            return found
        if is_bare(typed) and 0 < found[1] < least:
            self._problems["budget"] = Problem("budget_small", typed=typed[:30])
        return found

    def contact(
        self,
        name: str,
        known: str,
        mask: Callable[[str], str],
        parse: Callable[[str], str],
        failure: type[ValueError],
    ) -> str:
        """A contact; the mask that stood in the form means: as it was."""
        if known and self._turn.typed(name) == mask(known):
            return known
        return self.parsed(name, parse, failure, name) or ""

    def term(self, name: str, terms: tuple[Term, ...], *, required: bool = False) -> str:
        """A key of the vocabulary; its label in any language is understood as well."""
        text = self._turn.typed(name)
        for term in terms:
            if text and text.lower() in (term.key, term.en.lower(), term.zh.lower()):
                return term.key
        if text or required:
            self._problems[name] = Problem("choose_one")
        return ""

    def member(self, name: str, members: type[E]) -> E:
        text = self._turn.typed(name) or "unknown"
        try:
            return members(text)
        except ValueError:
            self._problems[name] = Problem("choose_one")
            return members("unknown")

    def refuse_problems(self) -> None:
        if self._problems:
            raise InvalidInput(self._problems)
