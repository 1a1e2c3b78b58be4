"""The form of a report: its period, what it is compared with, the breakdown and the filters."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options, term_options
from handlers.core.ui import Choice, Date, Field, Form, MultiChoice, Option, fold
from handlers.reports.labels import dimension_label, focus_label, named_period
from handlers.reports.service import people_seen, teams_seen
from sales.days import parse_day
from sales.errors import UnknownAction
from sales.leads import Grade
from sales.people import Role
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import (
    Dimension,
    Focus,
    ReportQuery,
    period_of_days,
    period_of_key,
    read_query,
    write_query,
    year_before,
)

_VOCABULARY: Final = ("sources", "products", "regions", "industries")
_LABELS: Final = {
    "sources": "list.source",
    "products": "list.product",
    "regions": "list.region",
    "industries": "list.industry",
}
_USUAL: Final = frozenset({"period", "first", "last", "by", "owners"})
_KINDS: Final = (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
_MOST_OPTIONS: Final = 100
"""Options of one field: Slack's limit."""


def report_form(query: ReportQuery, context: Context) -> Form:
    """Every part of a report as a field, filled with the one that is open.

    The usual ones, and those that are set, stand first; the others are folded.
    """
    fields = sorted(_fields(query, context), key=_is_rare)
    return Form(
        action="report.find",
        title=context.text("report.form_title"),
        fields=fold(fields, *(field.name for field in fields if _is_rare(field))),
        submit=context.text("report.form_submit"),
        cancel=context.text("button.cancel"),
        state={"report": write_query(query)},
    )


def _is_rare(field: Field) -> bool:
    return field.name not in _USUAL and getattr(field, "value", "") in ("", ())


def _fields(query: ReportQuery, context: Context) -> Iterator[Field]:
    text, language = context.text, context.language
    periods = _offered_periods(query.period, context)
    yield Choice(
        name="period", label=text("report.form_period"), required=True, value=query.period.key,
        options=tuple(Option(one.key, named_period(one, context)) for one in periods),
    )  # fmt: skip
    yield Date(name="first", label=text("report.form_first"), hint=text("report.form_days_hint"))
    yield Date(name="last", label=text("report.form_last"))
    yield Choice(
        name="by", label=text("report.form_by"), value=query.by or "",
        options=tuple(Option(one, dimension_label(one, context)) for one in _dimensions(context)),
    )  # fmt: skip
    yield Choice(
        name="focus", label=text("report.form_focus"), value=query.focus or "",
        options=tuple(Option(one, focus_label(one, context)) for one in Focus),
    )  # fmt: skip
    against = "year" if query.against == year_before(query.period) else "before"
    yield Choice(
        name="against", label=text("report.form_against"), value=against,
        options=tuple(
            Option(one, text(f"report.against_{one}")) for one in ("before", "year")
        ),
    )  # fmt: skip
    yield from _people_fields(query, context)
    for name in _VOCABULARY:
        options = term_options(getattr(context.playbook.vocabulary, name), language)
        if options:
            chosen = getattr(query.leads, name)
            label = text(_LABELS[name])
            yield MultiChoice(name=name, label=label, options=options[:_MOST_OPTIONS], value=chosen)
    yield MultiChoice(
        name="grades", label=text("list.grade"), options=enum_options(Grade, language),
        value=tuple(query.leads.grades),
    )  # fmt: skip


def _people_fields(query: ReportQuery, context: Context) -> Iterator[Field]:
    if teams := teams_seen(context):
        options = tuple(Option(str(one.id), one.name[:75]) for one in teams[:_MOST_OPTIONS])
        yield MultiChoice(
            name="teams", label=context.text("report.form_teams"), options=options,
            value=tuple(map(str, query.leads.teams)),
        )  # fmt: skip
    if people := people_seen(context):
        options = tuple(Option(str(one.id), one.name[:75]) for one in people[:_MOST_OPTIONS])
        yield MultiChoice(
            name="owners", label=context.text("report.form_owners"), options=options,
            value=tuple(map(str, query.leads.owners)),
        )  # fmt: skip


def _offered_periods(chosen: ReportPeriod, context: Context) -> list[ReportPeriod]:
    """The present period of each kind, the one before it, and the one that is open."""
    around = [ReportPeriod.around(kind, context.today) for kind in _KINDS]
    every = [one for period in around for one in (period, period.previous)]
    return list(dict.fromkeys((replace(chosen, until=date.max), *every)))


def _dimensions(context: Context) -> Iterable[Dimension]:
    role = context.actor.role
    for one in Dimension:
        if one is Dimension.TEAM and role is not Role.ADMIN:
            continue
        if one is Dimension.PERSON and role is Role.REP:
            continue
        yield one


def read_form(context: Context) -> ReportQuery:
    """The report that the form asks for. Raises InvalidInput naming every field that is wrong."""
    try:
        former = read_query(context.request.state.get("report", ""), context.playbook.vocabulary)
    except ValueError:
        raise UnknownAction(action="report.find") from None
    query = former.query
    with FormReader(context) as form:
        period = _period(query.period, form)
        by = form.one_of("by", ("", *_dimensions(context)))
        focus = form.one_of("focus", ("", *Focus))
        against = form.one_of("against", ("before", "year"), empty="before")
        changed: dict[str, Any] = {
            name: form.some_of(name, _keys(name, context)) for name in _VOCABULARY
        }
        changed["grades"] = tuple(Grade(one) for one in form.some_of("grades", Grade))
        for name, known in (("teams", teams_seen(context)), ("owners", people_seen(context))):
            if known:
                chosen = form.some_of(name, [str(one.id) for one in known])
                changed[name] = tuple(map(int, chosen))
    return replace(
        query,
        period=period,
        against=year_before(period) if against == "year" else None,
        by=Dimension(by) if by else None,
        focus=Focus(focus) if focus else None,
        leads=replace(query.leads, **changed),
    )


def _keys(name: str, context: Context) -> list[str]:
    return [term.key for term in getattr(context.playbook.vocabulary, name)]


def _period(former: ReportPeriod, form: FormReader) -> ReportPeriod:
    """The chosen period, or the days between the two dates."""
    first, last = _day("first", form), _day("last", form)
    if form.refused("first") or form.refused("last"):
        return former
    if first is None and last is None:
        return form.parsed("period", period_of_key, "choose_one") or former
    last = last or form.context.today
    try:
        return period_of_days(first or last, last)
    except ValueError:
        form.refuse("last", "report_days")
        return former


def _day(name: str, form: FormReader) -> date | None:
    """A day that lies behind, as typed or picked."""
    context = form.context

    def parse(typed: str) -> date:
        return parse_day(typed, context.today, context.calendar, order=context.figures, past=True)

    return form.parsed(name, parse, "day")
