"""People, their accounts on the platforms, and teams."""

from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select

from sales.errors import PersonNotFound
from sales.people import Identity, Person, Role, Team
from storage.inserts import insert_into
from storage.tables import identity, person, team

_PLAIN = tuple(field.name for field in fields_of(Person) if field.name != "role")

_HOLD = select(func.pg_advisory_xact_lock(0x70656F706C65))
_BY_ID = select(person).where(person.c.id == bindparam("person"))
_BY_ACCOUNT = (
    select(person)
    .join(identity, identity.c.person_id == person.c.id)
    .where(
        identity.c.platform == bindparam("platform"),
        identity.c.external_id == bindparam("account"),
    )
)


class PeopleRows:
    """``sales.ports.People``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        if self._connection.dialect.name == "postgresql":
            # SQLite's writer is alone anyway.
            self._connection.execute(_HOLD)

    def get(self, person_id: int) -> Person:
        found = self._all(_BY_ID, {"person": person_id})
        if not found:
            raise PersonNotFound(id=person_id)
        return found[0]

    def find(self, platform: str, external_id: str) -> Person | None:
        found = self._all(_BY_ACCOUNT, {"platform": platform, "account": external_id})
        return found[0] if found else None

    def add(self, new: Person) -> Person:
        insert = person.insert().values(_row(new)).returning(person.c.id)
        return replace(new, id=self._connection.execute(insert).scalar_one())

    def save(self, known: Person) -> Person:
        """Raises PersonNotFound."""
        update = person.update().where(person.c.id == known.id).values(_row(known))
        if self._connection.execute(update).rowcount == 0:
            raise PersonNotFound(id=known.id)
        return known

    def link(self, account: Identity, now: datetime) -> None:
        insert = insert_into(identity, self._connection.dialect.name).values(
            platform=account.platform,
            external_id=account.external_id,
            person_id=account.person_id,
            last_used_at=now,
        )
        self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=["platform", "external_id"],
                set_={"person_id": account.person_id, "last_used_at": now},
            )
        )

    def accounts(self, platform: str) -> list[tuple[str, Person]]:
        query = (
            select(person, identity.c.external_id)
            .join(identity, identity.c.person_id == person.c.id)
            .where(identity.c.platform == platform, person.c.active)
            .order_by(person.c.id)
        )
        rows = self._connection.execute(query).mappings()
        return [(row["external_id"], _person(row)) for row in rows]

    def everyone(self) -> list[Person]:
        return self._all(
            select(person)
            .join(team, team.c.id == person.c.team_id)
            .order_by(team.c.name, person.c.name, person.c.id)
        )

    def members(self, team_id: int) -> list[Person]:
        query = select(person).where(person.c.team_id == team_id, person.c.active)
        return self._all(query.order_by(person.c.name, person.c.id))

    def teams(self) -> list[Team]:
        """By name."""
        rows = self._connection.execute(select(team.c.id, team.c.name).order_by(team.c.name))
        return [Team(id=team_id, name=name) for team_id, name in rows]

    def add_team(self, new: Team) -> Team:
        insert = team.insert().values(name=new.name).returning(team.c.id)
        return replace(new, id=self._connection.execute(insert).scalar_one())

    def _all(self, query: Select[Any], wanted: dict[str, Any] | None = None) -> list[Person]:
        return [_person(row) for row in self._connection.execute(query, wanted).mappings()]


def _person(row: RowMapping) -> Person:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return Person(role=Role(row["role"]), **known)


def _row(known: Person) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(known, name) for name in _PLAIN if name != "id"}
    return row | {"role": known.role.value}
