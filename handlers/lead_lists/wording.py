"""A list's filters and order in the reader's words."""

from collections.abc import Iterable, Sequence
from datetime import date

from handlers.core.context import Context
from handlers.core.figure_labels import figure_title
from handlers.core.labels import budget_label, enum_label, term_label
from sales.lead_lists import (
    DayRange,
    Exclusion,
    LeadFigure,
    LeadQuery,
    LostPart,
    QueryField,
)
from sales.lead_lists.query import Window
from sales.playbook import Term

_VOCABULARY = {
    QueryField.SOURCE: "sources",
    QueryField.REGION: "regions",
    QueryField.INDUSTRY: "industries",
    QueryField.PRODUCT: "products",
}
_FIELDS = {field: f"{field.value}s" for field in QueryField} | _VOCABULARY
_TOGETHER = (("owners", "mine", "nobody"), ("low", "high"))
"""Filters that are said, and left out, together."""
_DAYS = ("newer", "older", "quiet", "due_within")


def filter_words(query: LeadQuery, context: Context) -> dict[str, str]:
    """The words of the query's ``filters``, by the name of each; of those that are said together,
    by the first."""
    said = {name: _of_filter(name, query, context) for name in query.filters}
    return {name: words for name, words in said.items() if words}


def without(query: LeadQuery, name: str) -> LeadQuery:
    """The query without the filter that these words stand for."""
    together = next((names for names in _TOGETHER if name in names), (name,))
    for one in together:
        query = query.without(one)
    return query


def heading_words(query: LeadQuery, context: Context) -> str:
    """All filters in one line; empty for the list without any."""
    return " · ".join(filter_words(query, context).values())


def lost_words(lost: Iterable[LostPart], context: Context) -> str:
    """The parts of a stored list that mean nothing any more, in words; empty without any."""
    named = [
        context.text("list.lost_part", name=_field_label(part.name, context), value=part.value)
        if part.value
        else part.name
        for part in lost
        if part.name != "sort"
    ]
    return context.text("list.lost", parts=context.language.listing(named)) if named else ""


def _field_label(name: str, context: Context) -> str:
    key = f"list.{name.removeprefix('-')}"
    return context.text(key) if context.language.has(key) else name


def _of_filter(name: str, query: LeadQuery, context: Context) -> str:
    text, value = context.text, getattr(query, name)
    match name:
        case "status" | "stages" | "grades" | "steps":
            values = value if isinstance(value, tuple) else (value,)
            return _any_of([enum_label(one, context.language) for one in values], context)
        case "owners" | "mine" | "nobody":
            return _owner_words(name, query, context)
        case "low" | "high":
            return _value_words(name, query, context)
        case "created" | "closed":
            return text(f"list.{name}_in", days=_window_words(value, context))
        case "text" | "hot":
            return text(f"list.{name}_is", text=value)
        case "excluded":
            return text("list.without", what=_any_of(_excluded_words(value, context), context))
        case "figure":
            return _figure_words(value, context)
        case _ if name in _DAYS:
            return text(f"list.{name}_days", n=value)
        case _:
            return _any_of(_values_words(name, value, context), context)


def _any_of(words: Sequence[str], context: Context) -> str:
    """Several values of one filter, of which a lead has one."""
    *first, last = words
    if not first:
        return last
    return context.text("list.either", first=context.language.listing(first), last=last)


def _values_words(name: str, values: Iterable[object], context: Context) -> list[str]:
    field = next(field for field, attribute in _FIELDS.items() if attribute == name)
    return [value_label(field, str(value), context) for value in values]


def value_label(field: QueryField, value: str, context: Context) -> str:
    """One value of a filter in words: ``east`` as ``East China``."""
    match field:
        case QueryField.STAGE | QueryField.GRADE | QueryField.STEP:
            kind = {"stage": "stage", "grade": "grade", "step": "nextstep"}[field.value]
            return context.text(f"{kind}.{value}")
        case QueryField.OWNER:
            return _person(int(value), context)
        case QueryField.TEAM:
            return _team(int(value), context)
        case _:
            terms: tuple[Term, ...] = getattr(context.playbook.vocabulary, _VOCABULARY[field])
            return term_label(terms, value, context.language)


def _person(person_id: int, context: Context) -> str:
    everyone = context.uow.people.everyone()
    found = (person.name for person in everyone if person.id == person_id)
    return next(found, context.text("list.gone_person"))


def _team(team_id: int, context: Context) -> str:
    found = (team.name for team in context.uow.people.teams() if team.id == team_id)
    return next(found, context.text("list.gone_team"))


def _owner_words(name: str, query: LeadQuery, context: Context) -> str:
    """All owners in the words of the first of the three filters that name them."""
    named = [one for one in ("owners", "mine", "nobody") if getattr(query, one)]
    if name != named[0]:
        return ""
    people = [_person(person_id, context) for person_id in query.owners]
    if query.mine:
        people.append(context.text("list.mine"))
    if query.nobody:
        people.append(context.text("list.nobody"))
    return _any_of(people, context)


def _value_words(name: str, query: LeadQuery, context: Context) -> str:
    """Both bounds of the value in the words of the first."""
    if name == "high" and query.low is not None:
        return ""
    amount = budget_label(query.low, query.high, context.language)
    return context.text("list.value_is", amount=amount)


def _window_words(window: Window, context: Context) -> str:
    if not isinstance(window, DayRange):
        return enum_label(window, context.language)
    if window.first == window.last:
        return _day(window.first, context)
    return f"{_day(window.first, context)} – {_day(window.last, context)}"


def _day(day: date, context: Context) -> str:
    return context.language.day(day)


def _excluded_words(excluded: Iterable[Exclusion], context: Context) -> list[str]:
    return [value_label(one.field, one.value, context) for one in excluded]


def _figure_words(figure: LeadFigure, context: Context) -> str:
    return " · ".join((_team(figure.team_id, context), figure_name(figure, context)))


def figure_name(figure: LeadFigure, context: Context) -> str:
    """``Kim Sample · Overdue · Nov 16 – 22``."""
    name = "" if figure.person_id is None else _person(figure.person_id, context)
    return figure_title(figure.number, figure.week, name, context.language)
