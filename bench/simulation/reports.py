"""The reports of the simulated company: that they come when they should, and say what was counted.

A report of another kind is one more line: of ``POSTED`` when it is posted in channels, of
``PRESSED`` when people answer it, of ``ROUTINES`` when they ask for it.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from bench.simulation.acts import Acts
from bench.simulation.figures import (
    open_bridges,
    unlike_lists,
    wrong_forecast,
    wrong_month,
    wrong_weekly_reports,
)
from bench.simulation.records import Counted, RecordingDesk
from bench.simulation.staff import COMPANY, channel_of, manager_of
from handlers.core.requests import Value
from handlers.core.ui import Card, Form
from handlers.routes import ROUTES
from sales.calendar import week_after
from sales.people import Role, Team
from sales.permissions import may
from sales.reports import WeekFacts, by_key
from sales.reports.periods import ReportPeriod
from tests.office import SHANGHAI, Office, Posted

Routine = Callable[["Reports", date], None]


@dataclass
class KeptReport:
    """A report that came, to be looked at."""

    at: datetime
    to: str
    name: str
    card: Card


class Reports:
    """Checks each week's reports once they are out, and keeps them."""

    def __init__(
        self, office: Office, desk: RecordingDesk, acts: Acts, curiosity: float = 1.0
    ) -> None:
        self.office, self.desk, self.acts, self._curiosity = office, desk, acts, curiosity
        self.kept: list[KeptReport] = []
        self.bound_at: dict[str, datetime] = {}
        self.digests: Counter[tuple[str, str]] = Counter()
        self.came: dict[str, int] = {}
        self._read_up_to = 0
        self._looked_at = acts.now

    def bind_channels(self) -> None:
        """Each manager has their team's digest posted in a channel of their team, and the admin
        those of the company."""
        for team in self._places:
            boss = manager_of(self.office, team)
            action = "channel.bind" if team else "channel.bind_company"
            self.acts.ask(boss, action, channel=channel_of(team))
            self.bound_at[team] = self.acts.now

    @property
    def _places(self) -> tuple[str, ...]:
        return (*self.office.teams, COMPANY)

    def _team(self, name: str) -> Team | None:
        return self.office.teams[name] if name else None

    def look(self) -> None:
        """Check the reports that were due since the last look."""
        since, now = self._looked_at, self.acts.now
        self._keep_posts()
        for week in self._weeks_due(since, now):
            for team in self._places:
                self._check_digest(team, week, since)
        self._check_month(since, now)
        self._looked_at = now

    def ask(self, day: date) -> None:
        """What is asked for on a working day."""
        for weekday, routine in ROUTINES:
            if weekday == day.weekday():
                routine(self, day)

    def press(self, present: Collection[str]) -> None:
        """People answer what the bot sent them, each when the dice say so."""
        for (account, action), button in list(self.desk.offered.items()):
            if action not in PRESSED or account not in present:
                continue
            if self.acts.dice.random() < PRESSED[action]:
                del self.desk.offered[account, action]
                form = self.acts.ask(account, action, pressed=button.value).form
                if form is not None:
                    self.acts.submit(account, form, **self._typed(form))
                if action.startswith("weekly_report."):
                    self._check_weekly_report(account)

    def _typed(self, form: Form) -> dict[str, Value]:
        """A focus of one's own, where one is asked for; else what the form has is left as it is."""
        has_focus = any(one.name == "focus" for one in form.fields)
        if not has_focus or self.acts.dice.random() < 0.5:
            return {}
        return {"focus": self.acts.dice.choice(FOCUSES)}

    def _check_weekly_report(self, account: str) -> None:
        person = self.office.people[account]
        with self.office.world.new_uow(read_only=True) as uow:
            context = self.office.world.context(uow)
            for problem in wrong_weekly_reports(self.acts, context, person):
                self.acts.checks.wrong(problem)

    def _check_month(self, since: datetime, until: datetime) -> None:
        """A month that was over between the looks."""
        month = ReportPeriod.month_of(since.astimezone(SHANGHAI).date())
        if month.last >= until.astimezone(SHANGHAI).date():
            return
        with self.office.world.new_uow(read_only=True) as uow:
            context = self.office.world.context(uow)
            for team in self._places:
                for problem in wrong_month(self.acts, month, self._team(team), context):
                    self.acts.checks.wrong(problem)

    def check_snapshots(self, first: date, last: date) -> None:
        """A forecast was kept when each month began."""
        with self.office.world.new_uow(read_only=True) as uow:
            month = ReportPeriod.month_of(first).next
            while month.first <= last:
                if uow.forecasts.snapshot(month.first) is None:
                    self.acts.checks.wrong(f"no forecast was kept on {month.first}")
                month = month.next

    def is_asked(self) -> bool:
        """Whether somebody is curious this time."""
        return self.acts.dice.random() < self._curiosity

    def keep(self, to: str, name: str, card: Card) -> None:
        self.kept.append(KeptReport(self.acts.now, to, name, card))

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
        name = team or self.office.say("digest.company")
        begins = self.office.say("digest.title", team=name, days="")
        posted = [
            one
            for one in self._posts(team, since)
            if one.thread is None and one.card.title.startswith(begins)
        ]
        if len(posted) != 1:
            wrong(f"{name} got {len(posted)} digests of {week} in its channel")
        self.digests[team, week] += len(posted)
        self._check_card(team, week, [one.card for one in self._posts(team, since)])
        for name, counted, told in self.differences(team, week):
            wrong(f"{team} {week} {name}: the report says {told}, counted were {counted}")

    def _posts(self, team: str, since: datetime) -> list[Posted]:
        return self.desk.posts_of(channel_of(team), since)

    def _check_card(self, team: str, week: str, cards: list[Card]) -> None:
        """A digest's bridge closes, its forecast includes what is won, and its numbers are as many
        as the rows that they open."""
        boss = manager_of(self.office, team)
        problems = [problem for card in cards for problem in open_bridges(card)]
        with self.office.world.new_uow(read_only=True) as uow:
            problems += wrong_forecast(self._team(team), week, self.office.world.context(uow))
        if self.is_asked():
            problems += [one for card in cards for one in unlike_lists(self.acts, boss, card)]
        for problem in problems:
            self.acts.checks.wrong(problem)

    def check_posted(self) -> None:
        """Every report came once for each team, and none was left out."""
        for kind, field_name in POSTED.items():
            seen = Counter[tuple[int | None, str]]()
            for fields, state in self.acts.rows(
                "SELECT fields, state FROM message WHERE kind = :kind", kind=kind
            ):
                told = json.loads(fields) if isinstance(fields, str) else fields
                seen[told["team_id"], told[field_name]] += 1
                if state != "sent":
                    self.acts.checks.wrong(f"{kind} of {told} is {state}")
            of_team: dict[str, set[str]] = {
                name: {period for team_id, period in seen if team_id == team.id}
                for name, team in self.office.teams.items()
            }
            of_team[COMPANY] = {period for team_id, period in seen if team_id is None}
            if kind == "sync_due":
                del of_team[COMPANY]
            every = set[str]().union(*of_team.values())
            for name, periods in of_team.items():
                if missing := every - periods:
                    self.acts.checks.wrong(f"{name} has no {kind} of {sorted(missing)}")
            for (team_id, period), count in seen.items():
                if count > 1:
                    self.acts.checks.wrong(f"{count} times {kind} of team {team_id}, {period}")
            self.came[kind] = len(seen)

    def differences(self, team: str, week: str) -> Iterator[tuple[str, Any, Any]]:
        """Where the week's figures are not what was counted: the figure, as counted, as told."""
        team_id = self.office.teams[team].id if team else None
        with self.office.world.new_uow(read_only=True) as uow:
            context = self.office.world.context(uow)
            start, end = context.calendar.week(week)
            facts = uow.figures.week(team_id, start, end)
        leads = self.acts.rows("SELECT id, team_id FROM lead")
        mine = [row[0] for row in leads if team_id in (None, row[1])]
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
    """The managers press every number of what was posted in their team's channel this week."""
    week_ago = reports.acts.now - timedelta(days=7)
    for team in (*reports.office.teams, COMPANY):
        boss = manager_of(reports.office, team)
        posted = [one.card for one in reports.desk.posts_of(channel_of(team), week_ago)]
        for button in dict.fromkeys(button for card in posted for button in card.every_button):
            if button.action in OPENING and reports.is_asked():
                reply = reports.acts.ask(boss, button.action, pressed=button.value)
                if reply.card is None and reply.update is None and reply.attachment is None:
                    told = reply.toast or dict(reply.errors)
                    reports.acts.checks.wrong(f"{button.action} {button.value}: {told}")


