"""A database that tests use one after the other: none meets what another left."""

from pathlib import Path

from sqlalchemy import func, insert, select

from storage.tables import team
from tests.databases import Databases, Kind


def add_teams(databases: Databases, kind: Kind, data_dir: Path, names: list[str]) -> list[int]:
    """The numbers of teams that are added in a lent database, in which there are no others."""
    with databases.lent_new(kind, data_dir) as database, database.write() as connection:
        assert connection.scalar(select(func.count()).select_from(team)) == 0
        return [
            connection.execute(insert(team).values(name=name).returning(team.c.id)).scalar_one()
            for name in names
        ]


def test_is_given_back_as_it_was(databases: Databases, database_kind: Kind, tmp_path: Path) -> None:
    assert add_teams(databases, database_kind, tmp_path, ["East", "West"]) == [1, 2]
    assert add_teams(databases, database_kind, tmp_path, ["East"]) == [1]


def test_is_not_lent_again_while_something_in_it_is_held(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.lent_new("postgresql", tmp_path) as database:
        with database.write() as connection:
            connection.execute(insert(team).values(name="East"))
        held = database.writer.connect()
        held.execute(select(team).with_for_update())
    assert add_teams(databases, "postgresql", tmp_path, ["North"]) == [1]
    held.invalidate()
    held.close()
