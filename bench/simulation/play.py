"""The days of the simulated company, one after the other."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import func, select
from structlog.typing import EventDict

from bench.simulation.acts import Acts, Seen
from bench.simulation.checks import Checks
from bench.simulation.records import RecordingDesk, Tally
from bench.simulation.reports import Reports
from bench.simulation.staff import (
    COMPANY,
    Absences,
    Size,
    at,
    changes_of,
    channel_of,
    found,
    manager_of,
)
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.leads import Stage
from sales.people import Role
from storage.tables import work
from tests.cards import problems_of
from tests.office import PLATFORM, Office

_SLOTS: Final = ((9, 0), (9, 20), (10, 40), (14, 0), (16, 10), (17, 40))
_REPORTS_READ: Final = (16, 10)


class Simulation:
    """Plays the days from ``first`` to ``last`` in an empty office."""

    def __init__(self, office: Office, size: Size, seed: int) -> None:
        self.office, self.size, self.dice = office, size, random.Random(seed)
        self.checks, self.tally = Checks(office), Tally()
        self.desk = RecordingDesk(clock=office.world.clock, look=self._look)
        office.desk = self.desk
        office.world.platforms[PLATFORM] = self.desk
        self.acts = Acts(office, self.checks, self.tally, self.dice)
        self.reports = Reports(office, self.desk, self.acts, size.curiosity)
        self.absences = Absences()
        self.happened: Counter[str] = Counter()
        self._looks = random.Random(seed)

    async def play(self, first: date, last: date) -> None:
        found(self.office, self.size)
        for team in (*self.office.teams, COMPANY):
            readers = frozenset({manager_of(self.office, team)})
            self.desk.members[channel_of(team)] = Readers(Told.ALL, readers)
        self.reports.bind_channels()
        changes = changes_of(first, last, self.size, self.dice)
        day = first
        with _failures_told(self.checks):
            while day <= last:
                await self._day(day, joins=day in changes.join, leaves=day in changes.leave)
                day += timedelta(days=1)
        self.reports.check_posted()
        self.reports.check_snapshots(first, last)

    async def _day(self, day: date, *, joins: bool, leaves: bool) -> None:
        if not self._is_workday(day):
            await self._travel(at(day, 15))
            return
        for hour, minute in _SLOTS:
            await self._travel(at(day, hour, minute))
            if (hour, minute) == _SLOTS[0]:
                self._come_and_go(day, joins=joins, leaves=leaves)
            if (hour, minute) == _REPORTS_READ:
                self.reports.ask(day)
            self._slot(day)
            self.reports.press(self._present(day))
            await self.office.world.settle()
        await self._travel(at(day, 21))

    async def _travel(self, to: datetime) -> None:
        """Let time pass, each job being done when it is due."""
        world = self.office.world
        while (due := self._next_due(to)) is not None:
            await world.travel(due)
        await world.travel(to)
        self._notice_moves()
        self.checks.look()
        self.reports.look()

    def _next_due(self, to: datetime) -> datetime | None:
        """When the next job is due, if it is after now and before the moment."""
        now = self.office.world.clock.now()
        with self.office.world.database.read() as connection:
            due: datetime | None = connection.scalar(
                select(func.min(work.c.due_at)).where(
                    work.c.done_at.is_(None), work.c.due_at > now, work.c.due_at < to
                )
            )
            return due

    def _is_workday(self, day: date) -> bool:
        with self.office.world.new_uow(read_only=True) as uow:
            return self.office.world.context(uow).calendar.is_workday(day)

    def _notice_moves(self) -> None:
        """What the rules moved meanwhile."""
        for lead_id, stage, since in self.acts.rows("SELECT id, stage, stage_since FROM lead"):
            played = self.tally.leads[lead_id]
            before = played.moves[-1][1] if played.moves else Stage.CAPTURED
            if before is not Stage(stage):
                self.checks.moved_by_itself(lead_id, before, Stage(stage))
                moment = since if isinstance(since, datetime) else _utc(since)
                played.moves.append((moment, Stage(stage)))
                self.happened["moved by rules"] += 1

    def _slot(self, day: date) -> None:
        """What people do in an hour or so."""
        present = self._present(day)
        leads = self.acts.open_leads()
        self._log_leads(present)
        for lead_id, person_id in self.acts.open_offers():
            if (account := self._account(person_id)) in present:
                self.acts.answer_offer(account, lead_id)
        self._work(present, [lead for lead in leads if lead.owner_id is not None])
        self._now_and_then(present, leads)
        for task_id, person_id in self.acts.open_tasks():
            if (account := self._account(person_id)) in present and self.dice.random() < 0.4:
                self.acts.finish_task(account, task_id)

    def _present(self, day: date) -> list[str]:
        return [
            account
            for account, person in self.office.people.items()
            if person.active and not self.absences.is_away(account, day)
        ]

    def _account(self, person_id: int | None) -> str:
        people = self.office.people.items()
        return next((account for account, one in people if one.id == person_id), "")

    def _log_leads(self, present: list[str]) -> None:
        sellers = [one for one in present if self.office.people[one].sells]
        chance = self.size.leads_a_day / len(_SLOTS)
        count = int(chance) + (self.dice.random() < chance % 1)
        for _ in range(count if sellers else 0):
            owner = "keep" if self.dice.random() < 0.15 else "rules"
            self.acts.create(self.dice.choice(sellers), owner=owner)

    def _work(self, present: list[str], leads: list[Seen]) -> None:
        """Owners see to what is due, and move some of it on."""
        of_owner: dict[str, list[Seen]] = {}
        for lead in leads:
            of_owner.setdefault(self._account(lead.owner_id), []).append(lead)
        for account in present:
            mine = of_owner.get(account, [])
            due = [one for one in mine if one.next_at is None or one.next_at <= self.acts.now]
            if due and self.dice.random() < self.size.diligence * 2:
                self._see_to(account, self.dice.choice(due))
            worked = [one for one in mine if one.stage is not Stage.NURTURE]
            if worked and self.dice.random() < self.size.diligence:
                lead = self.dice.choice(worked)
                if self._is_as_seen(lead):
                    self.acts.advance(account, lead)

    def _see_to(self, account: str, lead: Seen) -> None:
        if not self._is_as_seen(lead):
            return
        if self.dice.random() < 0.85:
            self.acts.contact(account, lead)
        else:
            self.acts.quick_line(account, lead)

    def _now_and_then(self, present: list[str], leads: list[Seen]) -> None:
        """What happens some times a week in a company: each with its own chance per slot."""
        for name, chance, act in (
            ("reassigned", 0.12, self._reassign),
            ("given up", 0.08, self._give_up),
            ("claimed", 0.25, self._claim),
            ("product asked", 0.2, self._ask_product),
            ("reopened", 0.06, self._reopen),
            ("looked after", 0.2, self._look_after),
            ("taken from nurture", 0.1, self._wake),
            ("leave", 0.02, self._leave_for_days),
        ):
            if self.dice.random() < chance * min(1.0, self.size.people / 25) + 0.01:
                self.happened[name] += act(present, leads)

    def _some_own(self, present: list[str], leads: list[Seen], *stages: Stage) -> tuple[str, Seen]:
        own = [
            (account, lead)
            for lead in leads
            if (account := self._account(lead.owner_id)) in present
            and (lead.stage in stages or (not stages and lead.stage is not Stage.NURTURE))
            and self._is_as_seen(lead)
        ]
        return self.dice.choice(own) if own else ("", Seen(0, Stage.CAPTURED, None, 0, None, False))

    def _is_as_seen(self, lead: Seen) -> bool:
        """Nobody has moved the lead or taken it over since the list of leads was read."""
        same_stage = self.acts.stage_of(lead.id) is lead.stage
        return same_stage and self._owner_now(lead.id) == lead.owner_id

    def _owner_now(self, lead_id: int) -> int | None:
        [(owner_id,)] = self.acts.rows("SELECT owner_id FROM lead WHERE id = :id", id=lead_id)
        return None if owner_id is None else int(owner_id)

    def _reassign(self, present: list[str], leads: list[Seen]) -> int:
        _, lead = self._some_own(present, leads)
        team = next((t for t, one in self.office.teams.items() if one.id == lead.team_id), "")
        boss = manager_of(self.office, team) if team else ""
        if boss in present:
            self.acts.reassign(boss, lead)
        return int(boss in present)

    def _give_up(self, present: list[str], leads: list[Seen]) -> int:
        account, lead = self._some_own(present, leads)
        if account:
            self.acts.give_up(account, lead)
        return int(bool(account))

    def _claim(self, present: list[str], leads: list[Seen]) -> int:
        pooled = [one.id for one in leads if one.pooled]
        reps = [one for one in present if self.office.people[one].role is Role.REP]
        if pooled and reps:
            self.acts.claim(self.dice.choice(reps), self.dice.choice(pooled))
        return int(bool(pooled and reps))

    def _ask_product(self, present: list[str], leads: list[Seen]) -> int:
        account, lead = self._some_own(present, leads)
        if account:
            self.acts.ask_product(account, lead)
        return int(bool(account))

    def _reopen(self, present: list[str], _leads: list[Seen]) -> int:
        return self._with_closed(
            Stage.LOST, present, lambda account, one: self.acts.move(account, one, Stage.DISCOVERY)
        )

    def _look_after(self, present: list[str], _leads: list[Seen]) -> int:
        return self._with_closed(Stage.WON, present, self.acts.to_aftersales)

    def _with_closed(self, stage: Stage, present: list[str], act: Any) -> int:
        closed = self.acts.rows(
            "SELECT id, owner_id FROM lead WHERE stage = :stage AND owner_id IS NOT NULL "
            "ORDER BY id DESC LIMIT 20",
            stage=stage.value,
        )
        own = [(self._account(owner), one) for one, owner in closed]
        own = [(account, one) for account, one in own if account in present]
        if own:
            act(*self.dice.choice(own))
        return int(bool(own))

    def _wake(self, present: list[str], leads: list[Seen]) -> int:
        account, lead = self._some_own(present, leads, Stage.NURTURE)
        if account:
            self.acts.move(account, lead.id, Stage.SCREENED)
        return int(bool(account))

    def _leave_for_days(self, present: list[str], _leads: list[Seen]) -> int:
        reps = [one for one in present if self.office.people[one].role is Role.REP]
        if len(reps) > 2:
            account, days = self.dice.choice(reps), self.dice.randint(2, 12)
            self.acts.be_away(account, days)
            self.absences.back[account] = self.acts.now.date() + timedelta(days=days)
        return int(len(reps) > 2)

    def _come_and_go(self, day: date, *, joins: bool, leaves: bool) -> None:
        if joins:
            self.happened["joined"] += 1
            self._join(f"new{day:%m%d}", f"Newcomer {day:%m%d} Sample")
        reps = [one for one in self._present(day) if self.office.people[one].role is Role.REP]
        if leaves and len(reps) > 2:
            self.happened["left"] += 1
            self._quit(self.dice.choice(reps))

    def _join(self, account: str, name: str) -> None:
        """Somebody writes for the first time, and an admin lets them in."""
        asked = self.office.request(account, "help.open")
        asked = replace(asked, sender=replace(asked.sender, name=name))
        self.checks.answered(account, "help.open", self.office.send(asked))
        [(newcomer,)] = self.acts.rows("SELECT max(id) FROM newcomer")
        form = self.acts.ask("ada", "newcomer.choose", pressed=str(newcomer)).form
        if form is None:
            self.checks.wrong(f"{account} could not be let in")
            return
        team = self.dice.choice(list(self.office.teams.values()))
        self.acts.submit("ada", form, role="rep", team=str(team.id))
        with self.office.world.new_uow(read_only=True) as uow:
            person = uow.people.find(PLATFORM, account)
        if person is None:
            self.checks.wrong(f"{account} was let in and is not here")
        else:
            self.office.people[account] = person

    def _quit(self, account: str) -> None:
        """Somebody leaves the company; their leads are handed over by the rules."""
        person = self.office.people[account]
        form = self.acts.ask("ada", "people.edit", pressed=str(person.id)).form
        if form is not None:
            self.acts.submit("ada", form, status="inactive")
            self.office.people[account] = replace(person, active=False)

    def _look(self, card: Card) -> None:
        self.checks.reads(card)
        if self._looks.random() < self.size.look_at:
            for problem in problems_of(card, self.office.language):
                self.checks.wrong(f"a card {problem}")


def _utc(stored: str) -> datetime:
    return datetime.fromisoformat(f"{stored}+00:00")


@contextmanager
def _failures_told(checks: Checks) -> Iterator[None]:
    """Write down whatever is logged as an error."""

    def note(_logger: Any, method: str, event: EventDict) -> EventDict:
        if method in ("error", "exception", "critical"):
            failed = event.get("exc_info")
            checks.wrong(f"logged {event.get('event')}: {failed if failed is not True else event}")
        return event

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[note, *before])
    try:
        yield
    finally:
        structlog.configure(processors=before)
