"""A small company to store: two teams, a rep and a manager in each, and an admin."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sales.leads import Lead
from sales.people import Person, Role, Team
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY


@dataclass(frozen=True, slots=True)
class Company:
    east: Team
    west: Team
    robin: Person
    kim: Person
    boss: Person
    other_boss: Person
    admin: Person

    def lead(self, **known: Any) -> Lead:
        """A lead of Robin's in the East, unless told otherwise."""
        usual: dict[str, Any] = {
            "source": "form",
            "customer": "Acme",
            "stage_since": MONDAY,
            "owner_id": self.robin.id,
            "team_id": self.east.id,
            "created_at": MONDAY - timedelta(days=1),
            "created_by": self.robin.id,
        }
        return Lead(**usual | known)


def found_company(units: UnitOfWorkFactory) -> Company:
    with units() as uow:
        east, west = uow.people.add_team(Team(name="East")), uow.people.add_team(Team(name="West"))

        def hire(name: str, role: Role, team: Team) -> Person:
            return uow.people.add(Person(name=name, role=role, team_id=team.id))

        company = Company(
            east=east,
            west=west,
            robin=hire("Robin Sample", Role.REP, east),
            kim=hire("Kim Sample", Role.REP, west),
            boss=hire("Bo Sample", Role.MANAGER, east),
            other_boss=hire("Wes Sample", Role.MANAGER, west),
            admin=hire("Ada Sample", Role.ADMIN, east),
        )
        uow.commit()
    return company
