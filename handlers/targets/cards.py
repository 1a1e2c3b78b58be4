"""The cards of ``/target``: one team with its people, one person, or every team."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import budget_label, enum_label, list_button, quarter_label, rate_label
from handlers.core.language import Language
from handlers.core.ui import Button, Card, Chart, Section, Series, Table
from handlers.forecast.cards import (
    NamedForecast,
    accuracy_text,
    forecast_line,
    forecast_sections,
    passed_rows,
)
from handlers.forecast.service import Forecasts, HeldForecast, forecast_before
from handlers.targets.progress import Standing, own_standings
from sales.lead_lists import DayRange, LeadQuery, Status
from sales.targets import Attainment, Holder, Measure, Quarter, given_out

LINES_SHOWN = 6
"""Number of lines of targets on the board."""


def value_label(measure: Measure, value: Decimal | None, language: Language) -> str:
    """``45万``, ``12`` or ``35%``; a dash when there is no value yet."""
    if value is None:
        return "—"
    if measure.is_money:
        return language.money(value)
    if measure is Measure.CONVERSION:
        return language.percent(float(value) / 100)
    return language.number(value.quantize(Decimal(1), ROUND_HALF_UP))


def reached_label(attainment: Attainment, language: Language) -> str:
    """What is reached; of a conversion also of how many it is."""
    if attainment.rate:
        return rate_label(attainment.rate, language)
    return value_label(attainment.measure, attainment.reached, language)


def attainment_line(attainment: Attainment, language: Language) -> str:
    """``Revenue: 45万 of 100万 (45%, 52% of the working days are over: behind)``."""
    measure = attainment.measure
    params = {
        "measure": enum_label(measure, language),
        "reached": reached_label(attainment, language),
        "goal": value_label(measure, attainment.goal, language),
        "share": share_label(attainment, language),
        "pace": language.percent(attainment.expected),
    }
    if not measure.adds_up:
        return language.text("target.line_ratio", **params)
    key = "target.line_behind" if attainment.is_behind else "target.line"
    return language.text(key, **params)


def share_label(attainment: Attainment, language: Language) -> str:
    return "—" if attainment.share is None else language.percent(attainment.share)


def open_line(standing: Standing, language: Language) -> str:
    """What is open now and could still be won."""
    sold = standing.sold
    if not sold.open:
        return language.text("target.open_none")
    low, high = sold.open_low or None, sold.open_high or None
    return language.text("target.open_leads", n=sold.open, budget=budget_label(low, high, language))


def attainment_chart(standing: Standing, language: Language) -> Chart | None:
    """Chart of the percent reached of each additive goal, beside the share of working days gone.

    Ratios are left out: one at many times its goal would make these bars small.
    """
    additive = [attainment for attainment in standing.attainments if attainment.measure.adds_up]
    if not any(attainment.share for attainment in additive):
        return None  # bars of nothing say nothing
    return Chart(
        kind="bar",
        title=language.text("target.chart"),
        categories=tuple(enum_label(attainment.measure, language) for attainment in additive),
        series=(
            Series(
                language.text("target.chart_reached"),
                tuple(round(100 * (attainment.share or 0.0), 1) for attainment in additive),
            ),
            Series(
                language.text("target.chart_expected"),
                tuple(round(100 * attainment.expected, 1) for attainment in additive),
            ),
        ),
        alt=language.listing([attainment_line(attainment, language) for attainment in additive]),
    )


def targets_section(context: Context) -> tuple[Section, ...]:
    """Lines on the board: the reader's targets of this quarter, and their progress."""
    standings = own_standings(context)
    if not standings:
        return ()
    lines = [
        f"{standing.name} · {attainment_line(attainment, context.language)}"
        if len(standings) > 1
        else attainment_line(attainment, context.language)
        for standing in standings[:LINES_SHOWN]
        for attainment in standing.attainments[: LINES_SHOWN if len(standings) == 1 else 1]
    ]
    quarter = Quarter.of(context.today)
    label = quarter_label(quarter, context.language)
    button = Button("target.open", context.text("button.targets"))
    return (
        Section(
            context.text("target.board", quarter=label),
            (*lines, *_board_forecast(standings, quarter, context)),
            rows=passed_rows(context),
            buttons=(button,),
        ),
    )


def _board_forecast(
    standings: Sequence[Standing], quarter: Quarter, context: Context
) -> tuple[str, ...]:
    """What is likely, and whether enough is open, of the reader's target of revenue; of several
    teams together."""
    aimed = [one for one in standings if Measure.REVENUE in one.goals]
    if not aimed:
        return ()
    goal = given_out([one.goals for one in aimed], Measure.REVENUE)
    won = sum((one.sold.revenue for one in aimed), Decimal(0))
    person = next((one.holder.id for one in aimed if one.holder.kind == "person"), None)
    team_ids = [context.actor.team_id] if person else [one.holder.id for one in aimed]
    forecasts = Forecasts(_days(quarter), team_ids, context, of=person)
    known = (
        forecasts.of_company(won, goal)
        if len(team_ids) > 1
        else forecasts.of_all(team_ids[0], won, goal)
    )
    return (forecast_line(known, context),)


