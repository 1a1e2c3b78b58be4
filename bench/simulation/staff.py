"""Who works in the simulated company, in which team, and on which days."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sales.people import Role, Team
from sales.playbook import PoolMember, RoutingRule
from tests.office import PEOPLE, SHANGHAI, Office

REGIONS: Final = ("east", "north", "south", "central", "southwest", "northwest")
_MORE_TEAMS: Final = ("North", "South", "Keys", "Retail")
_OTHERS: Final = (
    ("sue", "Sue Service", Role.SERVICE), ("sam", "Sam Service", Role.SERVICE),
    ("fay", "Fay Finance", Role.FINANCE), ("pat", "Pat Product", Role.PRODUCT),
    ("pia", "Pia Product", Role.PRODUCT),
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How many people work in the company at first, and how much they do: new leads a day in all,
    and the chance that somebody does something for a lead in a slot of the day."""

    people: int
    leads_a_day: float
    diligence: float
    look_at: float = 0.05
    """The share of cards that are looked at as tests do."""
    curiosity: float = 1.0
    """The share of reports and their numbers that people ask for."""


FIFTY: Final = Size(people=50, leads_a_day=6.0, diligence=0.28)
SIX: Final = Size(people=6, leads_a_day=2.0, diligence=0.3, look_at=1.0)


@dataclass
class Absences:
    """Who is away: account → the first day back."""

    back: dict[str, date] = field(default_factory=dict)

    def is_away(self, account: str, day: date) -> bool:
        return self.back.get(account, day) > day


def found(office: Office, size: Size) -> None:
    """Hire the people, give each team its region, and bind its channel."""
    if not office.people:
        office.found()
    if size.people > len(PEOPLE):
        for name in _MORE_TEAMS:
            with office.world.new_uow() as uow:
                office.teams[name] = uow.people.add_team(Team(name=name))
                uow.commit()
            office.hire(f"boss_{name.lower()}", f"{name} Manager", Role.MANAGER, name)
        for account, name, role in _OTHERS:
            office.hire(account, name, role)
        teams = list(office.teams)
        for number in range(size.people - len(office.people)):
            team = teams[number % len(teams)]
            office.hire(f"rep{number}", f"Rep {number} Sample", Role.REP, team)
        office.world.prepare_database()
    office.rules(routing=rules_of(office))


def rules_of(office: Office) -> tuple[RoutingRule, ...]:
    """A rule for each team: the leads of its region go to its reps."""
    rules = []
    for region, (team, of_team) in zip(REGIONS, office.teams.items(), strict=False):
        reps = [
            person.name
            for person in office.people.values()
            if person.role is Role.REP and person.team_id == of_team.id
        ]
        pool = tuple(PoolMember(person=name) for name in reps)
        rules.append(RoutingRule(name=team, region=(region,), pool=pool))
    return tuple(rules)


def manager_of(office: Office, team: str) -> str:
    """The account of a team's manager; of the company, of its admin."""
    if team == COMPANY:
        return "ada"
    return next(
        account
        for account, person in office.people.items()
        if person.role is Role.MANAGER and person.team_id == office.teams[team].id
    )


COMPANY: Final = ""
"""In place of a team's name, all of them together."""


def channel_of(team: str) -> str:
    return f"C-{team or 'company'}"


@dataclass(frozen=True)
class Changes:
    """The days on which somebody joins, and on which somebody leaves."""

    join: frozenset[date]
    leave: frozenset[date]


def changes_of(first: date, last: date, size: Size, dice: random.Random) -> Changes:
    """About one in five leaves within a year, and as many come; never in the first two weeks."""
    days = [first + timedelta(days=n) for n in range(14, (last - first).days)]
    share = len(days) / 365 * size.people / 5
    count = min(len(days), round(share))
    if not days or not count:
        return Changes(frozenset(), frozenset())
    return Changes(frozenset(dice.sample(days, count)), frozenset(dice.sample(days, count)))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
