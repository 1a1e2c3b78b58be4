"""The forms of a list: all filters at once, and its order."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from unicodedata import normalize

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options, term_options
from handlers.core.ui import (
    Checklist,
    Choice,
    Field,
    Form,
    Money,
    MultiChoice,
    Number,
    Option,
    Text,
    fold,
)
from handlers.lead_lists.service import ListPlace, read_place
from handlers.lead_lists.wording import filter_words, sort_words
from sales.amounts import written_amount
from sales.lead_lists import CloseDate, LeadQuery, LeadSort, NextStep, Period, Status
from sales.lead_lists.description import (
    label_of_close,
    label_of_period,
    label_of_status,
    label_of_step,
)
from sales.lead_lists.query import DAYS_MOST, TEXT_MOST, Window, status_of
from sales.leads import Grade, Stage
from sales.people import Role, Team
from sales.permissions import LEADERS
from sales.playbook import Term

_ME, _NOBODY = "me", "nobody"
_OFFERED_STEPS: Final = (
    NextStep.NONE,
    NextStep.OVERDUE,
    NextStep.TODAY,
    NextStep.TOMORROW,
    NextStep.THIS_WEEK,
    NextStep.NEXT_WEEK,
    NextStep.THIS_MONTH,
    NextStep.NEXT_MONTH,
    NextStep.SET,
)
_VOCABULARY: Final = ("regions", "sources", "industries", "products")
_USUAL: Final = frozenset({"status", "stages", "steps", "owners", "text", "sort"})
_DAYS: Final = re.compile(r"(\d{1,4})\s{0,3}(?:天|日|days?|d)?", re.ASCII | re.IGNORECASE)
_DAY_COUNTS: Final = ("quiet", "late", "in_stage", "newer", "older")
_KEPT: Final = ("due_within", "due", "closing", "uncontacted", "excluded", "figure")
"""Filters that the form has no field for: they stay unless they are unticked."""


def filter_form(place: ListPlace, context: Context) -> Form:
    """Every filter as a field, filled with the list that is open.

    The usual ones, and those that are set, stand first; the others are folded.
    """
    fields = sorted(_fields(place, context), key=_is_rare)
    return Form(
        action="lead_list.find",
        title=context.text("list.filter_title"),
        intro=context.text("list.filter_intro"),
        fields=fold(fields, *(field.name for field in fields if _is_rare(field))),
        submit=context.text("list.filter_submit"),
        cancel=context.text("button.cancel"),
        state={"list": place.at(0).value},
    )


def _is_rare(field: Field) -> bool:
    return field.name not in _USUAL and getattr(field, "value", "") in ("", (), "as_is")


def sort_form(place: ListPlace, context: Context) -> Form:
    return Form(
        action="lead_list.order",
        title=context.text("list.sort_title"),
        fields=(_sort_field(place, context, required=True),),
        submit=context.text("list.sort_submit"),
        cancel=context.text("button.cancel"),
        state={"list": place.at(0).value},
    )


def _fields(place: ListPlace, context: Context) -> Iterator[Field]:
    query, text, language = place.query, context.text, context.language
    yield Choice(
        name="status", label=text("list.status"), value=query.status,
        options=tuple(Option(one, label_of_status(one, language.locale)) for one in Status),
    )  # fmt: skip
    yield MultiChoice(
        name="stages", label=text("list.stage"), value=tuple(query.stages),
        options=enum_options(Stage, language),
    )  # fmt: skip
    yield _steps_field(query, context)
    yield MultiChoice(
        name="grades", label=text("list.grade"), value=tuple(query.grades),
        options=enum_options(Grade, language),
    )  # fmt: skip
    yield MultiChoice(
        name="closes", label=text("list.close_label"), value=tuple(query.closes),
        options=tuple(Option(one, label_of_close(one, language.locale)) for one in CloseDate),
    )  # fmt: skip
    yield from _people_fields(query, context)
    for name in _VOCABULARY:
        if field := _vocabulary_field(name, query, context):
            yield field
    yield _money_field("low", query.low, context)
    yield _money_field("high", query.high, context)
    for name in _DAY_COUNTS:
        yield _days_field(name, getattr(query, name), context)
    yield from (_window_field(name, query, context) for name in ("created", "closed"))
    hot = Option("hot", text("list.hot_is"))
    yield Checklist(
        name="hot", label=text("list.intent"), options=(hot,), value=("hot",) if query.hot else ()
    )
    yield Text(
        name="text", label=text("list.text"), hint=text("list.text_hint"), value=query.text,
        max_length=TEXT_MOST,
    )  # fmt: skip
    yield from _kept_field(query, context)
    yield _sort_field(place, context, required=False)


def _steps_field(query: LeadQuery, context: Context) -> Field:
    others = tuple(step for step in query.steps if step not in _OFFERED_STEPS)
    return MultiChoice(
        name="steps",
        label=context.text("list.step_label"),
        options=tuple(
            Option(step, label_of_step(step, context.language.locale))
            for step in (*_OFFERED_STEPS, *others)
        ),
        value=tuple(query.steps),
    )


def _people_fields(query: LeadQuery, context: Context) -> Iterator[Field]:
    if context.actor.role in LEADERS:
        people = (_ME,) * query.mine + (_NOBODY,) * query.nobody
        yield MultiChoice(
            name="owners",
            label=context.text("list.owner"),
            options=_owner_options(query, context),
            value=(*people, *map(str, query.owners)),
        )
    if len(teams := _teams_offered(context)) > 1:
        yield MultiChoice(
            name="teams",
            label=context.text("list.team"),
            options=tuple(Option(str(team.id), team.name[:75]) for team in teams),
            value=tuple(map(str, query.teams)),
        )


def _teams_offered(context: Context) -> list[Team]:
    return context.uow.people.teams() if context.actor.role is Role.ADMIN else []


def _owner_options(query: LeadQuery, context: Context) -> tuple[Option, ...]:
    """The reader, nobody, and the sellers whose leads the reader may see; whoever is chosen
    already stays on offer."""
    everyone = context.uow.people.everyone()
    wide, team = context.actor.role is Role.ADMIN, context.actor.team_id
    listed = [
        person
        for person in everyone
        if person.id in query.owners
        or (person.sells and person.active and (wide or person.team_id == team))
    ]
    return (
        Option(_ME, context.text("list.mine")),
        Option(_NOBODY, context.text("list.nobody")),
        *(Option(str(person.id), person.name[:75]) for person in listed),
    )


def _vocabulary_field(name: str, query: LeadQuery, context: Context) -> Field | None:
    options = term_options(getattr(context.playbook.vocabulary, name), context.language)
    if not options:
        return None
    value = getattr(query, name)
    return MultiChoice(
        name=name, label=context.text(f"list.{_singular(name)}"), options=options, value=value
    )


def _singular(name: str) -> str:
    return "industry" if name == "industries" else name.removesuffix("s")


def _money_field(name: str, amount: Decimal | None, context: Context) -> Field:
    language = context.language
    value = "" if amount is None else written_amount(amount, language.locale, language.amount_style)
    return Money(
        name=name,
        label=context.text(f"list.{name}"),
        placeholder=context.text("list.amount_example"),
        value=value,
    )


def _days_field(name: str, days: int | None, context: Context) -> Field:
    return Number(
        name=name,
        label=context.text(f"list.{name}"),
        placeholder=context.text("list.days_example"),
        value="" if days is None else str(days),
    )


def _window_field(name: str, query: LeadQuery, context: Context) -> Field:
    """A period that moves with the day; days that were named are one more choice."""
    window = getattr(query, name)
    options = tuple(Option(one, label_of_period(one, context.language.locale)) for one in Period)
    if window is None or isinstance(window, Period):
        return Choice(
            name=name,
            label=context.text(f"list.{name}"),
            options=options,
            value=window or "",
        )
    named = Option("as_is", filter_words(query, context)[name][:75])
    return Choice(
        name=name, label=context.text(f"list.{name}"), options=(named, *options), value="as_is"
    )


def _kept_field(query: LeadQuery, context: Context) -> Iterator[Field]:
    words = filter_words(query, context)
    options = tuple(Option(name, words[name][:75]) for name in _KEPT if name in words)
    if options:
        yield Checklist(
            name="kept",
            label=context.text("list.kept"),
            options=options,
            value=tuple(option.value for option in options),
        )


def _sort_field(place: ListPlace, context: Context, *, required: bool) -> Field:
    """Not required beside filters: a chat asks for what is required first, and this comes last."""
    return Choice(
        name="sort",
        label=context.text("list.sort_label"),
        required=required,
        options=tuple(Option(sort, sort_words(sort, context)) for sort in LeadSort),
        value=place.sort,
    )


def read_sort(context: Context) -> ListPlace:
    """The list in the chosen order. Raises InvalidInput."""
    place = read_place(context.request.state.get("list", ""), context)
    with FormReader(context) as form:
        sort = form.one_of("sort", LeadSort, empty=place.sort)
    return place.sorted_by(LeadSort(sort))


def read_filters(context: Context) -> ListPlace:
    """The list that the form asks for. Raises InvalidInput naming every field that is wrong."""
    former = read_place(context.request.state.get("list", ""), context)
    with FormReader(context) as form:
        query = _with_people(_read_query(former.query, form), former.query, form)
        if query.low is not None and query.high is not None and query.low > query.high:
            form.refuse("high", "value_below")
        sort = LeadSort(form.one_of("sort", LeadSort, empty=former.sort))
    return ListPlace(query=_with_kept(query, former.query, context), sort=sort)


def _read_query(former: LeadQuery, form: FormReader) -> LeadQuery:
    stages = tuple(Stage(value) for value in form.some_of("stages", Stage))
    status = Status(form.one_of("status", Status, empty=Status.OPEN))
    steps = tuple(NextStep(value) for value in form.some_of("steps", NextStep))
    late, newer = _days("late", form), _days("newer", form)
    created = _window("created", former.created, form)
    # No days at all mean nothing for the other fields; here they mean overdue, and today.
    return LeadQuery(
        status=_wide_enough(status, stages),
        stages=stages,
        grades=tuple(Grade(value) for value in form.some_of("grades", Grade)),
        steps=(*steps, NextStep.OVERDUE) if late == 0 else steps,
        closes=tuple(CloseDate(value) for value in form.some_of("closes", CloseDate)),
        regions=_terms("regions", form),
        sources=_terms("sources", form),
        industries=_terms("industries", form),
        products=_terms("products", form),
        low=form.amount("low"),
        high=form.amount("high"),
        quiet=_days("quiet", form) or None,
        late=late or None,
        in_stage=_days("in_stage", form) or None,
        newer=newer or None,
        older=_days("older", form) or None,
        created=created or (Period.TODAY if newer == 0 else None),
        closed=_window("closed", former.closed, form),
        hot=bool(form.some_of("hot", ("hot",))),
        text=form.line("text", TEXT_MOST),
    )


def _wide_enough(status: Status, stages: Iterable[Stage]) -> Status:
    """The status with the stages in it: *open* has no won deals, but who names them wants them."""
    return status_of(stages) if status is Status.OPEN else status


def _with_people(query: LeadQuery, former: LeadQuery, form: FormReader) -> LeadQuery:
    """Whose leads; what the form did not offer stays as it was."""
    context = form.context
    owners, mine, nobody, teams = former.owners, former.mine, former.nobody, former.teams
    if context.actor.role in LEADERS:
        offered = [option.value for option in _owner_options(former, context)]
        chosen = form.some_of("owners", offered)
        owners = tuple(int(value) for value in chosen if value not in (_ME, _NOBODY))
        mine, nobody = _ME in chosen, _NOBODY in chosen
    if len(known := _teams_offered(context)) > 1:
        teams = tuple(map(int, form.some_of("teams", [str(team.id) for team in known])))
    return replace(query, owners=owners, mine=mine, nobody=nobody, teams=teams)


def _terms(name: str, form: FormReader) -> tuple[str, ...]:
    terms: tuple[Term, ...] = getattr(form.context.playbook.vocabulary, name)
    return form.some_of(name, [term.key for term in terms])


def _days(name: str, form: FormReader) -> int | None:
    def parse(typed: str) -> int:
        match = _DAYS.fullmatch(normalize("NFKC", typed))
        if match is None or int(match[1]) > DAYS_MOST:
            raise ValueError(typed)
        return int(match[1])

    return form.parsed(name, parse, "days")


def _window(name: str, former: Window | None, form: FormReader) -> Window | None:
    value = form.one_of(name, ("", "as_is", *Period))
    if value == "as_is":
        return former
    return Period(value) if value else None


def _with_kept(query: LeadQuery, former: LeadQuery, context: Context) -> LeadQuery:
    """The filters without a field, as far as they are still ticked."""
    ticked = [name for name in _KEPT if name in context.ticked("kept")]
    kept: dict[str, Any] = {name: getattr(former, name) for name in ticked}
    return replace(query, **kept)
