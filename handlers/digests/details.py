"""What does not fit on the first screen of the weekly digest: posted in its thread.

By person or by team, the bridge, answers, targets. Knows no database: the content comes in.
"""

from collections.abc import Iterator

from handlers.core.figure_labels import number_label
from handlers.core.labels import quarter_label, rate_label
from handlers.core.ui import Button, Card, Fact, Section, Table
from handlers.digests.cards import (
    FOCUS_SHOWN,
    FOCUSES_SHOWN,
    counts_line,
    footnote,
    source_name,
    thread_of,
)
from handlers.digests.charts import bridge_chart, teams_chart
from handlers.digests.content import DigestContent
from handlers.digests.records import button_value, week_days
from handlers.targets.cards import attainment_line, open_line
from sales.reports import Number, RepWeek, by_key, clock_attainment, win_rate
from sales.reports.digest import TeamWeek
from sales.targets import Measure

SHOWN = 12
"""Number of people or teams in a list of targets, and of people with overdue steps."""
SOURCES_SHOWN = 12

_COLUMNS = (
    "person",
    "new",
    "high",
    "followed",
    "discovery",
    "proposal",
    "won",
    "amount",
    "overdue",
)
_TEAM_COLUMNS = ("team", "new", "won", "amount", "lost", "open", "overdue")


def details_card(content: DigestContent, *, totals_only: bool, because: str = "") -> Card:
    """The rest of a digest. ``totals_only`` names no person and no customer."""
    return _DetailsCard(content).card(totals_only=totals_only, because=because)


