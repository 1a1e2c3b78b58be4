"""The reports of the simulated company: that they come when they should, and say what was counted.

A report of another kind is one more line of ``ROUTINES``: the weekday, who asks, and what.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bench.simulation.acts import Acts
from bench.simulation.records import Counted, RecordingDesk
from bench.simulation.staff import channel_of, manager_of
from sales.calendar import week_after
from sales.people import Role
from sales.reports import WeekFacts, by_key
from tests.office import Office

Routine = Callable[["Reports", date], None]


@dataclass
class KeptReport:
    """A report that came, to be looked at."""

    at: datetime
    to: str
    name: str
    card: Any


class Reports:
    """Checks each week's reports once they are out, and keeps them."""

    def __init__(self, office: Office, desk: RecordingDesk, acts: Acts) -> None:
        self.office, self.desk, self.acts = office, desk, acts
        self.kept: list[KeptReport] = []
        self.bound_at: dict[str, datetime] = {}
        self.digests: Counter[tuple[str, str]] = Counter()
        self._read_up_to = 0
        self._looked_at = acts.now

    def bind_channels(self) -> None:
        """Each manager has their team's digest posted in a channel of their team."""
        for team in self.office.teams:
            boss = manager_of(self.office, team)
            self.acts.ask(boss, "channel.bind", channel=channel_of(team))
            self.bound_at[team] = self.acts.now

    def look(self) -> None:
        """Check the reports that were due since the last look."""
        since, now = self._looked_at, self.acts.now
        self._keep_posts()
        for week in self._weeks_due(since, now):
            for team in self.office.teams:
                self._check_digest(team, week, since)
        self._looked_at = now

    def ask(self, day: date) -> None:
        """What is asked for on a working day."""
        for weekday, routine in ROUTINES:
            if weekday == day.weekday():
                routine(self, day)

    def _weeks_due(self, since: datetime, until: datetime) -> list[str]:
        """The weeks whose digests were due in ``(since, until]``."""
        with self.office.world.new_uow(read_only=True) as uow:
            context = self.office.world.context(uow)
            rule = context.playbook.digest
            due, week = context.calendar.next_digest(since, rule)
            weeks = []
            while due <= until:
                weeks.append(week)
                week = week_after(week)
                due = context.calendar.digest_due(week, rule)
        return weeks

    def _keep_posts(self) -> None:
        for at, posted in self.desk.in_channels[self._read_up_to :]:
            self.kept.append(KeptReport(at, posted.to, posted.card.title, posted.card))
        self._read_up_to = len(self.desk.in_channels)

    def _check_digest(self, team: str, week: str, since: datetime) -> None:
        wrong = self.acts.checks.wrong
        sent = self.acts.rows(
            "SELECT state FROM message WHERE kind = 'digest_ready' AND lane = :lane",
            lane=self._lane(team),
        )
        expected = len(self._weeks_due(self.bound_at[team], self.acts.now))
        if len(sent) != expected or any(state != "sent" for (state,) in sent):
            wrong(f"{team} has {len(sent)} digests after {expected} weeks: {set(sent)}")
        posted = [
            one
            for one in self.desk.posts_of(channel_of(team), since)
            if one.thread is None and team in one.card.title
        ]
        if len(posted) != 1:
            wrong(f"{team} got {len(posted)} digests of {week} in its channel")
        self.digests[team, week] += len(posted)
        for name, counted, told in self.differences(team, week):
            wrong(f"{team} {week} {name}: the report says {told}, counted were {counted}")

    def _lane(self, team: str) -> str:
        lanes = self.acts.rows("SELECT DISTINCT lane FROM message WHERE kind = 'digest_ready'")
        return next((lane for (lane,) in lanes if lane.endswith(channel_of(team))), "")

    def differences(self, team: str, week: str) -> Iterator[tuple[str, Any, Any]]:
        """Where the week's figures are not what was counted: the figure, as counted, as told."""
        team_id = self.office.teams[team].id
        with self.office.world.new_uow(read_only=True) as uow:
            context = self.office.world.context(uow)
            start, end = context.calendar.week(week)
            facts = uow.figures.week(team_id, start, end)
        mine = [
            row[0] for row in self.acts.rows("SELECT id FROM lead WHERE team_id = :t", t=team_id)
        ]
        counted = self.acts.tally.count(mine, start, end)
        told = _told(facts)
        for name, value in _counted(counted).items():
            if value != told[name]:
                yield name, value, told[name]
        contacts = self.acts.tally.contacted(mine, start, end)
        people = {person.id: account for account, person in self.office.people.items()}
        followed = Counter(
            {people[rep.person_id]: rep.followed_up for rep in facts.reps if rep.followed_up}
        )
        if followed != contacts:
            yield "followed up", dict(contacts), dict(followed)


def _counted(counted: Counted) -> Mapping[str, Any]:
    return {
        "new": counted.new, "by source": dict(counted.by_source), "won": counted.won,
        "amount": counted.won_amount, "lost": counted.lost, "by reason": dict(counted.by_reason),
        "open at start": counted.open_at_start, "open at end": counted.open_at_end,
        "in nurture": counted.nurtured_at_end,
        "entered": counted.open_at_end - counted.open_at_start + counted.won + counted.lost,
    }  # fmt: skip


def _told(facts: WeekFacts) -> Mapping[str, Any]:
    return {
        "new": facts.new_leads, "by source": by_key(facts.new_by_source), "won": facts.won,
        "amount": facts.won_amount, "lost": facts.lost, "by reason": by_key(facts.lost_by_reason),
        "open at start": facts.open_at_start, "open at end": facts.open_at_end,
        "in nurture": facts.nurtured_at_end, "entered": facts.entered,
    }  # fmt: skip


def open_every_number(reports: Reports, _day: date) -> None:
    """The managers press every number of their team's last digest."""
    for team in reports.office.teams:
        posted = [one for one in reports.kept if one.to == channel_of(team)]
        digests = [one for one in posted if _opening(one.card)]
        for button in _opening(digests[-1].card) if digests else ():
            boss = manager_of(reports.office, team)
            reply = reports.acts.ask(boss, button.action, pressed=button.value)
            if reply.card is None and reply.update is None:
                reports.acts.checks.wrong(f"{button.action} {button.value} opens nothing")


def _opening(card: Any) -> list[Any]:
    return [button for button in card.every_button if button.action == "digest.show"]


def open_boards(reports: Reports, _day: date) -> None:
    """Everybody looks at their board, and leaders at their targets."""
    for account, person in list(reports.office.people.items()):
        if person.active:
            reports.acts.ask(account, "board.open")
            if person.role in (Role.MANAGER, Role.ADMIN):
                reports.acts.ask(account, "target.open")


ROUTINES: Final[tuple[tuple[int, Routine], ...]] = (
    (0, open_every_number),
    (0, open_boards),
)
"""What is asked for every week: the weekday (Monday is 0) and how."""
