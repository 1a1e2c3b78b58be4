"""A process killed in the middle of a migration leaves the database as it was; the next one
migrates it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select

from storage.database.engine import Database, open_database
from storage.database.keyring import new_key
from storage.database.schema import _config, _locked, head, migrate, revision_of
from storage.tables import lead, person
from tests.databases import Databases, Kind
from tests.faults import replicas, roles
from tests.faults.campaign import NewTally, dice, rounds
from tests.faults.points import Point

WHOLE, BEFORE, LEADS = 20, "0046", 40
AT = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - as the database has it
STEP = "alembic.runtime.migration:HeadMaintainer.update_to_step"
STATEMENT = "alembic.ddl.impl:DefaultImpl._exec"


@pytest.mark.slow
@pytest.mark.campaign
def test_killed_while_migrating(
    databases: Databases, database_kind: Kind, tally: NewTally, tmp_path: Path
) -> None:
    count = tally("a migration of 17 revisions", database_kind)
    keys = new_key("test")

    def make(kind: Kind) -> tuple[str, None]:
        url = databases.empty(kind)
        old = open_database(url, tmp_path)
        fill(old)
        old.dispose()
        return url, None

    for number in rounds(WHOLE):
        url, _ = databases.copy(database_kind, f"before {BEFORE}", make)
        chance = dice(count.place, database_kind, number)
        steps = len([one for one in revisions() if one >= BEFORE])
        point = chance.choice(
            (
                Point(STEP, chance.randint(1, steps), after=bool(chance.getrandbits(1))),
                Point(STATEMENT, chance.randint(1, 30)),
            )
        )
        assert replicas.kill_at(point, roles.migrate_it, url, keys), point
        database = open_database(url, tmp_path)
        before = revision_of(database)
        assert before < BEFORE, "a part of it stayed"
        with count.recovering():
            migrate(database)
        assert revision_of(database) == head()
        with database.read() as connection:
            people = set(connection.scalars(select(person.c.name)))
            leads = connection.scalars(select(lead.c.id)).all()
        count.accepted += 1 + LEADS
        count.lost += ("Robin Sample" not in people) + LEADS - len(set(leads))
        count.once_twice += len(leads) - len(set(leads))
        database.dispose()
        databases.drop(url)
    count.check(len(rounds(WHOLE)))


def revisions() -> list[str]:
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]


def fill(database: Database) -> None:
    """Leads as the version before the revision kept them."""
    database.create()
    before = ScriptDirectory.from_config(_config()).get_revision(BEFORE).down_revision
    assert isinstance(before, str)
    with _locked(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, before)
    with database.write() as connection:
        seen = MetaData()
        seen.reflect(connection, only=["lead"])
        known: dict[str, Any] = {
            "source": b"", "customer": b"", "contact": b"", "title": b"", "need": b"",
            "next_step": b"", "lost_reason": b"", "contract": b"", "specification": b"",
            "payment": b"", "liability": b"", "industry": "", "region": "", "product": "",
            "authority": "unknown", "clarity": "unknown", "timeframe": "unknown", "score": 0,
            "grade": "low", "stage": "captured", "team_id": 1, "created_by": 1, "version": 0,
            "stage_since": AT, "created_at": AT,
        }  # fmt: skip
        connection.exec_driver_sql("INSERT INTO team (id, name) VALUES (1, 'East')")
        connection.exec_driver_sql(
            "INSERT INTO person (id, name, role, team_id, locale, active, weight, hours)"
            " VALUES (1, 'Robin Sample', 'rep', 1, '', true, 1, '')"
        )
        rows = [known | {"id": number} for number in range(1, LEADS + 1)]
        connection.execute(insert(seen.tables["lead"]), rows)
