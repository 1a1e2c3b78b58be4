"""Probing who is already a customer: leaders are notified, and no customer is named [P8]."""

import pytest

from handlers.core.requests import Upload
from handlers.core.ui import Card
from sales.playbook import Probing
from tests.office import LEAD, Office, words_of

FEW = Probing(per_hour=2, per_day=4)
PHONE = "13912345678"


@pytest.fixture
def guarded(office: Office) -> Office:
    """Kim has a customer; above two of them an hour the leaders hear."""
    office.rules(probing=FEW)
    office.log_lead("kim", owner="keep", phone=PHONE, customer="Hidden Works")
    return office


def probe(office: Office, account: str = "robin", name: str = "Another Ltd") -> None:
    values = dict(LEAD) | {"phone": PHONE, "customer": name, "email": ""}
    assert office.ask(account, "lead.create", values=values).errors


def alerts(office: Office, account: str) -> list[Card]:
    said = [office.say(f"probing.alert_{w}", name="Robin Sample", n=3) for w in ("hour", "day")]
    return [card for card in office.inbox(account) if card.title in said]


class TestAlert:
    async def test_above_the_rules_number_leaders_hear_once(self, guarded: Office) -> None:
        probe(guarded)
        probe(guarded)
        await guarded.settle()
        assert alerts(guarded, "max") == []
        guarded.ask("robin", "lead.capture", text=f"Wang Sample, {PHONE}, wants a demo")
        await guarded.settle()
        [card] = alerts(guarded, "max")
        assert alerts(guarded, "ada")
        assert not alerts(guarded, "robin")
        assert "Hidden" not in words_of(card)
        assert PHONE not in repr(guarded.rows("audit"))
        probe(guarded)
        await guarded.settle()
        assert len(alerts(guarded, "max")) == 1

    async def test_ones_own_customer_is_none(self, guarded: Office) -> None:
        for _ in range(4):
            probe(guarded, "kim")
        assert not [row for row in guarded.rows("audit") if row["act"] == "customer.known"]

    async def test_a_file_counts_each_of_its_customers(self, guarded: Office) -> None:
        file = f"customer,phone\nAcme,{PHONE}\nBeta,{PHONE}\nOwn,13700001111\n".encode()
        guarded.ask("robin", "import.take", upload=Upload("old.csv", file))
        await guarded.settle()
        [row] = [row for row in guarded.rows("audit") if row["act"] == "customer.known"]
        assert row["detail"] == {"n": "1"}

    async def test_a_like_name_counts_too(self, guarded: Office) -> None:
        for _ in range(3):
            values = dict(LEAD) | {"phone": "", "customer": "Hidden Works Ltd", "email": ""}
            assert guarded.ask("robin", "lead.create", values=values).errors
        await guarded.settle()
        assert alerts(guarded, "max")
