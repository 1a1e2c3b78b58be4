"""The form in which a proposal is composed: what fits is ticked, everything else can be typed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from handlers.labels import lead_title
from handlers.language import LOCALES
from handlers.leads import lead_options
from handlers.proposal.sources import Shelf
from handlers.turns import Turn
from handlers.ui import Choice, Date, Field, Form, LeadPick, LongText, MultiChoice, Number, Option
from sales.leads import Lead
from sales.library import Item
from sales.proposals import Case, Offering, Proposal, Solution
from sales.quotes import Edition, Line

LONGEST = {"own_solutions": 2000, "own_modules": 1500, "opening": 1200, "terms": 2000}
"""Characters that a field takes."""


def pick_form(turn: Turn) -> Form:
    """For which lead?"""
    pick = LeadPick(
        name="lead", label=turn.text("followup.lead"), required=True, options=lead_options(turn)
    )
    return Form(
        action="proposal.choose",
        title=turn.text("proposal.form_title"),
        fields=(pick,),
        submit=turn.text("button.next"),
        cancel=turn.text("button.cancel"),
    )


def compose_form(lead: Lead, known: Proposal | None, shelf: Shelf, turn: Turn) -> Form:
    """``known`` is the draft that is written on, or what was sent before; None: a first one,
    with what fits ticked."""
    draft = known if known and known.is_draft else None
    return Form(
        action="proposal.save",
        title=turn.text("proposal.form_title"),
        intro=turn.text("proposal.intro", lead=lead_title(lead)),
        fields=(*_what(known, shelf, turn), *_how(known, turn)),
        submit=turn.text("proposal.submit"),
        cancel=turn.text("button.cancel"),
        state={
            "lead": lead.number,
            "proposal": str(draft.id) if draft else "",
            "version": str(draft.version) if draft else "",
        },
    )


def default_words(name: str, locale: str, turn: Turn) -> str:
    """The ``opening`` or the ``terms`` to begin with, in the reader's language."""
    own = turn.playbook.proposals.terms.of(locale) if name == "terms" else ""
    return own or turn.language.to(locale).text(f"proposal.default_{name}")


def written_line(line: Line, turn: Turn) -> str:
    """A typed module as it is typed."""
    prices = (line.price(edition) for edition in Edition)
    told = ("-" if price is None else turn.language.number(price) for price in prices)
    return f"{line.name}: {' / '.join(told)}"


def written_solution(solution: Solution) -> str:
    return f"{solution.pain} → {solution.answer}"


def _what(known: Proposal | None, shelf: Shelf, turn: Turn) -> tuple[Field, ...]:
    """Solutions, modules and cases: from the library, and in own words."""
    offering = known.offering if known else None
    suggested = None if known else shelf.suggested
    solutions = offering.solutions if offering else ()
    lines = offering.quote.lines if offering else ()
    cases = offering.cases if offering else ()
    text = turn.text
    own_solutions = "\n".join(written_solution(one) for one in solutions if not one.item)
    own_lines = "\n".join(written_line(one, turn) for one in lines if not one.item)
    return (
        *_picks("solutions", shelf.solutions, solutions, suggested, turn),
        LongText(name="own_solutions", label=text("proposal.own_solutions"),
                 hint=text("proposal.own_solutions_hint"), value=own_solutions,
                 max_length=LONGEST["own_solutions"]),
        *_picks("modules", shelf.modules, lines, suggested, turn),
        LongText(name="own_modules", label=text("proposal.own_modules"),
                 hint=text("proposal.own_modules_hint"), value=own_lines,
                 max_length=LONGEST["own_modules"]),
        *_picks("cases", shelf.cases, cases, suggested, turn),
    )  # fmt: skip


def _picks(
    name: str,
    items: Iterable[Item],
    chosen: Sequence[Solution | Line | Case],
    suggested: Collection[int] | None,
    turn: Turn,
) -> tuple[Field, ...]:
    """The library's items of a kind; those in the proposal that it has no more stay on offer.
    Without a suggestion, what was chosen is ticked."""
    labels = {item.id: _label(item, turn) for item in items}
    for part in chosen:
        if part.item:
            labels.setdefault(part.item, part.pain if isinstance(part, Solution) else _name(part))
    ticked = {part.item for part in chosen} if suggested is None else suggested
    if not labels:
        return ()
    return (
        MultiChoice(
            name=name,
            label=turn.text(f"proposal.{name}"),
            hint=turn.text("proposal.suggested") if suggested is not None else "",
            options=tuple(Option(str(one), label[:75]) for one, label in labels.items()),
            value=tuple(str(one) for one in labels if one in ticked),
        ),
    )


def _label(item: Item, turn: Turn) -> str:
    words, content = item.wording(turn.language.locale), item.content
    prices = [p for p in (content.basic, content.advanced) if p is not None]
    priced = " / ".join(turn.language.price(price) for price in prices)
    return f"{words.title[:50]} · {priced}" if priced else words.title


def _name(part: Line | Case) -> str:
    return part.name if isinstance(part, Line) else part.title


def _how(known: Proposal | None, turn: Turn) -> tuple[Field, ...]:
    """Discount, validity, language and the words around it."""
    offering = known.offering if known else None
    locale = known.locale if known else turn.language.locale
    text = turn.text
    return (
        Number(name="discount", label=text("proposal.discount"),
               hint=text("proposal.discount_hint"),
               value=f"{offering.quote.discount:f}" if offering else "0"),
        Date(name="valid_until", label=text("proposal.valid_until"), required=True,
             value=_valid_until(offering, turn)),
        Choice(name="language", label=text("proposal.language"), required=True, value=locale,
               options=tuple(Option(one, text(f"proposal.language_{one[:2]}")) for one in LOCALES)),
        LongText(name="opening", label=text("proposal.opening"), max_length=LONGEST["opening"],
                 value=offering.opening if offering else default_words("opening", locale, turn)),
        LongText(name="terms", label=text("proposal.terms"), max_length=LONGEST["terms"],
                 value=offering.terms if offering else default_words("terms", locale, turn)),
    )  # fmt: skip


def _valid_until(offering: Offering | None, turn: Turn) -> str:
    if offering and offering.valid_until >= turn.today:
        return offering.valid_until.isoformat()
    return (turn.today + timedelta(days=turn.playbook.proposals.valid_days)).isoformat()
