"""Library items for a proposal: arranged for a lead, chosen by a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.core.context import Context
from sales.discovery import Needs
from sales.leads import Lead
from sales.library import Item, ItemKind, Tags
from sales.proposals import Case, Solution
from sales.quotes import Edition, Line
from sales.text_search import terms_of

LAID_OUT = 20
"""Number of items of a kind in a form."""
_CASES, _SOLUTIONS = 2, 4
"""Maximum number of suggestions."""
_EDITIONS = ("", *(edition.value for edition in Edition))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Items to choose from, the most fitting first; ``suggested`` holds ids."""

    solutions: tuple[Item, ...]
    modules: tuple[Item, ...]
    cases: tuple[Item, ...]
    suggested: frozenset[int]


def lay_out(lead: Lead, context: Context) -> Shelf:
    """Arrange the library's items for a lead.

    Solutions for recorded pain points, modules of the product, and cases of customers in the same
    industry come first and are suggested.
    """
    latest = context.discoveries.latest(lead.id)
    # Every edition is offered, whichever the lead asked for.
    product = "" if lead.product in _EDITIONS else lead.product
    tags = Tags(industry=lead.industry, product=product)
    solving = _solving(latest.needs if latest else Needs(), tags, context)
    modules = _of_kind(ItemKind.MODULE, Tags(product=product), context)
    cases = _of_kind(ItemKind.CASE, Tags(industry=lead.industry), context)
    fitting = [i for i in modules if i.content.tags.product in (product, *_EDITIONS)]
    # Modules are presented in the order in which they were written.
    modules = tuple(sorted(modules, key=lambda item: (item not in fitting, item.id)))
    alike = [item for item in cases if item.content.tags.industry == lead.industry][:_CASES]
    return Shelf(
        solutions=_unique(solving, _of_kind(ItemKind.SOLUTION, tags, context)),
        modules=modules,
        cases=cases,
        suggested=frozenset(item.id for item in (*solving, *fitting, *alike)),
    )


def solution_of(item: Item, locale: str) -> Solution:
    words = item.wording(locale)
    return Solution(pain=words.title, answer=words.text, average=words.average, item=item.id)


def line_of(item: Item, locale: str) -> Line:
    words, content = item.wording(locale), item.content
    return Line(
        name=words.title,
        about=words.text,
        average=words.average,
        basic=content.basic,
        advanced=content.advanced,
        item=item.id,
    )


def case_of(item: Item, locale: str) -> Case:
    words = item.wording(locale)
    return Case(
        title=words.title,
        customer=words.customer,
        text=words.text,
        result=words.result,
        item=item.id,
    )


def _solving(needs: Needs, tags: Tags, context: Context) -> list[Item]:
    """The best solution for each recorded pain point.

    Without any recorded, the solutions made for the industry.
    """
    terms = [term for term in context.playbook.vocabulary.pains if term.key in needs.pains]
    asked = [*(f"{term.en} {term.zh}" for term in terms), needs.other_pains, needs.problem]
    solutions: list[Item] = []
    for words in filter(None, asked):
        solutions += context.library.search(terms_of(words, {}), 1, ItemKind.SOLUTION)
    if not solutions:
        solutions = context.library.suited(ItemKind.SOLUTION, tags, _SOLUTIONS)
    return list(_unique(solutions))[:_SOLUTIONS]


def _of_kind(kind: ItemKind, tags: Tags, context: Context) -> tuple[Item, ...]:
    """Items of a kind: those that fit, then all others."""
    fitting = context.library.suited(kind, tags, LAID_OUT)
    return _unique(fitting, context.library.suited(kind, Tags(), LAID_OUT))[:LAID_OUT]


def _unique(*several: Iterable[Item]) -> tuple[Item, ...]:
    return tuple({item.id: item for items in several for item in items}.values())