class _DetailsCard:
    """The details of one digest in one language."""

    def __init__(self, content: DigestContent) -> None:
        self.content = content
        self.facts = content.facts
        self.language = content.context.language
        self.text = content.context.text

    def card(self, *, totals_only: bool, because: str) -> Card:
        content = self.content
        days = week_days(content.period, self.language)
        parts = [self._teams() if content.team is None else None]
        if not totals_only:
            parts.append(self._people())
        parts.append(self._openers())
        if not totals_only:
            parts += [self._overdue(), self._focus()]
        parts += [self._bridge(), self._targets(totals_only=totals_only)]
        return Card(
            title=self.text("digest.details_title", team=content.name, days=days),
            facts=tuple(self._numbers()),
            sections=tuple(part for part in parts if part),
            buttons=(Button("board.open", self.text("button.my_board")),),
            footnote=footnote(content, totals_only=totals_only, because=because),
            thread=thread_of(content),
        )

    def _numbers(self) -> Iterator[Fact]:
        facts = self.facts
        if sources := by_key(facts.new_by_source):
            named = counts_line(sources, source_name(self.content), self.content, SOURCES_SHOWN)
            yield Fact(self.text("digest.sources"), named)
        if rate := win_rate(facts):
            yield Fact(self.text("digest.win_rate"), rate_label(rate, self.language))
        if due := facts.clocks_met + facts.clocks_breached:
            yield Fact(self.text("digest.clocks"), self._clocks(due))
        if facts.open_at_end:
            yield Fact(self.text("digest.pipeline"), self._open())
        if facts.nurtured_at_end:
            nurtured = {"new": facts.nurtured, "there": facts.nurtured_at_end}
            yield Fact(self.text("digest.nurture"), self.text("digest.nurtured", **nurtured))

    def _open(self) -> str:
        """``6 (4 in progress, 2 in nurture)``: what is open at the week's end."""
        facts = self.facts
        line = str(facts.open_at_end)
        if facts.open_at_end == facts.in_progress_at_end:
            return line
        parts = {"nurture": facts.nurtured_at_end, "pool": facts.pooled_at_end}
        said = [self.text(f"digest.in_{part}", n=n) for part, n in parts.items() if n]
        working = self.text("digest.in_progress", n=facts.in_progress_at_end)
        return line + self.text("digest.of_which", parts=self.language.listing([working, *said]))

    def _clocks(self, due: int) -> str:
        """``4 of 5 in time (80%)``; the percentage only where it is meaningful."""
        in_time = self.text("digest.clocks_kept", met=self.facts.clocks_met, due=due)
        if rate := clock_attainment(self.facts):
            share = self.language.percent(rate.share)
            return self.text("digest.clocks_rate", kept=in_time, share=share)
        return in_time

    def _people(self) -> Section | None:
        """The weekly figures of every rep [P18]; of the company's, only of those with any."""
        reps = self.facts.reps
        if self.content.team is None:
            reps = tuple(rep for rep in reps if _has_any(rep))
        if not reps:
            return None
        columns = tuple(self.text(f"digest.column_{key}") for key in _COLUMNS)
        table = Table(
            columns,
            tuple(self._row(rep) for rep in reps[:99]),
            caption=self.text("digest.people"),
            numbers=frozenset(range(1, len(columns))),
        )
        return Section(self.text("digest.people"), table=table)

    def _row(self, rep: RepWeek) -> tuple[str, ...]:
        counts = (
            rep.new_leads, rep.high_value, rep.followed_up, rep.in_discovery, rep.in_proposal,
            rep.won,
        )  # fmt: skip
        amount = self.language.money(rep.won_amount) if rep.won_amount else "—"
        return rep.name, *(str(count) for count in counts), amount, str(rep.overdue)

    def _teams(self) -> Section | None:
        """The teams side by side, the one that won most first."""
        weeks, teams = self.content.team_weeks, self.content.teams
        found = [(team, weeks.get(team.id) or TeamWeek(team_id=team.id)) for team in teams]
        found.sort(key=lambda pair: (-pair[1].won_amount, pair[0].name))
        if not weeks:
            return None
        columns = tuple(self.text(f"digest.column_{key}") for key in _TEAM_COLUMNS)
        rows = tuple(
            (
                team.name,
                str(week.new_leads),
                str(week.won),
                self.language.money(week.won_amount) if week.won_amount else "—",
                str(week.lost),
                str(week.open),
                str(week.overdue),
            )
            for team, week in found[:99]
        )
        standings = {team.id: self.content.standings.of_team(team) for team in teams}
        quarter = quarter_label(self.content.quarter, self.language)
        title = self.text("digest.teams_chart", quarter=quarter)
        return Section(
            self.text("digest.teams"),
            table=Table(
                columns,
                rows,
                caption=self.text("digest.teams"),
                numbers=frozenset(range(1, len(columns))),
            ),
            chart=teams_chart(standings, title, self.language),
        )

    def _openers(self) -> Section | None:
        """A button for every number that is not zero."""
        reps = self.facts.reps
        counts = {
            Number.HIGH_VALUE: sum(rep.high_value for rep in reps),
            Number.FOLLOWED_UP: sum(rep.followed_up for rep in reps),
            Number.DISCOVERY: sum(rep.in_discovery for rep in reps),
            Number.PROPOSAL: sum(rep.in_proposal for rep in reps),
            Number.NURTURED: self.facts.nurtured,
            Number.IN_NURTURE: self.facts.nurtured_at_end,
        }
        # Without numbers: a column adds up what several people did with one lead.
        buttons = tuple(
            self._button(number, number_label(number, self.language))
            for number, count in counts.items()
            if count
        )
        return Section(buttons=buttons) if buttons else None

    def _button(self, number: Number, label: str, person_id: int | None = None) -> Button:
        return Button("digest.show", label, button_value(number, self.content.period, person_id))

    def _overdue(self) -> Section | None:
        late = sorted(
            (rep for rep in self.facts.reps if rep.overdue),
            key=lambda rep: (-rep.overdue, rep.name),
        )
        if not self.facts.overdue:
            return None
        buttons = [
            self._button(
                Number.OVERDUE,
                self.text("digest.person_count", name=rep.name[:60], count=rep.overdue),
                rep.person_id,
            )
            for rep in late[:SHOWN]
        ]
        if len(late) > 1 or self.facts.overdue > sum(rep.overdue for rep in late):
            buttons.append(self._button(Number.OVERDUE, self.text("digest.all_overdue")))
        heading = self.text("digest.overdue_heading", n=self.facts.overdue)
        return Section(heading, buttons=tuple(buttons))

    def _focus(self) -> Section | None:
        """What was too long, or too much, for the first screen."""
        written = [report for report in self.content.reports if report.focus]
        is_much = len(written) > FOCUSES_SHOWN
        lines = tuple(
            self.text("digest.focus_of", name=report.figures.name, focus=report.focus)
            for report in written
            if is_much or len(report.focus) > FOCUS_SHOWN
        )
        return Section(self.text("digest.focus"), lines) if lines else None

    def _bridge(self) -> Section | None:
        chart = bridge_chart(self.facts, self.content.team_id, self.content.week, self.language)
        return Section(chart=chart) if chart else None

    def _targets(self, *, totals_only: bool) -> Section | None:
        """The quarter's targets: of the team, and what each person has reached of theirs."""
        content, standing = self.content, self.content.standing
        if not standing.goals:
            return None
        lines = [attainment_line(one, self.language) for one in standing.attainments]
        lines.append(open_line(standing, self.language))
        if content.team is not None and not totals_only:
            lines += self._targets_of_people()
        quarter = quarter_label(content.quarter, self.language)
        return Section(self.text("target.board", quarter=quarter), tuple(lines))

    def _targets_of_people(self) -> Iterator[str]:
        people = {person.id: person for person in self.content.context.uow.people.everyone()}
        for person_id in self.content.members[:SHOWN]:
            standing = self.content.standings.of_person(people[person_id])
            for one in standing.attainments:
                if one.measure is Measure.REVENUE:
                    yield f"{standing.name} · {attainment_line(one, self.language)}"


def _has_any(rep: RepWeek) -> bool:
    return any(
        (rep.new_leads, rep.followed_up, rep.in_discovery, rep.in_proposal, rep.won, rep.overdue)
    )
