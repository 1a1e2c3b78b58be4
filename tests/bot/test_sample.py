"""The sample company: its next steps are reminded of like real ones."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import sample
from sales.discovery import SPIN
from sales.objections import ObjectionState
from sales.pool import PoolQuery
from sales.quotes import Edition
from sales.targets import Holder, Quarter
from storage.database.encryption import Fields
from storage.database.engine import Database
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
        assert before == ["digest_ready", "digest_details", "followup_overdue"]
        assert "reminder_due" in after[1:]


class TestTheFirstHour:
    @pytest.mark.parametrize("locale", ["en", "zh-CN"])
    async def test_every_command_shows_something_real(
        self, database: Database, fields: Fields, tmp_path: Path, locale: str
    ) -> None:
        settings = TestSettings.of(genjin_data_dir=tmp_path, genjin_locale=locale)
        async with open_world(settings, database, fields, TUESDAY) as world:
            world.prepare_database()
            with world.new_uow(read_only=True) as uow:
                rep = next(p for p in uow.people.everyone() if p.name in ("Dana Example", "林小例"))
                birch = next(
                    lead
                    for lead in uow.leads(rep).most_urgent("", 20)
                    if uow.proposals(rep).of_lead(lead.id)
                )
                [proposal] = uow.proposals(rep).of_lead(birch.id)
                assert proposal.is_out
                assert proposal.offering.cases
                assert proposal.offering.solutions
                assert proposal.offering.valid_until > TUESDAY.date()
                sums = [proposal.offering.quote.total(edition).net for edition in Edition]
                assert 0 < sums[0] < sums[1]
                notes = uow.discoveries(rep).latest(birch.id)
                assert notes
                assert all(getattr(notes.needs, part) for part in SPIN)
                one, other = uow.objections(rep).of_lead(birch.id)
                assert (one.state, other.state) == (ObjectionState.ANSWERED, ObjectionState.OPEN)
                assert (bool(one.item_id), other.item_id) == (True, None)
                assert len(uow.discussion(rep).of_lead(birch.id, 5)) == 1
                everybody = uow.people.everyone()
                assert len([p for p in everybody if uow.opportunities(p).waiting(5)]) >= 2
                assert uow.pool(rep).count(PoolQuery()) == 2
                team = Holder.team(rep.team_id)
                assert uow.targets.of(Quarter.of(TUESDAY.date()))[team]

    async def test_says_the_same_in_both_languages(self) -> None:
        shapes = [
            [(lead.source.partition("-")[0], lead.stages, lead.owner, lead.offered,
              [one.kind for one in lead.objections]) for lead in sample.company(locale).leads]
            for locale in ("en", "zh_CN")
        ]  # fmt: skip
        assert shapes[0] == shapes[1]


def told(world: World) -> list[str]:
    with world.database.read() as connection:
        return list(connection.scalars(select(message.c.kind).order_by(message.c.id)))
