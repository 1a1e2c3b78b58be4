"""Keys can be changed without losing a value, a look-up or a duplicate."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from sales.errors import DuplicateLead
from sales.intake import Enquiry
from sales.newcomers import Newcomer
from sales.people import SYSTEM
from sales.scheduling import NoticeChoice
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import new_key, parse_keyring
from storage.database.reseal import Resealed, reindex, reseal
from storage.platform_memory import MemoryStore
from storage.tables import lead
from storage.transcripts import Transcripts
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company, found_company

OLD, NEW = new_key("old"), new_key("new")
PHONE, EMAIL = "+8613800005678", "robin@acme.example"


class TestReseal:
    @pytest.fixture
    def old(self, database: Database) -> UnitOfWorkFactory:
        return self.units(database, OLD)

    @pytest.fixture
    def company(self, old: UnitOfWorkFactory) -> Company:
        company = found_company(old)
        with old() as uow:
            lead = uow.leads(SYSTEM).add(company.lead(phone=PHONE, email=EMAIL))
            said = {"phone": PHONE}
            uow.enquiries.add(Enquiry(lead_id=lead.id, at=MONDAY, source="ads", said=said))
            uow.leads(SYSTEM).add(company.lead(customer="No contacts"))
            uow.notification_preferences.save(NoticeChoice(person_id=company.robin.id, email=EMAIL))
            uow.notification_preferences.save(NoticeChoice(person_id=company.kim.id))
            uow.newcomers.add(
                Newcomer(
                    platform="slack",
                    external_id="U9",
                    name="Zoe",
                    phone=PHONE,
                    email=EMAIL,
                    asked_at=MONDAY,
                )
            )
            uow.commit()
        MemoryStore(old.database, old.fields).put("k", {"a": 1}, MONDAY + timedelta(days=1))
        kept = Transcripts(old.database.writer, old.fields)
        asyncio.run(kept.append("dm:robin", "genjin", {"title": PHONE}, at=MONDAY))
        return company

    def units(self, database: Database, *keys: str) -> UnitOfWorkFactory:
        fields = Fields(parse_keyring(",".join(keys)))
        return UnitOfWorkFactory(database, fields, now=lambda: MONDAY)

    def assert_whole(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            found = uow.duplicates.by_contact(PHONE, "")
            assert found is not None
            assert (found.phone, found.email) == (PHONE, EMAIL)
            [same] = uow.duplicates.namesakes("", "kim@acme.example")
            assert same.lead_id == found.id
            assert uow.enquiries.get(1).said == {"phone": PHONE}
            with pytest.raises(DuplicateLead):
                uow.leads(SYSTEM).add(company.lead(email=EMAIL))
            assert uow.notification_preferences.of(company.robin.id).email == EMAIL
            asked = uow.newcomers.get(1)
            assert (asked.phone, asked.email) == (PHONE, EMAIL)
        assert MemoryStore(units.database, units.fields).get("k", MONDAY) == {"a": 1}
        kept = Transcripts(units.database.writer, units.fields)
        assert asyncio.run(kept.get(1)).body == {"title": PHONE}

    def test_a_new_key_in_front_and_the_old_one_taken_away(
        self, database: Database, company: Company
    ) -> None:
        both = self.units(database, NEW, OLD)
        self.assert_whole(both, company)
        assert reseal(database, both.fields) == Resealed(changed=13)
        assert reseal(database, both.fields) == Resealed()
        self.assert_whole(both, company)
        new = self.units(database, NEW)
        with database.write() as connection:
            assert reindex(connection, new.fields) == 3
        self.assert_whole(new, company)

    def test_what_cannot_be_opened_is_counted_and_stays(
        self, database: Database, company: Company
    ) -> None:
        assert reseal(database, self.units(database, NEW).fields) == Resealed(unreadable=13)
        self.assert_whole(self.units(database, OLD), company)

    def test_one_damaged_value_does_not_stop_the_rest(
        self, database: Database, company: Company
    ) -> None:
        with database.write() as connection:
            damaged = text("UPDATE lead SET need = phone WHERE phone IS NOT NULL")
            connection.execute(damaged)
        both = self.units(database, NEW, OLD)
        assert reseal(database, both.fields) == Resealed(changed=13, unreadable=1)
        self.assert_whole(both, company)

    def test_a_newcomer_whose_key_is_lost_can_still_be_decided_on(
        self, database: Database, company: Company
    ) -> None:
        with self.units(database, NEW)(read_only=True) as uow:
            asked = uow.newcomers.get(1)
        assert (asked.name, asked.phone, asked.email) == ("Zoe", "", "")

    def test_counts_many_batches(self, database: Database, old: UnitOfWorkFactory) -> None:
        company = found_company(old)
        with old() as uow:
            for number in range(1203):
                uow.leads(SYSTEM).add(company.lead(phone=f"+86138{number:08d}"))
            uow.commit()
        ring = self.units(database, NEW, OLD).fields
        assert reseal(database, ring).changed == 3 * 1203
        with database.read() as connection:
            sealed = connection.execute(select(lead.c.phone)).scalars().all()
        assert len(sealed) == 1203
        assert all(ring.is_current(value) for value in sealed)