def open_boards(reports: Reports, _day: date) -> None:
    """Everybody looks at their board, and leaders at their targets."""
    for account, person in list(reports.office.people.items()):
        if person.active:
            reports.acts.ask(account, "board.open")
            if person.role in LEADERS:
                reports.acts.ask(account, "target.open")


def ask_for_reports(reports: Reports, day: date) -> None:
    """Leaders and a rep ask for reports in words, once a month for all kinds."""
    people = [
        account
        for account, person in reports.office.people.items()
        if person.active and person.role in LEADERS
    ]
    reps = [a for a, one in reports.office.people.items() if one.active and one.sells]
    dice = reports.acts.dice
    some = [("report.open", f"{dice.choice(WHEN)} {dice.choice(BY)}") for _ in range(3)]
    asked = [*(LINES if day.day <= 7 else LINES[:2]), *some]
    for account in (*people[:3], reps[-1]):
        for action, line in asked:
            may_ask = may(reports.office.people[account], action)
            if action not in ROUTES or not may_ask or not reports.is_asked():
                continue
            reply = reports.acts.ask(account, action, text=line)
            shown = reply.card or reply.update
            if shown is None and reply.form is None:
                told = reply.toast or dict(reply.errors)
                reports.acts.checks.wrong(f"{account} asks {action} {line!r}: {told}")
            elif shown is not None:
                reports.keep(account, line, shown)
                # A report that stands says what was so when it was submitted.
                stands = action == "weekly_report.open"
                for problem in () if stands else unlike_lists(reports.acts, account, shown):
                    reports.acts.checks.wrong(problem)


