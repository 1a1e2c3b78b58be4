"""Processes killed while they seal the audit log or re-encrypt what is stored.

Every entry is sealed once, and every value is whole.
"""

from collections.abc import Sequence

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce

from sales.people import SYSTEM
from storage.audit.check import check_audit
from storage.audit.seals import seal_entries
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import new_key, parse_keyring
from storage.database.reseal import reseal
from storage.tables import audit, audit_seal, lead
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.databases import Kind
from tests.faults import replicas, roles
from tests.faults.campaign import NewTally, dice, rounds
from tests.faults.points import Point
from tests.storage.company import found_company

SEALING = {
    "before entries are read": Point("storage.audit.seals:_seal_batch"),
    "before the head is locked": Point("storage.audit.seals:add_seal"),
    "before the head is moved": Point("storage.audit.seals:_move"),
    "after the head was moved": Point("storage.audit.seals:_move", after=True),
    "before the commit": Point("storage.audit.seals:add_seal", after=True),
    "after the commit": Point("storage.audit.seals:_seal_batch", after=True),
}
RESEALING = {
    "before a column": ("storage.database.reseal:_reseal_column", False),
    "in the middle of a batch": ("storage.database.reseal:_resealed", False),
    "before the last of a batch": ("storage.database.reseal:_resealed", True),
    "after a column": ("storage.database.reseal:_reseal_column", True),
}
WHOLE, WHOLE_RESEAL, LEADS = 24, 20, 12


@pytest.fixture
def keys() -> list[str]:
    return [new_key("first")]


def units_of(database: Database, keys: Sequence[str]) -> UnitOfWorkFactory:
    fields = Fields(parse_keyring(",".join(keys)))
    database.seal_with(fields)
    return UnitOfWorkFactory(database, fields, now=lambda: MONDAY)


@pytest.mark.slow
@pytest.mark.campaign
def test_killed_while_sealing(
    database: Database, database_url: str, database_kind: Kind, keys: list[str], tally: NewTally
) -> None:
    count = tally("sealing the audit log", database_kind)
    units = units_of(database, keys)
    for number in rounds(WHOLE):
        chance = dice(count.place, database_kind, number)
        where = chance.choice([*SEALING.values()])
        with units() as uow:
            for entry in range(chance.randint(1, 30)):
                uow.audit.record(SYSTEM, "stage.move", f"lead:{number}", {"n": str(entry)})
                count.accepted += 1
            uow.commit()
        assert replicas.kill_at(where, roles.seal_audit, database_url, keys[0], MONDAY), where
        with count.recovering():
            seal_entries(database, MONDAY)
        report = check_audit(database)
        assert report.problems == []
        with database.read() as connection:
            sealed = connection.scalar(select(func.sum(audit_seal.c.rows))) or 0
            assert connection.scalar(select(func.count()).select_from(audit)) == count.accepted
        count.lost += max(0, count.accepted - sealed)
        count.once_twice += max(0, sealed - count.accepted)
    count.check(len(rounds(WHOLE)))


@pytest.mark.slow
@pytest.mark.campaign
def test_killed_while_resealing(
    database: Database, database_url: str, database_kind: Kind, keys: list[str], tally: NewTally
) -> None:
    count = tally("re-encrypting with a new key", database_kind)
    units = units_of(database, keys)
    company = found_company(units)
    phones = {f"Customer {n}": f"+86138{n:08}" for n in range(LEADS)}
    with units() as uow:
        for customer, phone in phones.items():
            uow.leads(SYSTEM).add(company.lead(customer=customer, phone=phone))
        uow.commit()
    for number in rounds(WHOLE_RESEAL):
        chance = dice(count.place, database_kind, number)
        function, after = RESEALING[chance.choice([*RESEALING])]
        where = Point(function, chance.randint(1, LEADS), after=after)
        # A rotation: the new key in front, the former one for what is not re-encrypted yet.
        keys[:] = [new_key(f"key{number}"), keys[0]]
        assert replicas.kill_at(where, roles.reseal_all, database_url, ",".join(keys)), where
        units = units_of(database, keys)
        with count.recovering():
            assert reseal(database, units.fields).unreadable == 0
        # What the newest key alone opens.
        alone = units_of(database, keys[:1])
        with alone(read_only=True) as uow:
            found = {one.customer: one.phone for one in uow.leads(SYSTEM).search("", 1000)}
        with database.read() as connection:
            sealed = connection.scalars(select(type_coerce(lead.c.phone, LargeBinary))).all()
        assert all(alone.fields.is_current(one) for one in sealed)
        count.accepted += len(phones)
        count.lost += sum(found.get(customer) != phone for customer, phone in phones.items())
    count.check(len(rounds(WHOLE_RESEAL)))
