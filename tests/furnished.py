"""Offices in which something was already done: done once, and copied for each test.

Preparing a test's office takes longer than most tests. It goes through the front door, as ever, but
the database it leaves is a template; a test gets a copy, and a product that is started on it as a
second replica would be.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sales.people import Person, Team
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.databases import Databases, Kind
from tests.office import Office, Posted, open_office

Prepare = Callable[[Office], Any]


def nothing(_office: Office) -> None:
    """The staff is there, and nothing has happened yet."""


@dataclass(frozen=True, slots=True)
class Left:
    """What an office remembers beside its database, and what was made in it."""

    people: dict[str, Person]
    teams: dict[str, Team]
    asked: int
    posted: list[Posted]
    typed: list[str]
    at: datetime
    made: Any

    @classmethod
    def by(cls, office: Office, made: Any) -> "Left":
        people, teams = office.people, office.teams
        posted, typed = office.desk.posted, office.typed
        now = office.world.clock.now()
        return cls(people, teams, next(office.requests), posted, typed, now, made)

    def enter(self, office: Office) -> None:
        office.people, office.teams = dict(self.people), dict(self.teams)
        office.requests = count(self.asked)
        office.desk.posted = deepcopy(self.posted)
        office.typed = list(self.typed)
        office.made = self.made
        office.world.clock.set_wall(self.at)


class Offices:
    """Opens copies of offices on one kind of database."""

    def __init__(self, databases: Databases, kind: Kind, fields: Fields, folder: Path) -> None:
        self._databases = databases
        self._kind: Kind = kind
        self._fields = fields
        self._folder = folder

    @contextmanager
    def open(
        self, now: datetime, locale: str = "en", *, after: Prepare = nothing, **more: Any
    ) -> Iterator[Office]:
        """An office in which ``after`` was done. Its result is ``office.made``, the same for
        all."""

        def fill(database: Database) -> Left:
            with open_office(database, self._fields, now, locale, **more) as office:
                return Left.by(office, after(office))

        name = f"{after.__module__}.{after.__qualname__} {locale} {now} {sorted(more.items())}"
        with (
            self._databases.lent(self._kind, name, fill, self._folder) as (database, left),
            open_office(database, self._fields, now, locale, enter=left.enter, **more) as office,
        ):
            yield office


@pytest.fixture
def offices(databases: Databases, database_kind: Kind, fields: Fields, tmp_path: Path) -> Offices:
    return Offices(databases, database_kind, fields, tmp_path)
