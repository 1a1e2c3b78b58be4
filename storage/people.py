"""Stores people, their platform accounts, and teams."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)

from sales.errors import PersonNotFound
from sales.people import Identity, Person, Team
from sales.unreadable import UnreadableText
from storage.assignment.tally import ShareRepository
from storage.database import row_snapshots as images
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.database.upsert import insert_into
from storage.outbox.refusals import is_refused_account, unreachable_people
from storage.tables import identity, notice_choice, person, share, team
from storage.tables import person as table

_HOLD = select(func.pg_advisory_xact_lock(0x70656F706C65))
_PEOPLE = RowMapper(Person, computed=("has_account", "unreachable", "timezone"))
_STORED = [person.c[name] for name in _PEOPLE.names if name in person.c]
_TIMEZONE = func.coalesce(
    select(notice_choice.c.timezone)
    .where(notice_choice.c.person_id == person.c.id)
    .scalar_subquery(),
    "",
).label("timezone")
_COLUMNS: tuple[ColumnElement[Any], ...] = (*_STORED, _TIMEZONE)
_UNREACHABLE = person.c.id.in_(unreachable_people()).label("unreachable")
# Whoever is found by an account has one.
_ARRIVED: tuple[ColumnElement[Any], ...] = (*_COLUMNS, true().label("has_account"))
_SELECT = select(
    *_COLUMNS,
    exists().where(identity.c.person_id == person.c.id).label("has_account"),
    _UNREACHABLE,
)
_BY_ID = _SELECT.where(person.c.id == bindparam("person"))
_OTHER = identity.alias("other")
_BY_ACCOUNT = (
    select(
        *_ARRIVED,
        # They are writing from it: whatever their other accounts are, this one counts now.
        is_refused_account().label("unreachable"),
        identity.c.last_used_at,
        exists()
        .where(
            _OTHER.c.person_id == identity.c.person_id,
            _OTHER.c.last_used_at > identity.c.last_used_at,
        )
        .label("uses_another"),
    )
    .join(identity, identity.c.person_id == person.c.id)
    .where(
        identity.c.platform == bindparam("platform"),
        identity.c.external_id == bindparam("account"),
    )
)
_EVERYONE = _SELECT.join(team, team.c.id == person.c.team_id).order_by(
    team.c.name, person.c.name, person.c.id
)
_MEMBERS = _SELECT.where(person.c.team_id == bindparam("team"), person.c.active).order_by(
    person.c.name, person.c.id
)
_TEAMS = select(team.c.id, team.c.name).order_by(team.c.name)
_LAST_USED = select(func.max(identity.c.last_used_at)).where(
    identity.c.person_id == bindparam("person")
)
_STAYS_FRESH = timedelta(minutes=5)
"""A last-used account that was recorded within this time need not be recorded again."""


class PersonRepository:
    """People, accounts and teams. A person is read once per unit of work, unless people were
    changed or locked. ``relinked`` is called when somebody's accounts were changed or used."""

    def __init__(self, connection: Connection, relinked: Callable[[], None] = lambda: None) -> None:
        self._connection = connection
        self._relinked = relinked
        self._used: dict[Identity, datetime] = {}
        self._everyone: list[Person] = []
        self._teams: list[Team] = []
        self._known: dict[int, Person] = {}

    def hold(self) -> None:
        """Lock people and teams against other callers until this unit of work ends.

        Call it before reading what is then changed.
        """
        self.forget()
        if self._connection.dialect.name == "postgresql":
            # SQLite has a single writer anyway.
            self._connection.execute(_HOLD)

    def get(self, person_id: int) -> Person:
        """Return a person. Raises PersonNotFound."""
        if known := self._known.get(person_id):
            return known
        found = self._all(_BY_ID, {"person": person_id})
        if not found:
            raise PersonNotFound(id=person_id)
        return found[0]

    def find(self, platform: str, external_id: str) -> Person | None:
        wanted = {"platform": platform, "account": external_id}
        row = self._connection.execute(_BY_ACCOUNT, wanted).mappings().first()
        if row is None:
            return None
        if not row["uses_another"]:
            self._used[Identity(platform, external_id, row["id"])] = row["last_used_at"]
        return self._remember(row)

    def add(self, new: Person) -> Person:
        self.forget()
        insert = person.insert().values(_PEOPLE.write(new)).returning(person.c.id)
        new_id = self._connection.execute(insert).scalar_one()
        return replace(new, id=new_id, has_account=False)

    def save(self, known: Person) -> Person:
        """Save a person. Raises PersonNotFound."""
        self.forget()
        update = person.update().where(person.c.id == known.id).values(_PEOPLE.write(known))
        if self._connection.execute(update).rowcount == 0:
            raise PersonNotFound(id=known.id)
        return known

    def remove_unused(self, person_id: int) -> bool:
        """Remove a person whom nothing refers to, not even an account; False if anything does."""
        for column in images.references(table):
            if self._connection.scalar(select(exists().where(column == person_id))):
                return False
        self.forget()
        removed = self._connection.execute(person.delete().where(person.c.id == person_id))
        return removed.rowcount > 0

    def link(self, account: Identity, now: datetime) -> None:
        """Attach an account to a person, or record that it was used just now."""
        used = self._used.get(account)
        if used is not None and timedelta() <= now - used < _STAYS_FRESH:
            return
        self._used.clear()
        self._relinked()
        if used is None:
            # The account is reachable from now on, or no longer stands for a person of its own.
            self.forget()
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

    def unlink(self, account: Identity) -> None:
        """Detach an account; it then belongs to nobody."""
        self._used.clear()
        self._relinked()
        self.forget()
        self._connection.execute(
            identity.delete().where(
                identity.c.platform == account.platform,
                identity.c.external_id == account.external_id,
                identity.c.person_id == account.person_id,
            )
        )

    def accounts_of(self, person_id: int) -> list[Identity]:
        """List a person's accounts by platform and external id."""
        columns = identity.c.platform, identity.c.external_id, identity.c.person_id
        query = select(*columns).where(identity.c.person_id == person_id)
        rows = self._connection.execute(query.order_by(*columns[:2]))
        return [Identity(*row) for row in rows]

    def last_acted(self, person_id: int) -> datetime | None:
        """Return when the person last changed anything, to within five minutes; None for never."""
        used: datetime | None = self._connection.scalar(_LAST_USED, {"person": person_id})
        return used

    def accounts(self, platform: str) -> list[tuple[str, Person]]:
        """List active people with an account on a platform, by the account's external id."""
        query = (
            select(*_ARRIVED, _UNREACHABLE, identity.c.external_id)
            .join(identity, identity.c.person_id == person.c.id)
            .where(identity.c.platform == platform, person.c.active)
            .order_by(person.c.id)
        )
        rows = self._connection.execute(query).mappings()
        return [(row["external_id"], self._remember(row)) for row in rows]

    def everyone(self) -> list[Person]:
        """List all people, including the inactive, by team, then name."""
        if not self._everyone:
            self._everyone = self._all(_EVERYONE)
        return list(self._everyone)

    def members(self, team_id: int) -> list[Person]:
        """List a team's active people by name."""
        return self._all(_MEMBERS, {"team": team_id})

    def teams(self) -> list[Team]:
        """List the teams by name."""
        if not self._teams:
            rows = self._connection.execute(_TEAMS)
            self._teams = [Team(id=team_id, name=name) for team_id, name in rows]
        return list(self._teams)

    def add_team(self, new: Team) -> Team:
        self._teams.clear()
        insert = team.insert().values(name=new.name).returning(team.c.id)
        return replace(new, id=self._connection.execute(insert).scalar_one())

    def _all(self, query: Select[Any], wanted: dict[str, Any] | None = None) -> list[Person]:
        rows = self._connection.execute(query, wanted).mappings()
        return [self._remember(row) for row in rows]

    def _remember(self, row: RowMapping) -> Person:
        known = self._known[row["id"]] = _PEOPLE.read(row)
        return known

    def forget(self) -> None:
        """Drop the cache, so that people are read again."""
        self._everyone.clear()
        self._teams.clear()
        self._known.clear()


