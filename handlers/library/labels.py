"""Labels for the library's items on cards and forms."""

from collections.abc import Mapping

from handlers.core.context import Context
from handlers.core.labels import enum_options, term_options
from handlers.core.ui import Option
from sales.leads import PIPELINE, Stage
from sales.library import Item, Tags, Uses
from sales.playbook import Term


def tag_options(tag: str, context: Context) -> tuple[Option, ...]:
    """The possible values of a tag."""
    if tag == "stage":
        return enum_options(PIPELINE, context.language)
    return term_options(terms_of_item(context)[tag], context.language)


def uses_text(uses: Uses, context: Context) -> str:
    """``used 12 times by 4 colleagues, last Mar 3; 3 of 7 customers won``. Empty when the item was
    never used, and without the rate while too few deals are decided."""
    if not uses.last_at:
        return ""
    people = context.text("library.colleagues", n=uses.people)
    day = context.language.day(context.calendar.day_of(uses.last_at))
    text = context.text("library.used", n=uses.times, people=people, day=day)
    if uses.is_rated:
        text += context.text("library.used_won", won=uses.won, decided=uses.decided)
    return text


def known_tags(tags: Tags, context: Context) -> Tags:
    """The tags without keys that the vocabulary does not have."""
    vocabulary = terms_of_item(context)
    valid = {
        tag: key
        for tag in vocabulary
        if (key := getattr(tags, tag)) in {term.key for term in vocabulary[tag]}
    }
    stage = tags.stage if tags.stage in set(Stage) else ""
    return Tags(stage=stage, **valid)


def terms_of_item(context: Context) -> Mapping[str, tuple[Term, ...]]:
    """The company's words with which an item is tagged, by kind of tag."""
    words = context.playbook.vocabulary
    return {
        "industry": words.industries,
        "product": words.products,
        "objection": words.objections,
    }


def item_locale(item: Item, context: Context) -> str:
    """The language in which the reader sees the item."""
    mine = context.language.locale
    return mine if mine in item.content.words else next(iter(item.content.words))
