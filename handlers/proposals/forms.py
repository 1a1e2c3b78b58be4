"""The form to compose a proposal: what fits is ticked, everything else can be typed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
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
from handlers.proposals.sources import Shelf, case_of, line_of, solution_of
from sales.leads import Lead
from sales.library import Item
from sales.proposals import Case, Offering, Proposal, Solution, parse_solution
from sales.quotes import Edition, Line, Quote, parse_discount, parse_line

LONGEST = {"own_solutions": 2000, "own_modules": 1500, "opening": 1200, "terms": 2000}
"""Maximum number of characters per field."""


def pick_form(context: Context) -> Form:
    """Form to choose the lead."""
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


def compose_form(lead: Lead, former: Proposal | None, shelf: Shelf, context: Context) -> Form:
    """Form to compose a proposal.

    ``former`` is the draft to continue or the last one sent; None for a first proposal, with what
    fits ticked.
    """
    draft = former if former and former.is_draft else None
    return Form(
        action="proposal.save",
        title=context.text("proposal.form_title"),
        intro=context.text("proposal.intro", lead=lead_title(lead)),
        fields=(*_what(former, shelf, context), *_how(former, context)),
        submit=context.text("proposal.submit"),
        cancel=context.text("button.cancel"),
        state={
            "lead": lead.number,
            "proposal": str(draft.id) if draft else "",
            "version": str(draft.version) if draft else "",
        },
    )


def default_words(name: str, locale: str, context: Context) -> str:
    """The default ``opening`` or ``terms``, in the reader's language."""
    own = context.playbook.proposals.terms.of(locale) if name == "terms" else ""
    return own or context.language.to(locale).text(f"proposal.default_{name}")


def written_line(line: Line, context: Context) -> str:
    """A typed module as it is typed."""
    prices = (line.price(edition) for edition in Edition)
    told = ("-" if price is None else context.language.number(price) for price in prices)
    return f"{line.name}: {' / '.join(told)}"


def written_solution(solution: Solution) -> str:
    return f"{solution.pain} → {solution.answer}"


def _what(former: Proposal | None, shelf: Shelf, context: Context) -> tuple[Field, ...]:
    """Fields for solutions, modules and cases: from the library, and in own words."""
    offering = former.offering if former else None
    suggested = None if former else shelf.suggested
    solutions = offering.solutions if offering else ()
    lines = offering.quote.lines if offering else ()
    cases = offering.cases if offering else ()
    text = context.text
    own_solutions = "\n".join(
        written_solution(solution) for solution in solutions if not solution.item
    )
    own_lines = "\n".join(written_line(line, context) for line in lines if not line.item)
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
    """Checkboxes for the library's items of a kind.

    Items in the proposal that the library no longer has stay on offer. Without suggestions, what
    was chosen is ticked.
    """
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


def _how(former: Proposal | None, context: Context) -> tuple[Field, ...]:
    """Fields for discount, validity, language and the surrounding texts."""
    offering = former.offering if former else None
    locale = former.locale if former else context.company_locale
    text = context.text
    return (
        Number(name="discount", label=text("proposal.discount"),
               hint=text("proposal.discount_hint"),
               value=f"{offering.quote.discount:f}" if offering else "0"),
        Date(name="valid_until", label=text("proposal.valid_until"), required=True,
             value=_valid_until(offering, context)),
        Choice(name="language", label=text("proposal.language"), required=True, value=locale,
               options=tuple(
                   Option(code, text(f"proposal.language_{code[:2]}")) for code in LOCALES)),
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
"""Maximum number of parts of a kind in a proposal."""


def read_offering(
    lead: Lead, former: Proposal | None, shelf: Shelf, context: Context
) -> tuple[Offering, str]:
    """Read the offering and its reader's locale.

    Raises InvalidInput naming every field that is wrong.
    """
    before = former.offering if former else None
    with _OfferingReader(former, context) as form:
        solutions = form.chosen("solutions", shelf.solutions, solution_of,
                                before.solutions if before else ())  # fmt: skip
        solutions += form.each_line("own_solutions", parse_solution)
        lines = form.chosen("modules", shelf.modules, line_of,
                            before.quote.lines if before else ())  # fmt: skip
        lines += form.each_line("own_modules", parse_line)
        cases = form.chosen("cases", shelf.cases, case_of, before.cases if before else ())
        discount = form.parsed("discount", parse_discount) or Decimal(0)
        quote = Quote(lines=form.counted(lines), discount=discount)
        valid_until = form.required_day("valid_until", "valid_until_missing")
        opening, terms = form.standing_words("opening"), form.standing_words("terms")
        if not solutions and not lines:
            form.refuse("own_solutions", "proposal_empty")
    offering = Offering(
        opening=opening,
        solutions=tuple(solutions),
        quote=quote,
        recommended=_recommended(lead, quote),
        cases=tuple(cases),
        terms=terms,
        valid_until=valid_until,
    )
    return offering, form.locale


def _recommended(lead: Lead, quote: Quote) -> Edition | None:
    """The edition that the lead is about, where it is offered."""
    return next((edition for edition in quote.editions if edition.value == lead.product), None)


class _OfferingReader(FormReader):
    """Reads the parts of an offering, in the language of its reader."""

    def __init__(self, former: Proposal | None, context: Context) -> None:
        super().__init__(context)
        self._before = former
        self.locale = self.one_of("language", LOCALES) or context.language.locale

    def chosen(
        self,
        name: str,
        items: Iterable[Item],
        make: Callable[[Item, str], Part],
        before: tuple[Part, ...],
    ) -> list[Part]:
        """The ticked items, in the library's present words; removed ones as they were."""
        fresh = {str(item.id): item for item in items}
        former_parts = {str(part.item): part for part in before}
        parts: list[Part] = []
        for value in dict.fromkeys(self.context.ticked(name)):
            if value in fresh:
                parts.append(make(fresh[value], self.locale))
            elif value in former_parts:
                parts.append(former_parts[value])
            elif value:
                self.refuse(name, "choose_known", typed=value[:30])
        return parts

    def each_line(self, name: str, parse: Callable[[str], T]) -> list[T]:
        """Parse one part per line."""
        text, parts = self.words(name, LONGEST[name]), []
        if self.refused(name):
            return []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            try:
                parts.append(parse(line))
            except ValueError:
                if not self.refused(name):
                    self.refuse(name, name, typed=line[:40])
        if len(parts) > MOST:
            self.refuse(name, "too_many", n=MOST)
        return parts

    def counted(self, lines: list[Line]) -> tuple[Line, ...]:
        """The lines with the quantities chosen before."""
        before = self._before.offering.quote.lines if self._before else ()
        quantities = {line.item or line.name: line.quantity for line in before}
        return tuple(
            replace(line, quantity=quantities.get(line.item or line.name, 1)) for line in lines
        )

    def standing_words(self, name: str) -> str:
        """The text as typed; a shipped text is replaced by that of the proposal's language."""
        words = self.words(name, LONGEST[name])
        shipped = {default_words(name, locale, self.context) for locale in LOCALES}
        return default_words(name, self.locale, self.context) if words in shipped else words
