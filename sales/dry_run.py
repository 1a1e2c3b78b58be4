"""Dry run of rules on past leads: who would have got them, their grades, the clocks missed.

Both playbooks are run on the same leads, one after another as they came in, and under the same
assumptions, so that every difference is due to the rules alone: everybody who works here now was
there, the first person whom a lead was offered to accepted it, nobody had any lead before, and what
is known of a lead today was known when it came.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from sales.calendar import WorkCalendar
from sales.clocks import Clock, kind_for, rule_for, satisfies
from sales.followups import FollowUp
from sales.leads import Grade, Lead, Stage
from sales.people import Person, Team
from sales.playbook import Playbook
from sales.routing import Candidates, choose
from sales.scoring import scored


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead as it is known now.

    ``kept_by`` got it at first without any rule: whoever logged it kept it, or gave it to somebody.
    ``contacts`` come oldest first.
    """

    lead: Lead
    kept_by: int | None
    contacts: tuple[FollowUp, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """The people who work here now."""

    people: Sequence[Person]
    teams: Sequence[Team]
    timezone: tzinfo


@dataclass(frozen=True, slots=True)
class DryRunOutcome:
    """What the rules made of a lead.

    ``rule`` is the routing rule's name, "" for none; ``missed``: its first clock ran out before any
    contact that counts.
    """

    person_id: int | None
    rule: str
    grade: Grade
    missed: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A lead under the old rules and under the new ones."""

    lead: Lead
    old: DryRunOutcome
    new: DryRunOutcome

    @property
    def differs(self) -> bool:
        return (self.old.person_id, self.old.grade, self.old.missed) != (
            self.new.person_id,
            self.new.grade,
            self.new.missed,
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a dry run.

    ``kept`` counts the leads that did not go by the rules; ``wanted`` is the playbook that was
    tried.
    """

    since: datetime
    until: datetime
    tried: tuple[Tried, ...]
    kept: int
    wanted: Playbook

    @property
    def different(self) -> list[Tried]:
        return [tried for tried in self.tried if tried.differs]

    def by_person(self) -> Mapping[int | None, tuple[int, int]]:
        """How many leads each would have got, by the old rules and by the new."""
        old = Counter(tried.old.person_id for tried in self.tried)
        new = Counter(tried.new.person_id for tried in self.tried)
        return {person_id: (old[person_id], new[person_id]) for person_id in old | new}

    def by_grade(self) -> Mapping[Grade, tuple[int, int]]:
        old = Counter(tried.old.grade for tried in self.tried)
        new = Counter(tried.new.grade for tried in self.tried)
        return {grade: (old[grade], new[grade]) for grade in Grade}

    def missed(self) -> tuple[int, int]:
        return (
            sum(tried.old.missed for tried in self.tried),
            sum(tried.new.missed for tried in self.tried),
        )


def try_rules(
    old: Playbook, new: Playbook, past: Sequence[PastLead], company: Company, now: datetime
) -> tuple[Tried, ...]:
    """Run both playbooks on the leads, which must be in the order in which they came."""
    runs = (_Run(playbook, company, now).over(past) for playbook in (old, new))
    return tuple(Tried(one.lead, was, would) for one, was, would in zip(past, *runs, strict=True))


class _Run:
    """One playbook applied to the past, with its own tally of who got how many."""

    def __init__(self, playbook: Playbook, company: Company, now: datetime) -> None:
        self._playbook = playbook
        self._timezone = company.timezone
        self._people = [replace(person, away_until=None) for person in company.people]
        self._home = {person.id: person.team_id for person in company.people}
        self._teams = company.teams
        self._calendar = WorkCalendar(playbook.working_hours, company.timezone)
        self._now = now
        self._shares: Counter[int] = Counter()
        self._lately: deque[tuple[datetime, int]] = deque()

    def over(self, past: Sequence[PastLead]) -> list[DryRunOutcome]:
        return [self._outcome(past_lead) for past_lead in past]

    def _outcome(self, past_lead: PastLead) -> DryRunOutcome:
        came = self._as_it_came(past_lead.lead)
        person_id, rule = past_lead.kept_by, ""
        if person_id is None:
            person_id, rule = self._choose(came)
        if person_id is not None:
            self._count(person_id, came.created_at)
        owned = replace(came, owner_id=person_id)
        return DryRunOutcome(person_id, rule, came.grade, self._missed(owned, past_lead.contacts))

    def _as_it_came(self, lead: Lead) -> Lead:
        team_id = self._home.get(lead.created_by, lead.team_id)
        came = replace(lead, stage=Stage.CAPTURED, owner_id=None, team_id=team_id)
        return scored(came, self._playbook.scoring)

    def _choose(self, lead: Lead) -> tuple[int | None, str]:
        self._forget(lead.created_at - timedelta(days=self._playbook.assignment.fair_over))
        today = lead.created_at.astimezone(self._timezone).date()
        among = Candidates(self._people, self._teams, self._shares, {}, today)
        chosen = choose(lead, self._playbook, among)
        return (chosen.person.id, chosen.why.rule) if chosen else (None, "")

    def _count(self, person_id: int, at: datetime) -> None:
        self._shares[person_id] += 1
        self._lately.append((at, person_id))

    def _forget(self, before: datetime) -> None:
        while self._lately and self._lately[0][0] < before:
            _, person_id = self._lately.popleft()
            self._shares[person_id] -= 1

    def _missed(self, lead: Lead, contacts: Sequence[FollowUp]) -> bool:
        """Whether the first clock ran out; a lead closed before that keeps nobody waiting."""
        rules, kind, began = self._playbook.clocks, kind_for(lead), lead.created_at
        if kind is None or lead.owner_id is None:
            return False
        within = rule_for(kind, rules).within
        # Working time never runs faster than wall-clock time.
        soonest = began + timedelta(minutes=within)
        clock = Clock(
            lead_id=lead.id, kind=kind, owner_id=lead.owner_id, started_at=began, due_at=soonest
        )
        met = (contact.at for contact in contacts if satisfies(contact, clock, rules))
        ended = min((at for at in (next(met, None), lead.closed_at) if at), default=self._now)
        return ended > soonest and ended > self._calendar.add(began, within)