SHOWN = 12
"""Number of people and teams with a button; ``/target <name>`` opens any."""
_PEOPLE = (Measure.REVENUE, Measure.CUSTOMERS, Measure.LEADS)


def target_value(quarter: Quarter, holder: Holder) -> str:
    """Value of a button: ``2024-Q1:team:1``."""
    return pack(quarter, holder)


def person_card(
    standing: Standing,
    quarter: Quarter,
    context: Context,
    *,
    may_set: bool,
    forecast: tuple[Section, ...],
) -> Card:
    """Card of one person's own target."""
    edit = (
        (_edit_button(standing, quarter, context, primary=not standing.goals),) if may_set else ()
    )
    empty = context.text("target.none" if may_set else "target.none_yours")
    return _card(standing, quarter, context, empty=empty, sections=forecast, buttons=edit)


def team_card(
    standing: Standing,
    people: Sequence[Standing],
    left: Sequence[Standing],
    quarter: Quarter,
    context: Context,
    *,
    can_copy: bool,
    forecast: tuple[Section, ...],
) -> Card:
    """Card of a team's target and of the parts its people have taken on.

    ``left`` are people who had a share of it and are gone.
    """
    copying: tuple[Button, ...] = ()
    if can_copy:
        last = quarter_label(quarter.previous, context.language)
        copying = (
            Button(
                "target.copy",
                context.text("button.copy_target", quarter=last),
                target_value(quarter, standing.holder),
            ),
        )
    buttons = (_edit_button(standing, quarter, context, primary=not standing.goals), *copying)
    gone = [
        replace(former, name=context.text("target.who_left", name=former.name)) for former in left
    ]
    shares = (_people(standing, people, gone, quarter, context),) if people or gone else ()
    sections = (*forecast, *shares)
    empty = context.text("target.none")
    return _card(standing, quarter, context, empty=empty, sections=sections, buttons=buttons)


def teams_card(
    teams: Sequence[Standing],
    quarter: Quarter,
    context: Context,
    forecast: tuple[Section, ...] = (),
) -> Card:
    """Card of every team's target, for people who lead them all."""
    language = context.language
    sections = tuple(
        Section(
            team.name,
            tuple(attainment_line(attainment, language) for attainment in team.attainments)
            or (context.text("target.none"),),
            buttons=(
                Button(
                    "target.open",
                    context.text("button.open_target", name=team.name[:50]),
                    target_value(quarter, team.holder),
                ),
            ),
        )
        for team in teams[:SHOWN]
    )
    return Card(
        title=context.text("target.title_all", quarter=quarter_label(quarter, language)),
        sections=(*forecast[:1], *sections, *forecast[1:]),
        footnote=context.text("target.more", n=len(teams) - SHOWN) if len(teams) > SHOWN else "",
    )


def forecast_of(
    standing: Standing, people: Sequence[Standing], quarter: Quarter, context: Context
) -> tuple[Section, ...]:
    """The forecast of a team with its people, or of one person; of a quarter that is over, how good
    the forecast was."""
    days, holder = _days(quarter), standing.holder
    if days.last < context.today:
        return _forecast_then(standing, days, context)
    is_team = holder.kind == "team"
    team_id = holder.id if is_team else context.uow.people.get(holder.id).team_id
    forecasts = Forecasts(days, [team_id], context, of=None if is_team else holder.id)
    won, goal = standing.sold.revenue, standing.goals.get(Measure.REVENUE)
    known = (
        forecasts.of_team(team_id, won, goal)
        if is_team
        else forecasts.of_person(holder.id, team_id, won, goal)
    )
    rows = [
        NamedForecast(
            one.name,
            forecasts.of_person(
                one.holder.id, team_id, one.sold.revenue, one.goals.get(Measure.REVENUE)
            ),
        )
        for one in people[:SHOWN]
    ]
    held = HeldForecast(holder, days, known, forecasts.odds_of(team_id))
    return forecast_sections(held, (NamedForecast(standing.name, known), *rows), context)


def forecast_of_teams(
    teams: Sequence[Standing], quarter: Quarter, context: Context
) -> tuple[Section, ...]:
    """The forecast of the company, with a row for each team; only of a quarter that is not over."""
    days = _days(quarter)
    if days.last < context.today:
        return ()
    forecasts = Forecasts(days, [team.holder.id for team in teams], context)
    rows = [
        NamedForecast(
            team.name,
            forecasts.of_team(team.holder.id, team.sold.revenue, team.goals.get(Measure.REVENUE)),
        )
        for team in teams[:SHOWN]
    ]
    won = sum((team.sold.revenue for team in teams), Decimal(0))
    goal = given_out([team.goals for team in teams], Measure.REVENUE) or None
    known = forecasts.of_company(won, goal)
    held = HeldForecast(None, days, known, forecasts.odds_of())
    return forecast_sections(held, rows, context)


