"""What items of the library are called on cards and forms."""

from collections.abc import Mapping

from handlers.core.context import Turn
from handlers.core.labels import enum_options, term_options
from handlers.core.ui import Option
from sales.leads import PIPELINE, Stage
from sales.library import Item, Tags, Uses
from sales.playbook import Term


def tag_options(tag: str, turn: Turn) -> tuple[Option, ...]:
    """What a tag can be."""
    if tag == "stage":
        return enum_options(PIPELINE, turn.language)
    return term_options(_terms(turn)[tag], turn.language)


def uses_text(uses: Uses, turn: Turn) -> str:
    """``used 12 times by 4 colleagues, last Mar 3; 3 of 7 customers won``; empty when it was
    never used, and without the rate while too few are decided."""
    if not uses.last_at:
        return ""
    people = turn.text("library.colleagues", n=uses.people)
    day = turn.language.day(turn.calendar.day_of(uses.last_at))
    said = turn.text("library.used", n=uses.times, people=people, day=day)
    if uses.is_rated:
        said += turn.text("library.used_won", won=uses.won, decided=uses.decided)
    return said


def known_tags(tags: Tags, turn: Turn) -> Tags:
    """Without what the vocabulary does not know."""
    vocabulary = _terms(turn)
    known = {
        tag: key
        for tag in vocabulary
        if (key := getattr(tags, tag)) in {term.key for term in vocabulary[tag]}
    }
    stage = tags.stage if tags.stage in set(Stage) else ""
    return Tags(stage=stage, **known)


def _terms(turn: Turn) -> Mapping[str, tuple[Term, ...]]:
    words = turn.playbook.vocabulary
    return {
        "industry": words.industries,
        "product": words.products,
        "objection": words.objections,
    }


def item_locale(item: Item, turn: Turn) -> str:
    """The language in which the reader sees the item."""
    mine = turn.language.locale
    return mine if mine in item.content.words else next(iter(item.content.words))
