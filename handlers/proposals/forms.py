"""The form in which a proposal is composed: what fits is ticked, everything else can be typed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.language import LOCALES
from handlers.core.ui import (
    Choice,
    Date,
    Field,
    Form,
    LeadPick,
    LongText,
    MultiChoice,
    Number,
    Option,
)
from handlers.followups.next_step import read_day
from handlers.leads.forms import lead_options
from handlers.proposals.sources import Shelf, case_of, line_of, solution_of
from sales.errors import InvalidInput, Problem
from sales.leads import Lead
from sales.library import Item
from sales.proposals import Case, NotASolution, Offering, Proposal, Solution, parse_solution
from sales.quotes import Edition, Line, NotADiscount, NotALine, Quote, parse_discount, parse_line

LONGEST = {"own_solutions": 2000, "own_modules": 1500, "opening": 1200, "terms": 2000}
"""Characters that a field takes."""


def pick_form(context: Context) -> Form:
    """For which lead?"""
    pick = LeadPick(
        name="lead",
        label=context.text("followup.lead"),
        required=True,
        options=lead_options(context),
    )
    return Form(
        action="proposal.choose",
        title=context.text("proposal.form_title"),
        fields=(pick,),
        submit=context.text("button.next"),
        cancel=context.text("button.cancel"),
    )


def compose_form(lead: Lead, known: Proposal | None, shelf: Shelf, context: Context) -> Form:
    """``known`` is the draft that is written on, or what was sent before; None: a first one,
    with what fits ticked."""
    draft = known if known and known.is_draft else None
    return Form(
        action="proposal.save",
        title=context.text("proposal.form_title"),
        intro=context.text("proposal.intro", lead=lead_title(lead)),
        fields=(*_what(known, shelf, context), *_how(known, context)),
        submit=context.text("proposal.submit"),
        cancel=context.text("button.cancel"),
        state={
            "lead": lead.number,
            "proposal": str(draft.id) if draft else "",
            "version": str(draft.version) if draft else "",
        },
    )


def default_words(name: str, locale: str, context: Context) -> str:
    """The ``opening`` or the ``terms`` to begin with, in the reader's language."""
    own = context.playbook.proposals.terms.of(locale) if name == "terms" else ""
    return own or context.language.to(locale).text(f"proposal.default_{name}")


def written_line(line: Line, context: Context) -> str:
    """A typed module as it is typed."""
    prices = (line.price(edition) for edition in Edition)
    told = ("-" if price is None else context.language.number(price) for price in prices)
    return f"{line.name}: {' / '.join(told)}"


def written_solution(solution: Solution) -> str:
    return f"{solution.pain} → {solution.answer}"


def _what(known: Proposal | None, shelf: Shelf, context: Context) -> tuple[Field, ...]:
    """Solutions, modules and cases: from the library, and in own words."""
    offering = known.offering if known else None
    suggested = None if known else shelf.suggested
    solutions = offering.solutions if offering else ()
    lines = offering.quote.lines if offering else ()
    cases = offering.cases if offering else ()
    text = context.text
    own_solutions = "\n".join(written_solution(one) for one in solutions if not one.item)
    own_lines = "\n".join(written_line(one, context) for one in lines if not one.item)
    return (
        *_picks("solutions", shelf.solutions, solutions, suggested, context),
        LongText(name="own_solutions", label=text("proposal.own_solutions"),
                 hint=text("proposal.own_solutions_hint"), value=own_solutions,
                 max_length=LONGEST["own_solutions"]),
        *_picks("modules", shelf.modules, lines, suggested, context),
        LongText(name="own_modules", label=text("proposal.own_modules"),
                 hint=text("proposal.own_modules_hint"), value=own_lines,
                 max_length=LONGEST["own_modules"]),
        *_picks("cases", shelf.cases, cases, suggested, context),
    )  # fmt: skip


def _picks(
    name: str,
    items: Iterable[Item],
    chosen: Sequence[Solution | Line | Case],
    suggested: Collection[int] | None,
    context: Context,
) -> tuple[Field, ...]:
    """The library's items of a kind; those in the proposal that it has no more stay on offer.
    Without a suggestion, what was chosen is ticked."""
    labels = {item.id: _label(item, context) for item in items}
    for part in chosen:
        if part.item:
            labels.setdefault(part.item, part.pain if isinstance(part, Solution) else _name(part))
    ticked = {part.item for part in chosen} if suggested is None else suggested
    if not labels:
        return ()
    return (
        MultiChoice(
            name=name,
            label=context.text(f"proposal.{name}"),
            hint=context.text("proposal.suggested") if suggested is not None else "",
            options=tuple(Option(str(one), label[:75]) for one, label in labels.items()),
            value=tuple(str(one) for one in labels if one in ticked),
        ),
    )


def _label(item: Item, context: Context) -> str:
    words, content = item.wording(context.language.locale), item.content
    prices = [p for p in (content.basic, content.advanced) if p is not None]
    priced = " / ".join(context.language.price(price) for price in prices)
    return f"{words.title[:50]} · {priced}" if priced else words.title


def _name(part: Line | Case) -> str:
    return part.name if isinstance(part, Line) else part.title


def _how(known: Proposal | None, context: Context) -> tuple[Field, ...]:
    """Discount, validity, language and the words around it."""
    offering = known.offering if known else None
    locale = known.locale if known else context.language.locale
    text = context.text
    return (
        Number(name="discount", label=text("proposal.discount"),
               hint=text("proposal.discount_hint"),
               value=f"{offering.quote.discount:f}" if offering else "0"),
        Date(name="valid_until", label=text("proposal.valid_until"), required=True,
             value=_valid_until(offering, context)),
        Choice(name="language", label=text("proposal.language"), required=True, value=locale,
               options=tuple(Option(one, text(f"proposal.language_{one[:2]}")) for one in LOCALES)),
        LongText(name="opening", label=text("proposal.opening"), max_length=LONGEST["opening"],
                 value=offering.opening if offering else default_words("opening", locale, context)),
        LongText(name="terms", label=text("proposal.terms"), max_length=LONGEST["terms"],
                 value=offering.terms if offering else default_words("terms", locale, context)),
    )  # fmt: skip


def _valid_until(offering: Offering | None, context: Context) -> str:
    if offering and offering.valid_until >= context.today:
        return offering.valid_until.isoformat()
    return (context.today + timedelta(days=context.playbook.proposals.valid_days)).isoformat()


T = TypeVar("T")
Part = TypeVar("Part", Solution, Line, Case)
MOST = 20
"""So many parts of a kind one proposal has."""


def read_offering(
    lead: Lead, known: Proposal | None, shelf: Shelf, context: Context
) -> tuple[Offering, str]:
    """The offering and its reader's locale; raises InvalidInput naming every field that is
    wrong."""
    reader = _Reader(known, context)
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
        valid_until=valid_until or context.today,
    )
    return offering, reader.locale


def _recommended(lead: Lead, quote: Quote) -> Edition | None:
    """The edition that the lead is about, where it is offered."""
    return next((one for one in quote.editions if one.value == lead.product), None)


class _Reader:
    """Reads fields and gathers what is wrong, so that all of it is said at once."""

    def __init__(self, known: Proposal | None, context: Context) -> None:
        self.problems: dict[str, Problem] = {}
        self._known = known
        self._turn = context
        self.locale = context.typed("language")
        if self.locale not in LOCALES:
            self.problems["language"] = Problem("choose_one")
            self.locale = context.language.locale

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
