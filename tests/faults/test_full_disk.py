"""A database that takes no writes, full or read-only, as people meet it.

They are told that nothing was saved, what they typed stays, and once there is room again the same
form works, once. The errors are the databases' own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import event, func, select, text

from storage.database.encryption import Fields
from storage.database.engine import Database, sqlite_module
from storage.tables import lead
from tests.conversations.stages import FRIDAY, Stage, dingtalk_stage, slack_stage, web_stage
from tests.databases import Kind
from tests.faults.campaign import NewTally

LONG: Final = "It arrived wet. " * 100
LEAD: Final = {"customer": "Maple Sample Mills", "source": "ads", "need": LONG}
_RAISES: Final = """
CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION no_room();
"""
_FULL: Final = ("inbound", "memory", "lead")


@contextmanager
def on_connect(database: Database, do: Callable[[Any], None]) -> Iterator[None]:
    """Do something to every connection that writes, from now on."""

    def listener(connection: Any, _entry: Any) -> None:
        do(connection)

    event.listen(database.writer, "connect", listener)
    database.writer.dispose()
    try:
        yield
    finally:
        event.remove(database.writer, "connect", listener)
        database.writer.dispose()


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """As on a disk that became read-only, or a PostgreSQL that became a standby."""

    def forbid(connection: Any) -> None:
        if database.dialect == "sqlite":
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.read_only = True

    with on_connect(database, forbid):
        yield


@contextmanager
def full(database: Database) -> Iterator[None]:
    """SQLite: no page can be added, and none is free. PostgreSQL: what it says on a full disk."""
    if database.dialect == "sqlite":

        def fill(connection: Any) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # SQLite makes it the size it has.
            for size in (100_000, 4000, 400):
                try:
                    while True:
                        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", [size])
                except sqlite_module().OperationalError:
                    continue

        with database.write() as connection:
            connection.execute(text("CREATE TABLE filler (x)"))
        with on_connect(database, fill):
            yield
        return
    with database.write() as connection:
        for number, table in enumerate(_FULL):
            made = _RAISES.format(table).replace("no_room", f"no_room_{number}")
            for statement in made.split("\n\n"):
                connection.exec_driver_sql(statement)
    yield
    with database.write() as connection:
        for number, table in enumerate(_FULL):
            connection.execute(text(f"DROP TRIGGER no_room_{number} ON {table}"))


FAULTS: Final = {"full": full, "read-only": read_only}


def leads(stage: Stage) -> int:
    with stage.world.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(lead)) or 0


def words(stage: Stage) -> str:
    return stage.say("error.storage_unavailable")


async def assert_told(stage: Stage) -> bool:
    """Robin submits the form and reads that nothing was saved, or that the card cannot be shown.

    True if the form was drawn anew with what was typed. Where not even the answer can be stored,
    the page of the web chat gets the words with a 503, and its dialog stays as it is.
    """
    robin = stage.people["robin"]
    try:
        await robin.submit(LEAD)
    except AssertionError as error:
        assert words(stage) in str(error)  # noqa: PT017 - the page's answer is in it
        return False
    form = await robin.form()
    if leads(stage):  # It fitted, and what would have shown it did not.
        assert form is None
        assert "LX001" in (await robin.messages())[-1].text
        return False
    assert form
    assert words(stage) in form.errors.values()
    assert form.values["customer"] == LEAD["customer"]
    assert str(form.values["need"]).strip() == LONG.strip()
    return True


@pytest.mark.campaign
@pytest.mark.in_turn
@pytest.mark.parametrize("fault", FAULTS)
class TestAForm:
    @pytest.mark.parametrize("stage", ["slack", "web"])
    async def test_stays_open_with_what_was_typed(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        database_kind: Kind,
        fields: Fields,
        tally: NewTally,
        stage: str,
        fault: str,
    ) -> None:
        count = tally(f"{fault}: a form in {stage}", database_kind, kind="disk")
        opened = {"slack": slack_stage, "web": web_stage}[stage]
        async with opened(database, fields, FRIDAY) as played:
            robin = played.people["robin"]
            await robin.type("/lead")
            with FAULTS[fault](database):
                stays = await assert_told(played)
            with count.recovering():
                if await robin.form():
                    await robin.submit({} if stays else LEAD)
            assert await robin.form() is None
            count.accepted = 1
            count.lost = 1 - leads(played)
            count.check(1)

    async def test_can_be_answered_again_in_a_guided_chat(
        self, database: Database, fields: Fields, fault: str
    ) -> None:
        async with dingtalk_stage(database, fields, FRIDAY) as stage:
            robin = stage.people["robin"]
            await robin.type("/lead")
            with FAULTS[fault](database):
                await robin.type("枫叶样例工厂")
                said = (await robin.messages())[-1].text
                assert said == words(stage)
            await robin.type("枫叶样例工厂")
            form = await robin.form()
            assert form
            assert "枫叶样例工厂" in form.values.values()
