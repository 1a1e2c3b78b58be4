"""A list's filters and order in the reader's words, as they can be typed, and such words read."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.figure_labels import figure_title
from sales.lead_lists import (
    LeadFigure,
    LeadQuery,
    LeadSort,
    ListNames,
    LostPart,
    NextStep,
    ParsedList,
    Status,
    UnreadWords,
    describe,
    nearest_phrase,
    parse_list,
)
from sales.lead_lists.description import label_of_sort
from sales.lead_lists.query import CLOSED_STATUSES, status_of
from sales.leads import Stage
from sales.people import Person, Role

_MOST_SAID = 5
_LONGEST_SAID = 40
"""Unread words that are said back, and the characters of each."""


def read_words(text: str, context: Context, *, loosely: bool = False) -> ParsedList:
    """Read the words of a typed line: ``east proposal overdue >100k``."""
    if not text.strip():
        return ParsedList()
    return parse_list(text, names_for(context), context.today_here, loosely=loosely)


def names_for(context: Context) -> ListNames:
    """What the reader can name in a typed line."""
    return _names(context, _seen(context))


def meant_words(query: LeadQuery, context: Context) -> str:
    """The filter that a searched text may be a misspelling of; empty for none."""
    return nearest_phrase(query.text, names_for(context))


def _seen(context: Context) -> list[Person]:
    """The people whose leads the reader may see, so that their names are filters."""
    everyone = context.uow.people.everyone()
    match context.actor.role:
        case Role.ADMIN:
            return everyone
        case Role.MANAGER:
            return [person for person in everyone if person.team_id == context.actor.team_id]
        case _:
            return [person for person in everyone if person.id == context.actor.id]


def _names(context: Context, people: Iterable[Person]) -> ListNames:
    return ListNames(
        vocabulary=context.playbook.vocabulary,
        people=tuple((person.id, person.name) for person in people),
        teams=tuple((team.id, team.name) for team in context.uow.people.teams()),
        style=context.language.amount_style,
    )


def filter_words(query: LeadQuery, context: Context) -> dict[str, str]:
    """The words of each filter, by its name in the query; empty for the default."""
    if not query.filters:
        return {}
    names = _names(context, context.uow.people.everyone())
    described = describe(query, names, context.language.locale, today=context.today_here)
    said = {part.name: part.words for part in described}
    if query.figure:
        said["figure"] = _figure_words(query.figure, context)
    return said


def without(query: LeadQuery, name: str) -> LeadQuery:
    """The query without the filter that these words stand for."""
    match name:
        case "low" | "high":
            return query.without("low").without("high")
        case "stages" if query.status is status_of(query.stages):
            return query.without("stages").without("status")
        case "closed" if query.status is Status.CLOSED:
            return query.without("closed").without("status")
        case _:
            return query.without(name)


def heading_words(query: LeadQuery, context: Context) -> str:
    """All filters in one line; those of the default are the open leads."""
    said = filter_words(query, context).values()
    return " · ".join(said) or context.text("list.default")


def order_words(query: LeadQuery, sort: LeadSort, context: Context) -> str:
    """The order of a list in words: nothing presses of what is closed."""
    if sort is LeadSort.PRESSING and query.status in CLOSED_STATUSES:
        return context.text("list.latest_closed_first")
    return sort_words(sort, context)


def sort_words(sort: LeadSort, context: Context) -> str:
    return label_of_sort(sort, context.language.locale)


def unread_words(unread: Sequence[UnreadWords], context: Context) -> str:
    """What of a typed line was not understood, with an example; empty for nothing."""
    if not unread:
        return ""
    return context.text("list.unread", words=_said_back(unread, context), example=_example(context))


def left_out_words(unread: Sequence[UnreadWords], context: Context) -> str:
    """What of a line is no part of the list that it may have meant; empty for nothing."""
    return context.text("list.left_out", words=_said_back(unread, context)) if unread else ""


def _said_back(unread: Sequence[UnreadWords], context: Context) -> str:
    said = [
        context.text("list.unread_word", word=context.said(one.words)[:_LONGEST_SAID])
        for one in unread[:_MOST_SAID]
    ]
    return context.language.listing(said)


def _example(context: Context) -> str:
    """A line that is understood, in the company's own words."""
    regions = context.playbook.vocabulary.regions
    query = LeadQuery(
        stages=(Stage.PROPOSAL,),
        regions=tuple(term.key for term in regions[:1]),
        steps=(NextStep.OVERDUE,),
        low=Decimal(100_000),
    )
    return context.text("list.example", words=" ".join(filter_words(query, context).values()))


def lost_words(lost: Iterable[LostPart], context: Context) -> str:
    """The parts of a stored list that mean nothing any more, in words; empty without any."""
    named = [_lost_part(part, context) for part in lost if part.name != "sort"]
    return context.text("list.lost", parts=context.language.listing(named)) if named else ""


_LABELS = {
    "is": "status",
    "step": "step_label",
    "due": "step_label",
    "due_within": "step_label",
    "close": "close_label",
    "closing": "close_label",
    "value": "column_value",
    "hot": "intent",
    "uncontacted": "column_last_contact",
} | {
    name: name
    for name in (
        "stage", "grade", "source", "region", "industry", "product", "owner", "team",
        "newer", "older", "quiet", "in_stage", "late", "created", "closed", "text",
    )
}  # fmt: skip
"""The label of each part of an encoded query, by the codec's name for it."""


def _lost_part(part: LostPart, context: Context) -> str:
    label = _LABELS.get(part.name.removeprefix("-"))
    if label is None:
        return context.text("list.unread_word", word=part.value or part.name)
    return context.text("list.lost_part", name=context.text(f"list.{label}"), value=part.value)


def _figure_words(figure: LeadFigure, context: Context) -> str:
    teams = {team.id: team.name for team in context.uow.people.teams()}
    if figure.team_id is None:
        return figure_name(figure, context)
    team = teams.get(figure.team_id, context.text("list.gone_team"))
    return f"{team} · {figure_name(figure, context)}"


def figure_name(figure: LeadFigure, context: Context) -> str:
    """``Kim Sample · Overdue · Nov 16 – 22``."""
    people = {person.id: person.name for person in context.uow.people.everyone()}
    whose = figure.person_id
    name = "" if whose is None else people.get(whose, context.text("list.gone_person"))
    return figure_title(figure.number, figure.period, name, context.language)
