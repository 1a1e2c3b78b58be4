"""What was withdrawn since a backup stays withdrawn, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sales.people import SYSTEM, Identity
from storage.backups.after_restore import Withdrawn, withdraw_again
from storage.database.engine import Database, open_database
from storage.tables import person, proposal, proposal_link
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.databases import Databases, Kind
from tests.storage.company import found_company


@pytest.fixture
def other(
    databases: Databases, database_kind: Kind, database: Database, tmp_path: Path
) -> Iterator[Database]:
    """A second database: the one that was there before the restore."""
    url = databases.new(database_kind)
    opened = open_database(url, tmp_path)
    opened.seal_with(database.fields)
    yield opened
    opened.dispose()
    databases.drop(url)


def fill(database: Database, *, active: bool, ends: int) -> int:
    """A company in which Robin has an account, and a link that ends after so many days."""
    units = UnitOfWorkFactory(database, database.fields, now=lambda: MONDAY)
    company = found_company(units)
    robin = company.robin.id
    with units() as uow:
        lead = uow.leads(SYSTEM).add(company.lead())
        uow.people.link(Identity("slack", "U1", robin), MONDAY)
        uow.commit()
    with database.write() as connection:
        connection.execute(person.update().where(person.c.id == robin).values(active=active))
        offer = {"lead_id": lead.id, "number": 1, "locale": "en", "state": "sent", "version": 1}
        written = {"offering": "{}", "written_by": robin, "written_at": MONDAY}
        made = connection.execute(proposal.insert().returning(proposal.c.id), offer | written)
        link = {"proposal_id": made.scalar_one(), "token_hash": "a" * 64, "preview": False}
        ended = {"made_at": MONDAY, "expires_at": MONDAY + timedelta(days=ends)}
        connection.execute(proposal_link.insert(), link | ended | {"made_by": robin})
    return robin


def test_links_and_accounts_stay_closed(database: Database, other: Database) -> None:
    robin = fill(database, active=True, ends=30)
    fill(other, active=False, ends=2)
    assert withdraw_again(other, database) == Withdrawn(links=1, accounts=1)
    with database.read() as connection:
        is_active = select(person.c.active).where(person.c.id == robin)
        assert connection.execute(is_active).scalar_one() is False
        ends = connection.execute(select(proposal_link.c.expires_at)).scalar_one()
    assert ends == MONDAY + timedelta(days=2)
    assert withdraw_again(other, database) == Withdrawn()


def test_nothing_is_opened(database: Database, other: Database) -> None:
    fill(database, active=False, ends=2)
    fill(other, active=True, ends=30)
    assert withdraw_again(other, database) == Withdrawn()


def test_a_former_database_may_be_gone(database: Database, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all")
    former = open_database(f"sqlite:///{broken}", tmp_path)
    assert withdraw_again(former, database) == Withdrawn()
    former.dispose()
