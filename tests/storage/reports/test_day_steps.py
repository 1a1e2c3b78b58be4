"""The revision that keeps until when a step is not overdue, on a database of the one before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select

from storage.database.engine import Database
from storage.database.schema import migrate
from tests.databases import Databases, Kind
from tests.storage.former import database_before

REVISION = "0047"
NINE = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
CLOSED = NINE - timedelta(days=90)


@pytest.fixture
def old(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """As the version before left it."""
    with database_before(REVISION, databases, database_kind, tmp_path) as database:
        yield database


def _kept(database: Database, at: datetime) -> datetime:
    """The instant as the database has it."""
    return at.astimezone(UTC).replace(tzinfo=None) if database.path else at


def _close(connection: Connection, table: Table, lead_id: int, database: Database) -> None:
    """A lead that was captured until it was lost."""
    day = _kept(database, CLOSED)
    row = {"lead_id": lead_id, "entered_at": day}
    connection.execute(insert(table).values(**row, stage="captured", left_at=day))
    connection.execute(insert(table).values(**row, stage="lost"))


def test_steps_get_the_rest_of_their_day_and_imported_deals_count_as_screened(
    old: Database,
) -> None:
    with old.write() as connection:
        seen = MetaData()
        seen.reflect(connection, only=["lead", "stage_interval", "import_job", "imported"])
        known = {
            "source": b"", "customer": b"", "contact": b"", "title": b"", "need": b"",
            "next_step": b"", "lost_reason": b"", "contract": b"", "specification": b"",
            "payment": b"", "liability": b"", "industry": "", "region": "", "product": "",
            "authority": "unknown", "clarity": "unknown", "timeframe": "unknown", "score": 0,
            "grade": "low", "stage": "lost", "team_id": 1, "created_by": 1, "version": 0,
        }  # fmt: skip
        moments = {"stage_since": _kept(old, CLOSED), "created_at": _kept(old, CLOSED)}
        connection.exec_driver_sql("INSERT INTO team (id, name) VALUES (1, 'East')")
        connection.exec_driver_sql(
            "INSERT INTO person (id, name, role, team_id, locale, active, weight, hours)"
            " VALUES (1, 'Robin Sample', 'rep', 1, '', true, 1, '')"
        )
        for number, next_at in ((1, NINE), (2, None)):
            due = next_at and _kept(old, next_at)
            row = known | moments | {"id": number, "next_at": due}
            connection.execute(insert(seen.tables["lead"]).values(**row))
            _close(connection, seen.tables["stage_interval"], number, old)
        job = {
            "id": 1, "person_id": 1, "name": b"", "kind": "csv", "encoding": "utf-8", "rows": 1,
            "choices": b"", "state": "done", "run": 1, "done": 1, "tally": {},
            "created_at": _kept(old, NINE), "forget_at": _kept(old, NINE),
        }  # fmt: skip
        connection.execute(insert(seen.tables["import_job"]).values(**job))
        connection.execute(insert(seen.tables["imported"]).values(lead_id=1, job_id=1, row=1))
    migrate(old)
    with old.read() as connection:
        lead = Table("lead", MetaData(), autoload_with=connection)
        kept = list(connection.scalars(select(lead.c.next_until).order_by(lead.c.id)))
        assert kept == [_kept(old, NINE.replace(hour=23, minute=59, second=59)), None]
        interval = seen.tables["stage_interval"].c
        stages = connection.execute(select(interval.lead_id, interval.stage).order_by(interval.id))
        assert [tuple(row) for row in stages] == [
            (1, "screened"), (1, "lost"), (2, "captured"), (2, "lost"),
        ]  # fmt: skip
