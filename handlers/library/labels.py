"""An item's kind, tags and uses in the reader's words."""

from collections.abc import Mapping

from handlers.labels import enum_label, enum_options, term_label, term_options
from handlers.language import LOCALES
from handlers.turns import Turn
from handlers.ui import Option
from sales.leads import PIPELINE, Stage
from sales.library import TAGS, Item, Tags, Uses
from sales.playbook import Term
from sales.text_search import fold


def tag_options(tag: str, turn: Turn) -> tuple[Option, ...]:
    """What a tag can be."""
    if tag == "stage":
        return enum_options(PIPELINE, turn.language)
    return term_options(_terms(turn)[tag], turn.language)


def tag_parts(item: Item, turn: Turn) -> tuple[str, ...]:
    """The tags that say anything, in words."""
    named = ((tag, getattr(item.content.tags, tag)) for tag in TAGS[item.kind])
    return tuple(_tag_label(tag, key, turn) for tag, key in named if key)


def tag_names(turn: Turn) -> Mapping[str, set[str]]:
    """The tags behind every name, in both languages: what a search may be meaning."""
    names: dict[str, set[str]] = {}
    for tag, terms in _terms(turn).items():
        for term in terms:
            for name in (term.en, term.zh):
                names.setdefault(fold(name), set()).add(f"{tag}:{term.key}")
    for stage in PIPELINE:
        for name in turn.language.in_every_language(f"stage.{stage}"):
            names.setdefault(fold(name), set()).add(f"stage:{stage}")
    return names


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


def kind_line(item: Item, uses: Uses, turn: Turn) -> str:
    """``Answer · Price · used 12 times by 4 colleagues, last Mar 3``."""
    state = () if item.is_approved else (enum_label(item.state, turn.language),)
    used = (uses_text(uses, turn),) if uses.times else ()
    return " · ".join((enum_label(item.kind, turn.language), *state, *tag_parts(item, turn), *used))


def other_locale(locale: str) -> str:
    return next(one for one in LOCALES if one != locale)


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


def _tag_label(tag: str, key: str, turn: Turn) -> str:
    if tag == "stage":
        return turn.text(f"stage.{key}")
    return term_label(_terms(turn)[tag], key, turn.language)
