"""Reads what a report needs, for the leads that its reader may see, and of no more than it says."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from handlers.core.context import Context
from sales.lead_lists import LeadFigure, LeadQuery, NextStep, Status
from sales.lead_lists.query import Exclusion, QueryField
from sales.leads import Grade
from sales.people import Person, Role, Team
from sales.reports import Number
from sales.reports.discipline import ClockFact, attainment
from sales.reports.journeys import Journey
from sales.reports.overview import (
    Figures,
    GroupKey,
    OpenNow,
    Overview,
    clock_rates,
    figures_by_step,
    groups_of,
    is_whole,
    journey_filter,
    matches,
    steps_in,
    usual_focus,
)
from sales.reports.periods import ReportPeriod
from sales.reports.queries import Dimension, Focus, ReportQuery, steps_of


@dataclass(frozen=True, slots=True)
class Allowed:
    """A report as its reader may see it; ``notes`` are the catalogue keys of what was changed."""

    query: ReportQuery
    notes: tuple[str, ...] = ()


def allowed(query: ReportQuery, context: Context, *, is_own: bool = False) -> Allowed:
    """Limit a report to what its reader may see [P1].

    A rep sees their own figures and compares no colleagues, a manager those of their team, an admin
    all. ``is_own``: of the reader's own leads alone.
    """
    actor, leads = context.actor, query.leads
    if leads.mine or is_own:
        leads = replace(leads, mine=False, owners=(*leads.owners, actor.id))
    match actor.role:
        case Role.ADMIN:
            return Allowed(replace(query, leads=leads))
        case Role.MANAGER:
            return _of_manager(replace(query, leads=leads), actor)
        case _:
            return _of_seller(query, leads, actor)


def _of_manager(query: ReportQuery, actor: Person) -> Allowed:
    notes = []
    if set(query.leads.teams) - {actor.team_id}:
        notes.append("report.own_team_only")
    if query.by is Dimension.TEAM:
        notes.append("report.one_team")
        query = replace(query, by=Dimension.PERSON)
    leads = replace(query.leads, teams=(actor.team_id,))
    return Allowed(replace(query, leads=leads), tuple(dict.fromkeys(notes)))


def _of_seller(query: ReportQuery, leads: LeadQuery, actor: Person) -> Allowed:
    others = leads.teams or leads.nobody or set(leads.owners) - {actor.id}
    compares = query.by is not None and query.by.is_of_people
    own = replace(leads, teams=(), nobody=False, owners=(actor.id,))
    limited = replace(query, leads=own, by=None if compares else query.by)
    return Allowed(limited, ("report.own_only",) if others or compares else ())


def focus_of(query: ReportQuery, figures: Figures) -> Focus:
    """The figure that tables are ordered by."""
    return query.focus or usual_focus(figures)


def overview_of(query: ReportQuery, context: Context) -> Overview:
    """All figures of a report that ``allowed`` returned."""
    period, before = query.compared(context.today)
    figures, clocks = _figures(query, period, context)
    earlier, _ = _figures(query, before, context)
    journeys = context.uow.journeys(context.actor)
    open_leads = _matching(query.leads, journeys.open_at_present(journey_filter(query.leads)))
    open_now = OpenNow(open_leads, context.now)
    step, steps = steps_in(period, _step(query))
    compares = query.by is not None and _has_groups(query.by)
    return Overview(
        period=period,
        before=before,
        figures=figures,
        earlier=earlier,
        open_now=open_now,
        groups=groups_of(
            query.by,
            figures,
            earlier,
            open_now,
            clocks=clock_rates(clocks, query.by, context.now),
            focus=focus_of(query, figures),
        )
        if compares and query.by
        else (),
        steps=() if compares else figures_by_step(figures.journeys, steps, context.calendar),
        step=step,
    )


def _has_groups(dimension: Dimension) -> bool:
    return not (dimension.is_time or dimension in (Dimension.STAGE, Dimension.REASON))


def _step(query: ReportQuery) -> Dimension:
    """The steps of the trend: as asked, or what suits the period."""
    return query.by if query.by is not None and query.by.is_time else steps_of(query.period)


def _figures(
    query: ReportQuery, period: ReportPeriod, context: Context
) -> tuple[Figures, tuple[ClockFact, ...]]:
    """The figures of a period, with its response clocks as far as they can be told apart."""
    leads, journeys = query.leads, context.uow.journeys(context.actor)
    start, end = period.window(context.calendar)
    # As lists of a period do, which know nothing of what is still to come.
    end = max(start, min(end, context.now))
    only = journey_filter(leads)
    found = _matching(leads, journeys.of_period(start, end, only))
    if not is_whole(leads):
        return Figures(found, start, end), ()
    clocks = journeys.clocks_due(start, end, only)
    return Figures(found, start, end, attainment(clocks, context.now)), clocks


def _matching(leads: LeadQuery, journeys: Iterable[Journey]) -> tuple[Journey, ...]:
    return tuple(journey for journey in journeys if matches(leads, journey))


# The lists behind the numbers


def number_list(query: ReportQuery, number: Number, period: ReportPeriod) -> LeadQuery:
    """The list of what a number counts in a period."""
    return replace(query.leads, figure=LeadFigure(number, None, period.key))


def now_list(query: ReportQuery, *, overdue: bool = False) -> LeadQuery:
    """The list of what is in progress now, or of it what is overdue (nurtured ones included)."""
    if overdue:
        return replace(query.leads, status=Status.OPEN, steps=(NextStep.OVERDUE,))
    return replace(query.leads, status=Status.WORKED)


_FIELDS = {
    Dimension.SOURCE: ("sources", QueryField.SOURCE),
    Dimension.PRODUCT: ("products", QueryField.PRODUCT),
    Dimension.REGION: ("regions", QueryField.REGION),
    Dimension.INDUSTRY: ("industries", QueryField.INDUSTRY),
}


def of_group(query: ReportQuery, key: GroupKey, context: Context) -> ReportQuery:
    """The report of one group alone, all others as they are."""
    return replace(query, leads=_leads_of(query, key, context), by=None)


def _leads_of(query: ReportQuery, key: GroupKey, context: Context) -> LeadQuery:
    leads, by = query.leads, query.by
    changed: dict[str, Any] = {}
    if by is Dimension.PERSON:
        changed = {"nobody": key is None, "owners": () if key is None else (key,)}
    elif by is Dimension.TEAM:
        changed = {"teams": (key,)}
    elif by is Dimension.GRADE:
        changed = {"grades": (Grade(str(key)),)}
    elif by in _FIELDS:
        name, field = _FIELDS[by]
        terms = getattr(context.playbook.vocabulary, name)
        # A list has no filter for leads that say nothing: it leaves out all that do.
        out = tuple(Exclusion(field, term.key) for term in terms)
        changed = {name: (key,)} if key else {"excluded": (*leads.excluded, *out)}
    return replace(leads, **changed)


def teams_seen(context: Context) -> list[Team]:
    """The teams that the reader may choose from in a form: all, or none where there is one."""
    teams = context.uow.people.teams()
    return teams if context.actor.role is Role.ADMIN and len(teams) > 1 else []


def people_seen(context: Context) -> list[Person]:
    """The sellers whose figures the reader may see, beside their own."""
    match context.actor.role:
        case Role.ADMIN:
            return [one for one in context.uow.people.everyone() if one.sells]
        case Role.MANAGER:
            team_id = context.actor.team_id
            everyone = context.uow.people.everyone()
            return [one for one in everyone if one.sells and one.team_id == team_id]
        case _:
            return []
