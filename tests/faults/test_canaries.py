"""Planted contacts: they may be in no byte of the database, and in no row that is not theirs."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from sales.followups import FollowUp, Method
from sales.intake import Enquiry
from sales.jobs import Job, RemindOwner
from sales.notices import ReminderDue
from sales.people import SYSTEM, Identity
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.platform_memory import MemoryStore
from storage.tables import metadata, transcript
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.conversations.stages import Stage, web_stage
from tests.database_files import data_directory, files_of, journal_of
from tests.storage.company import found_company

PHONE, EMAIL = "+8613977712345", "canary.9f3a@hidden-company.example"
CANARIES = ("13977712345", "canary.9f3a", "hidden-company")


@pytest.fixture
def planted(database: Database, fields: Fields) -> UnitOfWorkFactory:
    """A lead with contacts, followed up, reminded of, told about, and in a half-filled form."""
    units = UnitOfWorkFactory(database, fields, now=lambda: MONDAY)
    company = found_company(units)
    with units() as uow:
        uow.people.link(Identity("slack", "U1", company.robin.id), MONDAY)
        lead = uow.leads(SYSTEM).add(company.lead(phone=PHONE, email=EMAIL))
        followup = uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=lead.id,
                person_id=company.robin.id,
                at=MONDAY,
                method=Method.CALL,
                summary="Rang",
            )
        )
        said = {"phone": PHONE, "email": EMAIL}
        uow.enquiries.add(Enquiry(lead_id=lead.id, at=MONDAY, source="website", said=said))
        uow.jobs.add(Job(RemindOwner(followup.id), MONDAY, "reminder:1"))
        uow.outbox.add(ReminderDue(followup.id), company.robin.id)
        uow.audit.record(company.robin, "contact.reveal", lead.subject, {"field": "phone"})
        uow.commit()
    store = MemoryStore(database, fields)
    store.put("slack:form:1", {"phone": PHONE, "email": EMAIL}, MONDAY + timedelta(days=1))
    with units(read_only=True) as uow:
        found = uow.leads(SYSTEM).search(EMAIL, 1)
        assert [(one.phone, one.email) for one in found] == [(PHONE, EMAIL)]
    return units


class TestCanaries:
    def test_are_in_no_row_of_any_table(self, planted: UnitOfWorkFactory) -> None:
        with planted.database.read() as connection:
            queries = {name: f'SELECT * FROM "{name}"' for name in metadata.tables}  # noqa: S608
            rows = {
                name: str([tuple(row) for row in connection.execute(text(query))])
                for name, query in queries.items()
            }
        assert len(rows["lead"]) > 100
        assert len(rows["memory"]) > 50
        for name, told in rows.items():
            assert not [canary for canary in CANARIES if canary in told], name

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
    def test_are_in_no_byte_of_the_files_with_and_without_the_wal(
        self, planted: UnitOfWorkFactory
    ) -> None:
        path = planted.database.path
        assert path is not None
        wal = path.with_name(path.name + "-wal")
        assert wal.stat().st_size > 0
        assert_clean(path, wal)
        with planted.database.writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert_clean(path)

    @pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
    def test_are_in_no_byte_of_the_server_and_its_journal(self, planted: UnitOfWorkFactory) -> None:
        database = planted.database
        files = files_of(database)
        assert len(files) > 100
        assert_clean(journal_of(database), data_directory(database) / "log", *files)

    def test_are_in_no_error_that_could_be_logged(self, planted: UnitOfWorkFactory) -> None:
        """People write contacts into any text; an error must not show the values it met."""
        with planted() as uow, pytest.raises(DBAPIError) as caught:
            # Nobody has this id: the foreign key refuses the row.
            uow.followups(SYSTEM).add(
                FollowUp(lead_id=1, person_id=99, at=MONDAY, method=Method.CALL, summary=EMAIL)
            )
        assert not [canary for canary in CANARIES if canary in str(caught.value)]


class TestRevealedInTheWebChat:
    """The local chat keeps what it shows: also a card with a contact, for one pair of eyes."""

    @pytest.fixture
    async def stage(self, database: Database, fields: Fields) -> AsyncIterator[Stage]:
        async with web_stage(database, fields, MONDAY) as stage:
            yield stage

    async def test_are_in_no_row_and_in_no_byte_of_the_files(self, stage: Stage) -> None:
        await self.reveal(stage)
        database = stage.world.database
        with database.read() as connection:
            rows = str([tuple(row) for row in connection.execute(select(transcript))])
        assert len(rows) > 1000
        assert not [canary for canary in CANARIES if canary in rows]
        if database.path is not None:
            assert_clean(database.path, database.path.with_name(f"{database.path.name}-wal"))

    async def reveal(self, stage: Stage) -> None:
        robin = stage.people["robin"]
        await robin.type("/lead")
        lead = {"customer": "Acme", "source": "website", "phone": PHONE, "email": EMAIL}
        await robin.submit({**lead, "owner": "keep"})
        assert await robin.form() is None
        await robin.type(f"/lead {EMAIL}")
        await robin.press(stage.say("button.contact"), within="Acme")
        await robin.submit({"reason": "call"})
        shown = (await robin.messages())[-1].text
        assert PHONE[3:] in shown.replace(" ", "")
        assert EMAIL in shown


def assert_clean(*files: Path) -> None:
    """No canary in any of them, though the lead itself is: its customer can be read."""
    contents = {path: path.read_bytes() for path in files}
    assert any(b"Acme" in told for told in contents.values())
    for path, told in contents.items():
        for canary in (*CANARIES, json.dumps(EMAIL)):
            for spelling in (canary.encode(), canary.encode("utf-16-le")):
                assert spelling not in told, path
