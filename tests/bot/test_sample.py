"""The invented company: its next steps are reminded of like real ones."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from storage.engine import Database
from storage.fields import Fields
from storage.tables import message
from tests.conversations.stages import SHANGHAI
from tests.world import TestSettings, World, open_world

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)


class TestSampleCompany:
    async def test_is_reminded_of_its_next_steps(
        self, database: Database, fields: Fields, tmp_path: Path
    ) -> None:
        settings = TestSettings.of(genjin_data_dir=tmp_path)
        async with open_world(settings, database, fields, TUESDAY) as world:
            world.prepare_database()
            await world.settle()
            before = told(world)
            await world.travel(TUESDAY + timedelta(days=1))
            after = told(world)
        # One step was due yesterday; one is tomorrow evening, so it is reminded of tonight.
        assert before == ["followup_overdue"]
        assert "reminder_due" in after[1:]


def told(world: World) -> list[str]:
    with world.database.read() as connection:
        return list(connection.scalars(select(message.c.kind).order_by(message.c.id)))
