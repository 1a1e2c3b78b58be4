"""Targets in words: one measure in a line, the numbers of a standing, the chart."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from handlers.labels import budget_label, enum_label
from handlers.language import Language
from handlers.targets.standing import Standing, Standings, own_standings
from handlers.turns import Turn
from handlers.ui import Button, Chart, Section, Series
from sales.people import Team
from sales.targets import Attainment, Measure, Quarter

SHOWN = 6
"""So many lines of targets stand on the board."""


def quarter_label(quarter: Quarter, language: Language) -> str:
    return language.text("target.quarter", year=quarter.year, number=quarter.number)


def value_label(measure: Measure, value: Decimal | None, language: Language) -> str:
    """``45万``, ``12`` or ``35%``; a dash when nothing can be said yet."""
    if value is None:
        return "—"
    if measure.is_money:
        return language.money(value)
    if measure is Measure.CONVERSION:
        return language.percent(float(value) / 100)
    return language.number(value.quantize(Decimal(1), ROUND_HALF_UP))


def attainment_line(attainment: Attainment, language: Language) -> str:
    """``Revenue: 45万 of 100万 (45%, 52% of the working days are over: behind)``."""
    measure = attainment.measure
    params = {
        "measure": enum_label(measure, language),
        "reached": value_label(measure, attainment.reached, language),
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
    """Percent of each goal reached, beside what the working days gone let expect."""
    known = [one for one in standing.attainments if one.share is not None]
    if not any(one.share for one in known):
        return None  # bars of nothing say nothing
    return Chart(
        kind="bar",
        title=language.text("target.chart"),
        categories=tuple(enum_label(one.measure, language) for one in known),
        series=(
            Series(
                language.text("target.chart_reached"),
                tuple(round(100 * (one.share or 0.0), 1) for one in known),
            ),
            Series(
                language.text("target.chart_expected"),
                tuple(
                    round(100 * one.expected, 1) if one.measure.adds_up else 100.0 for one in known
                ),
            ),
        ),
        alt=language.listing([attainment_line(one, language) for one in known]),
    )


def targets_section(turn: Turn) -> tuple[Section, ...]:
    """The board's lines: what the reader is to reach this quarter, and how far that is."""
    found = own_standings(turn)
    if not found:
        return ()
    lines = [
        f"{standing.name} · {attainment_line(one, turn.language)}"
        if len(found) > 1
        else attainment_line(one, turn.language)
        for standing in found[:SHOWN]
        for one in standing.attainments[: SHOWN if len(found) == 1 else 1]
    ]
    label = quarter_label(Quarter.of(turn.today), turn.language)
    button = Button("target.open", turn.text("button.targets"))
    return (Section(turn.text("target.board", quarter=label), tuple(lines), buttons=(button,)),)


def team_section(team: Team, day: date, turn: Turn) -> tuple[Section, ...]:
    """The digest's lines: the team's target of the quarter that the day lies in."""
    quarter = Quarter.of(day)
    standing = Standings(quarter, [team.id], turn).of_team(team)
    if not standing.goals:
        return ()
    lines = tuple(attainment_line(one, turn.language) for one in standing.attainments)
    heading = turn.text("target.board", quarter=quarter_label(quarter, turn.language))
    return (Section(heading, (*lines, open_line(standing, turn.language))),)
