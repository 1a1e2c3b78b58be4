"""The cards of ``/target``: one team with its people, one person, or every team."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.labels import enum_label
from handlers.opportunity_card import expected_section
from handlers.targets.lines import (
    attainment_chart,
    attainment_line,
    open_line,
    quarter_label,
    share_label,
    value_label,
)
from handlers.targets.standing import Standing
from handlers.turns import Turn
from handlers.ui import Button, Card, Section, Table
from sales.targets import Holder, Measure, Quarter, given_out

SHOWN = 12
"""So many people and teams have a button; ``/target <name>`` opens any."""
_PEOPLE = (Measure.REVENUE, Measure.CUSTOMERS, Measure.LEADS)


def target_value(quarter: Quarter, holder: Holder) -> str:
    """What a button carries: ``2024-Q1/team:1``."""
    return f"{quarter}/{holder}"


def person_card(standing: Standing, quarter: Quarter, turn: Turn, *, may_set: bool) -> Card:
    """One person's own target."""
    edit = (_edit_button(standing, quarter, turn, primary=not standing.goals),) if may_set else ()
    empty = turn.text("target.none" if may_set else "target.none_yours")
    return _card(standing, quarter, turn, empty=empty, sections=(), buttons=edit)


def team_card(
    standing: Standing,
    people: Sequence[Standing],
    left: Sequence[Standing],
    quarter: Quarter,
    turn: Turn,
    *,
    can_copy: bool,
) -> Card:
    """A team's target and what of it its people have taken on; ``left`` are those who had a
    share of it and are gone."""
    copying: tuple[Button, ...] = ()
    if can_copy:
        last = quarter_label(quarter.previous, turn.language)
        copying = (
            Button(
                "target.copy",
                turn.text("button.copy_target", quarter=last),
                target_value(quarter, standing.holder),
            ),
        )
    buttons = (_edit_button(standing, quarter, turn, primary=not standing.goals), *copying)
    gone = [replace(one, name=turn.text("target.who_left", name=one.name)) for one in left]
    sections = (_people(standing, people, gone, quarter, turn),) if people or gone else ()
    empty = turn.text("target.none")
    return _card(standing, quarter, turn, empty=empty, sections=sections, buttons=buttons)


def teams_card(teams: Sequence[Standing], quarter: Quarter, turn: Turn) -> Card:
    """Every team's target, for who leads them all."""
    language = turn.language
    sections = tuple(
        Section(
            team.name,
            tuple(attainment_line(one, language) for one in team.attainments)
            or (turn.text("target.none"),),
            buttons=(
                Button(
                    "target.open",
                    turn.text("button.open_target", name=team.name[:50]),
                    target_value(quarter, team.holder),
                ),
            ),
        )
        for team in teams[:SHOWN]
    )
    return Card(
        title=turn.text("target.title_all", quarter=quarter_label(quarter, language)),
        sections=sections,
        footnote=turn.text("target.more", n=len(teams) - SHOWN) if len(teams) > SHOWN else "",
    )


def _card(
    standing: Standing,
    quarter: Quarter,
    turn: Turn,
    *,
    empty: str,
    sections: tuple[Section, ...],
    buttons: tuple[Button, ...],
) -> Card:
    language, found = turn.language, standing.attainments
    table = (_table(standing, turn),) if found else ()
    behind = any(one.is_behind for one in found if one.measure.adds_up)
    return Card(
        title=turn.text(
            "target.title", quarter=quarter_label(quarter, language), name=standing.name
        ),
        body=open_line(standing, language) if found else empty,
        sections=(*table, *expected_section(quarter, standing.holder, turn), *sections),
        chart=attainment_chart(standing, language),
        buttons=(*buttons, *_neighbours(standing, quarter, turn)),
        footnote=turn.text("target.means", pace=language.percent(standing.expected)),
        tone="warning" if behind else "plain",
    )


def _table(standing: Standing, turn: Turn) -> Section:
    language = turn.language
    rows = tuple(
        (
            enum_label(one.measure, language),
            value_label(one.measure, one.goal, language),
            value_label(one.measure, one.reached, language),
            share_label(one, language),
            turn.text("target.behind" if one.is_behind else "target.on_track")
            if one.share is not None
            else "—",
        )
        for one in standing.attainments
    )
    names = ("measure", "goal", "reached", "share", "standing")
    return Section(table=Table(tuple(turn.text(f"target.column_{name}") for name in names), rows))


def _people(
    team: Standing,
    people: Sequence[Standing],
    left: Sequence[Standing],
    quarter: Quarter,
    turn: Turn,
) -> Section:
    """Each person's share of what adds up, and how much of the team's target is given out."""
    language = turn.language
    shown = people[:SHOWN]
    columns = (turn.text("target.column_person"), *(enum_label(m, language) for m in _PEOPLE))
    rows = tuple((one.name, *(_share_of(one, m, turn) for m in _PEOPLE)) for one in (*shown, *left))
    lines = []
    if goal := team.goals.get(Measure.REVENUE):
        given = given_out([one.goals for one in (*people, *left)], Measure.REVENUE)
        lines.append(
            turn.text("target.given_out", given=language.money(given), goal=language.money(goal))
        )
    if len(people) > SHOWN:
        lines.append(turn.text("target.more", n=len(people) - SHOWN))
    return Section(
        turn.text("target.people"),
        tuple(lines),
        table=Table(columns, rows),
        buttons=tuple(_edit_button(one, quarter, turn) for one in shown),
    )


def _share_of(standing: Standing, measure: Measure, turn: Turn) -> str:
    reached = value_label(measure, standing.sold.reached(measure), turn.language)
    goal = standing.goals.get(measure)
    if goal is None:
        return reached
    return turn.text("target.of", reached=reached, goal=value_label(measure, goal, turn.language))


def _edit_button(
    standing: Standing, quarter: Quarter, turn: Turn, *, primary: bool = False
) -> Button:
    return Button(
        "target.edit",
        turn.text("button.set_target", name=standing.name[:50]),
        target_value(quarter, standing.holder),
        "primary" if primary else "plain",
    )


def _neighbours(standing: Standing, quarter: Quarter, turn: Turn) -> tuple[Button, ...]:
    return tuple(
        Button(
            "target.open",
            quarter_label(other, turn.language),
            target_value(other, standing.holder),
        )
        for other in (quarter.previous, quarter.next)
    )