LEADERS: Final = (Role.MANAGER, Role.ADMIN)
POSTED: Final = {"digest_ready": "week", "review_ready": "month", "sync_due": "week"}
"""The notices that are reports in channels, and the field that names their period."""
PRESSED: Final = {
    "weekly_report.submit": 0.3, "weekly_report.edit": 0.2, "loss_review.write": 0.2,
    "forecast.edit": 0.1,
}  # fmt: skip
"""What people answer by itself, and the chance that they do in a slot of the day."""
OPENING: Final = frozenset(
    {"digest.show", "digest.details", "lead_list.show", "lead_list.page", "review.part",
     "review.open"}
)  # fmt: skip
"""What opens the records or the parts of a report."""
LINES: Final = (
    ("report.open", "周报"), ("report.open", "本月 按人"), ("report.open", "月报"),
    ("report.open", "本季度 按来源"), ("report.open", "上个季度 按产品"),
    ("report.open", "今年 按团队"), ("report.open", "上周 按地区"),
    ("review.open", ""), ("impact.open", ""),
    ("weekly_report.open", ""),
)  # fmt: skip
"""What is typed to get reports."""
WHEN: Final = (
    "今天", "昨天", "本周", "上周", "上上周", "本月", "上个月", "3月", "去年12月", "本季度",
    "上季度", "第1季度", "今年", "去年", "最近30天", "2月3日到2月20日", "2025年第10周",
)  # fmt: skip
BY: Final = (
    "", "按人", "按团队", "按来源", "按产品", "按区域", "按行业", "按等级", "按阶段", "按流失原因",
    "按天", "按周", "按月",
)  # fmt: skip
"""Periods and dimensions of the reports that leaders ask for at random."""
FOCUSES: Final = ("把方案阶段的两个客户谈下来", "华北两所学校：演示完就报价", "先清逾期")
ROUTINES: Final[tuple[tuple[int, Routine], ...]] = (
    (0, open_every_number),
    (0, open_boards),
    (1, ask_for_reports),
)
"""What is asked for every week: the weekday (Monday is 0) and how."""