def _forecast_then(standing: Standing, days: DayRange, context: Context) -> tuple[Section, ...]:
    before = forecast_before(days, days.first, standing.holder, context)
    if before is None or before.day != days.first:
        return ()
    line = accuracy_text(before.forecast, standing.sold.revenue, context)
    return (Section(context.text("forecast.heading"), (line,)),)


def _days(quarter: Quarter) -> DayRange:
    return DayRange(quarter.first, quarter.next.first - timedelta(days=1))


def _card(
    standing: Standing,
    quarter: Quarter,
    context: Context,
    *,
    empty: str,
    sections: tuple[Section, ...],
    buttons: tuple[Button, ...],
) -> Card:
    language, found = context.language, standing.attainments
    table = (_table(standing, context),) if found else ()
    behind = any(one.is_behind for one in found if one.measure.adds_up)
    return Card(
        title=context.text(
            "target.title", quarter=quarter_label(quarter, language), name=standing.name
        ),
        body=open_line(standing, language) if found else empty,
        sections=(*table, *expected_section(quarter, standing.holder, context), *sections),
        chart=attainment_chart(standing, language),
        buttons=(
            *buttons,
            *_open_leads(standing, context),
            *_neighbours(standing, quarter, context),
        ),
        footnote=context.text("target.means", pace=language.percent(standing.expected)),
        tone="warning" if behind else "plain",
    )


def _open_leads(standing: Standing, context: Context) -> tuple[Button, ...]:
    """The list of the leads that could still be won."""
    if not (standing.attainments and standing.sold.open):
        return ()
    whose = (standing.holder.id,)
    teams, owners = (whose, ()) if standing.holder.kind == "team" else ((), whose)
    query = LeadQuery(status=Status.WORKED, teams=teams, owners=owners)
    label = context.text("button.whole_list", n=standing.sold.open)
    return (list_button(query, label),)


def _table(standing: Standing, context: Context) -> Section:
    language = context.language
    rows = tuple(
        (
            enum_label(attainment.measure, language),
            value_label(attainment.measure, attainment.goal, language),
            reached_label(attainment, language),
            share_label(attainment, language),
            context.text("target.behind" if attainment.is_behind else "target.on_track")
            if attainment.share is not None
            else "—",
        )
        for attainment in standing.attainments
    )
    names = ("measure", "goal", "reached", "share", "standing")
    return Section(
        table=Table(tuple(context.text(f"target.column_{name}") for name in names), rows)
    )


def _people(
    team: Standing,
    people: Sequence[Standing],
    left: Sequence[Standing],
    quarter: Quarter,
    context: Context,
) -> Section:
    """Each person's share of the additive goals, and how much of the team's target is assigned."""
    language = context.language
    shown = people[:SHOWN]
    columns = (context.text("target.column_person"), *(enum_label(m, language) for m in _PEOPLE))
    rows = tuple(
        (standing.name, *(_share_of(standing, m, context) for m in _PEOPLE))
        for standing in (*shown, *left)
    )
    lines = []
    if goal := team.goals.get(Measure.REVENUE):
        given = given_out([standing.goals for standing in (*people, *left)], Measure.REVENUE)
        lines.append(
            context.text("target.given_out", given=language.money(given), goal=language.money(goal))
        )
    if len(people) > SHOWN:
        lines.append(context.text("target.more", n=len(people) - SHOWN))
    return Section(
        context.text("target.people"),
        tuple(lines),
        table=Table(columns, rows),
        buttons=tuple(_edit_button(standing, quarter, context) for standing in shown),
    )


def _share_of(standing: Standing, measure: Measure, context: Context) -> str:
    reached = value_label(measure, standing.sold.reached(measure), context.language)
    goal = standing.goals.get(measure)
    if goal is None:
        return reached
    return context.text(
        "target.of", reached=reached, goal=value_label(measure, goal, context.language)
    )


def _edit_button(
    standing: Standing, quarter: Quarter, context: Context, *, primary: bool = False
) -> Button:
    return Button(
        "target.edit",
        context.text("button.set_target", name=standing.name[:50]),
        target_value(quarter, standing.holder),
        "primary" if primary else "plain",
    )


def _neighbours(standing: Standing, quarter: Quarter, context: Context) -> tuple[Button, ...]:
    return tuple(
        Button(
            "target.open",
            quarter_label(other, context.language),
            target_value(other, standing.holder),
        )
        for other in (quarter.previous, quarter.next)
    )


def expected_section(quarter: Quarter, holder: Holder, context: Context) -> tuple[Section, ...]:
    """Repeat business expected in a quarter from a team's or a person's customers."""
    n, amount = context.uow.opportunities(context.actor).expected(quarter, holder)
    if not n:
        return ()
    line = context.text("opportunity.expected", n=n, amount=context.language.money(amount))
    return (Section(context.text("opportunity.repeat"), (line,)),)
