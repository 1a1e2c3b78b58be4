"""The index of searches finds exactly what comparing every lead finds, whatever becomes of a
lead."""

from dataclasses import replace

import pytest

from sales.leads import Stage, parse_lead_number
from sales.people import SYSTEM
from storage.leads.search import lead_matches, newest_with
from storage.tables import lead as table
from storage.unit_of_work import UnitOfWorkFactory
from tests.storage.company import Company

pytestmark = pytest.mark.every_way

CUSTOMERS = (
    ("北川沐澜科技有限公司", "Lee Sample", "需要移动端"),
    ("Bright River Trading Ltd", "样例经理", '40 seats, 50% "now" or later'),
    ("O'Neil & Söhne_GmbH", "", "a\\b c/d 100%"),
    ("ＡＣＭＥ　样例", "", ""),
    ("科技", "技", "需"),
    ("𠮷野样例", "", "😀 wants 3m tape"),
    ("", "", ""),
)
NEEDLES = (
    "沐澜", "沐澜科技", "科技", "技", "公司", "北川沐澜科技有限公司", "r", "river", "RIVER TR",
    "ri", "lTD", "o'neil", "'", "& s", "söhne", "_gm", "%", "50%", '"now"', "a\\b", "c/d",
    "ＡＣＭＥ", "𠮷野", "😀", "3m", "lx00", "X00", "001", "lx001", "LX7", "不在", "zz",
    "需要移动端 ", "sample\n需", "AND", '" OR "', "* NOT", "needle" * 30,
)  # fmt: skip


@pytest.fixture
def known(units: UnitOfWorkFactory, company: Company) -> UnitOfWorkFactory:
    with units() as uow:
        for customer, contact, need in CUSTOMERS:
            uow.leads(SYSTEM).add(company.lead(customer=customer, contact=contact, need=need))
        uow.commit()
    return units


def by_index(units: UnitOfWorkFactory, needle: str) -> list[int]:
    with units.database.read() as connection:
        query = newest_with(needle).with_only_columns(table.c.id)
        return list(connection.scalars(query))


def by_looking(units: UnitOfWorkFactory, needle: str) -> list[int]:
    """What the leads themselves contain; a whole number is no part of a number."""
    with units.database.read() as connection:
        query = table.select().where(lead_matches(needle, units.fields))
        found = connection.execute(query.with_only_columns(table.c.id).order_by(table.c.id.desc()))
        return list(found.scalars())


class TestIndex:
    def test_finds_what_looking_at_every_lead_finds(self, known: UnitOfWorkFactory) -> None:
        assert any(by_index(known, needle) for needle in NEEDLES)
        for needle in NEEDLES:
            if parse_lead_number(needle) is None:
                assert by_index(known, needle) == by_looking(known, needle), needle

    def test_lists_find_the_same(self, known: UnitOfWorkFactory) -> None:
        for needle in NEEDLES:
            with known.database.read() as connection:
                condition = lead_matches(needle, known.fields, indexed=True)
                query = table.select().where(condition).with_only_columns(table.c.id)
                found = list(connection.scalars(query.order_by(table.c.id.desc())))
            assert found == by_looking(known, needle), needle

    def test_follows_what_becomes_of_a_lead(
        self, known: UnitOfWorkFactory, company: Company
    ) -> None:
        with known() as uow:
            leads = uow.leads(SYSTEM)
            first = leads.save(replace(leads.get(1), customer="改名样例", stage=Stage.LOST))
            leads.save(replace(first, need="改了需求"))
            uow.commit()
        assert by_index(known, "沐澜") == []
        assert by_index(known, "改名") == by_index(known, "改了需求") == [1]
        with known.database.write() as connection:
            connection.execute(table.update().where(table.c.id == 2).values(score=3))
        assert by_index(known, "river") == [2]
        with known() as uow:
            uow.leads(SYSTEM).add(company.lead(customer="改名样例二"))
            uow.commit()
        assert by_index(known, "改名样例") == [8, 1]

    def test_is_within_rights(self, known: UnitOfWorkFactory, company: Company) -> None:
        with known(read_only=True) as uow:
            assert len(uow.leads(company.robin).search("科技", 10)) == 2
            assert len(uow.leads(company.admin).search("科技", 10)) == 2
            assert uow.leads(company.kim).search("科技", 10) == []
            assert uow.leads(company.other_boss).search("科技", 10) == []
            assert [one.id for one in uow.leads(company.admin).search("科技", 1)] == [5]
