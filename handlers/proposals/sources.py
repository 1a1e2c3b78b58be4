"""Library items for a proposal: arranged for a lead, chosen by a person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.core.context import Context
from sales.discovery import Needs
from sales.leads import Lead
from sales.library import Item, ItemKind, Tags
from sales.proposals import Case, Solution
from sales.quotes import Edition, Line
from sales.text_search import terms_of, words_of_substance

LAID_OUT = 20
"""Number of items of a kind in a form."""
_CASES, _SOLUTIONS = 2, 4
"""Maximum number of suggestions."""
_LOOKED_AT, _THOUGHTS = 5, 8
"""Number of the library's answers to a thought that are looked at, and of thoughts."""
_SHARED = 0.3
"""The share of a thought's words that a solution for it has."""
_BREAK = re.compile(r"[\n。；;，,、.!！?？]")
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
    modules = _of_kind(ItemKind.MODULE, Tags(product=product), context)
    if all(item.content.tags.product != product for item in modules):
        product = ""  # "not decided", or one that nothing is written for
    tags = Tags(industry=lead.industry, product=product)
    solving = _solving(lead, latest.needs if latest else Needs(), tags, context)
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


def _solving(lead: Lead, needs: Needs, tags: Tags, context: Context) -> list[Item]:
    """Solutions for what the customer told, then those made for their industry.

    Solutions made for any industry only where there is neither.
    """
    solutions: list[Item] = []
    for words in _recorded(needs, context):
        solutions += _found(words, tags, context)[:1]
    for thought in _thoughts(lead, needs):
        found = _found(thought, tags, context)
        solutions += [item for item in found if _is_about(item, thought)][:1]
    of_industry = Tags(industry=tags.industry)
    suited = [
        item
        for item in context.library.suited(ItemKind.SOLUTION, of_industry, LAID_OUT)
        if _fits(item, tags)
    ]
    theirs = [item for item in suited if tags.industry and _is_made_for(item, tags)]
    return list(_unique(solutions, theirs) or _unique(suited))[:_SOLUTIONS]


def _recorded(needs: Needs, context: Context) -> list[str]:
    """The pain points that were ticked, in both languages."""
    terms = [term for term in context.playbook.vocabulary.pains if term.key in needs.pains]
    return [f"{term.en} {term.zh}" for term in terms]


def _thoughts(lead: Lead, needs: Needs) -> list[str]:
    """What the customer told of their pains, a thought at a time: notes, then the lead's need."""
    texts = (needs.other_pains, needs.problem, needs.implication, lead.need)
    thoughts = (part.strip() for text in texts for part in _BREAK.split(text))
    return list(dict.fromkeys(part for part in thoughts if len(part) > 1))[:_THOUGHTS]


def _found(words: str, tags: Tags, context: Context) -> list[Item]:
    found = context.library.search(terms_of(words, {}), _LOOKED_AT, ItemKind.SOLUTION)
    return [item for item in found if _fits(item, tags)]


def _is_about(item: Item, thought: str) -> bool:
    """Whether enough of a thought stands in an item: search alone answers to any of its words."""
    asked = words_of_substance(thought)
    told = set()
    for words in item.content.words.values():
        told |= words_of_substance(f"{words.title}\n{words.text}")
    return len(asked & told) >= max(1, len(asked) * _SHARED)


def _fits(item: Item, tags: Tags) -> bool:
    """Whether an item was not made for another industry or product."""
    own = item.content.tags
    return own.industry in (tags.industry, "") and (
        not tags.product or own.product in (tags.product, *_EDITIONS)
    )


def _is_made_for(item: Item, tags: Tags) -> bool:
    return item.content.tags.industry == tags.industry


def _of_kind(kind: ItemKind, tags: Tags, context: Context) -> tuple[Item, ...]:
    """Items of a kind: those that fit, then all others."""
    fitting = context.library.suited(kind, tags, LAID_OUT)
    return _unique(fitting, context.library.suited(kind, Tags(), LAID_OUT))[:LAID_OUT]


def _unique(*several: Iterable[Item]) -> tuple[Item, ...]:
    return tuple({item.id: item for items in several for item in items}.values())
