"""The finder: leads and colleagues by a part of the name, and only those that one may see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from sales.people import Person, Role
from tests.furnished import Offices
from tests.office import LEAD, SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


def found(office: Office, account: str, text: str) -> list[str]:
    return [option.value for option in office.ask(account, "finder.options", text=text).options]


class TestFinder:
    def test_finds_a_lead_only_for_whom_it_concerns(self, office: Office) -> None:
        office.ask("robin", "lead.create", values=dict(LEAD))
        for text in ("acme", "LX001", "  ACME sample "):
            assert found(office, "robin", text) == ["lead:LX001"]
            assert found(office, "max", text) == ["lead:LX001"]
            assert found(office, "kim", text) == []
        assert found(office, "robin", "") == ["lead:LX001"]
        assert found(office, "robin", "no such customer") == []
        assert found(office, "robin", "x" * 200) == []

    def test_finds_a_lead_by_the_initials_of_its_name(self, office: Office) -> None:
        for number, customer in enumerate(("上海甲示例科技", "Jia Sample"), 1):
            own = {"customer": customer, "phone": f"1381234567{number}", "email": ""}
            office.ask("robin", "lead.create", values=dict(LEAD) | own)
        for text in ("jslkj", "SHJSL"):
            assert found(office, "robin", text) == ["lead:LX001"]
            assert found(office, "kim", text) == []
        assert found(office, "robin", "kejishanghai") == []

    def test_finds_colleagues_by_name_and_initials_within_the_team(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            team = office.people["robin"].team_id
            for name, of in (("钟小样", team), ("钟别处", office.people["kim"].team_id)):
                uow.people.add(Person(name=name, role=Role.REP, team_id=of, has_account=False))
            uow.commit()
        for text in ("钟", "zxy", "ZX"):
            assert found(office, "robin", text) == ["person:钟小样"]
        assert found(office, "ada", "钟") == ["person:钟小样", "person:钟别处"]

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.PRODUCT])
    def test_shows_no_leads_to_roles_that_search_none(self, office: Office, role: Role) -> None:
        office.ask("robin", "lead.create", values=dict(LEAD))
        with office.world.new_uow() as uow:
            uow.people.save(replace(uow.people.get(office.people["robin"].id), role=role))
            uow.commit()
        assert found(office, "robin", "acme") == []