def count_unreachable(database: Database) -> int:
    """Count the active people whom no platform can deliver messages to."""
    query = select(func.count()).select_from(person)
    query = query.where(person.c.active, person.c.id.in_(unreachable_people()))
    with database.read() as connection:
        return connection.scalar(query) or 0


def count_accounts(database: Database, platform: str) -> int:
    """Count the active people who have an account on a platform."""
    theirs = select(identity.c.person_id).where(identity.c.platform == platform)
    query = select(func.count()).select_from(person)
    query = query.where(person.c.active, person.c.id.in_(theirs))
    with database.read() as connection:
        return connection.scalar(query) or 0


PHONE = "person.phone"
EMAIL = "person.email"
_CONTACTS = select(table.c.phone, table.c.email).where(table.c.id == bindparam("person"))
_SAME = _SELECT.where(
    or_(table.c.phone_index == bindparam("phone"), table.c.email_index == bindparam("email"))
).order_by(table.c.id)


class PersonContactRepository:
    """People's phones and e-mails. ``absorbed`` is called when two people were merged into one."""

    def __init__(
        self, connection: Connection, fields: Fields, absorbed: Callable[[], None]
    ) -> None:
        self._absorbed = absorbed
        self._connection = connection
        self._fields = fields

    def get(self, person_id: int) -> tuple[str, str]:
        """Return phone (E.164) and e-mail; "" for what is not known."""
        row = self._connection.execute(_CONTACTS, {"person": person_id}).one_or_none()
        if row is None:
            return "", ""
        phone = self._fields.read(row.phone, PHONE) if row.phone else ""
        return phone, self._fields.read(row.email, EMAIL) if row.email else ""

    def save(self, person_id: int, phone: str, email: str) -> None:
        """Save phone and e-mail. Nobody else may have them: see ``find``."""
        values: dict[str, Any] = {}
        for name, value, place in (("phone", phone, PHONE), ("email", email, EMAIL)):
            if not isinstance(value, UnreadableText):  # otherwise it stays
                values[name] = self._fields.seal(value, place) if value else None
                values[f"{name}_index"] = self._fields.index(value, place) if value else None
        if not values:
            return
        self._connection.execute(table.update().where(table.c.id == person_id).values(values))

    def find(self, phone: str, email: str) -> list[Person]:
        """Find the people with this phone or this e-mail: at most two."""
        wanted = {
            "phone": self._fields.index(phone, PHONE) if phone else None,
            "email": self._fields.index(email, EMAIL) if email else None,
        }
        rows = self._connection.execute(_SAME, wanted).mappings()
        return [_PEOPLE.read(row) for row in rows]

    def absorb(self, kept: Person, gone: Person) -> None:
        """Merge two people: everything of the one, accounts included, becomes the other's."""
        phone, email = self.get(gone.id)
        known_phone, known_email = self.get(kept.id)
        self.save(gone.id, "", "")
        self.save(kept.id, known_phone or phone, known_email or email)
        shares = ShareRepository(self._connection)
        for row in images.rows_where(self._connection, share.c.person_id, gone.id):
            shares.add(kept.id, row["day"], row["leads"])
        shares.flush()
        self._connection.execute(share.delete().where(share.c.person_id == gone.id))
        for column in images.references(table):
            for row in images.rows_where(self._connection, column, gone.id):
                images.move_row(self._connection, column, row, kept.id)
        self._absorbed()
