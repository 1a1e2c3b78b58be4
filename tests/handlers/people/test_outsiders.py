"""Guests, people of other organisations and who was deactivated: no access, from now on."""

from dataclasses import replace
from typing import Literal

import pytest

from handlers.routes import ROUTES
from sales.people import Identity, Person, Role
from tests.office import PLATFORM, Office, button_of

STANDINGS: tuple[Literal["guest", "outsider"], ...] = ("guest", "outsider")


@pytest.mark.parametrize("standing", STANDINGS)
class TestWhoWorkedHere:
    async def test_has_no_access_from_the_first_look_on(
        self, office: Office, standing: Literal["guest", "outsider"]
    ) -> None:
        office.log_lead("robin", owner="keep")
        office.standing["robin"] = standing
        reply = office.ask("robin", "lead.show", pressed="LX001")
        assert not reply.card
        assert not office.person("robin").active
        await office.settle()
        office.standing.clear()
        assert office.ask("robin", "board.open").toast == office.say("error.no_longer_active")

    async def test_gets_no_leads_and_leaves_theirs_to_the_leaders(
        self, office: Office, standing: Literal["guest", "outsider"]
    ) -> None:
        office.log_lead("robin", owner="keep")
        office.standing["robin"] = standing
        for _ in range(3):
            office.ask("robin", "board.open")
        await office.settle()
        key = "outsider.guest_title" if standing == "guest" else "outsider.gone_title"
        title = office.say(key, name="Robin Sample", platform=PLATFORM)
        for leader in ("ada", "max"):
            [card] = [card for card in office.inbox(leader) if card.title == title]
            button = button_of(card, office.say("button.hand_over_all", name="Robin Sample"))
            assert office.ask(leader, button.action, pressed=button.value).form
        office.change_person("dana", lambda dana: replace(dana, weight=0))
        office.log_lead(phone="139 1111 2222", email="", customer="Birch Sample Ltd")
        assert office.owner(2) == "max"

    def test_keeps_another_account(
        self, office: Office, standing: Literal["guest", "outsider"]
    ) -> None:
        now = office.world.clock.now()
        with office.world.new_uow() as uow:
            uow.people.link(Identity("elsewhere", "r", office.people["robin"].id), now)
            uow.commit()
        office.standing["robin"] = standing
        office.ask("robin", "board.open")
        with office.world.new_uow(read_only=True) as uow:
            assert uow.people.find(PLATFORM, "robin") is None
            robin = uow.people.find("elsewhere", "r")
        assert robin
        assert robin.active

    async def test_an_admin_is_no_exception(
        self, office: Office, standing: Literal["guest", "outsider"]
    ) -> None:
        office.standing["ada"] = standing
        assert not office.ask("ada", "people.open").card
        assert not office.person("ada").active


@pytest.mark.parametrize("standing", STANDINGS)
def test_nobody_of_them_is_ever_anything(
    office: Office, standing: Literal["guest", "outsider"]
) -> None:
    office.standing["gus"] = standing
    before = {table: office.rows(table) for table in ("person", "newcomer", "identity", "message")}
    for action in ROUTES:
        request = office.request("gus", action, text="LX001", values={"lead": "LX001"})
        sender = replace(request.sender, is_owner=True, email="gus@sample.example")
        reply = office.send(replace(request, sender=sender))
        key = "error.guest_refused" if standing == "guest" else "error.not_a_member"
        assert list(reply.errors.values()) == [office.say(key)]
    assert {table: office.rows(table) for table in before} == before


def test_not_even_by_a_vouched_address(office: Office) -> None:
    """A guest with a rep's e-mail is still a guest."""
    with office.world.new_uow() as uow:
        uow.contacts.save(office.people["robin"].id, "", "robin@sample.example")
        uow.commit()
    request = office.request("gus", "board.open")
    sender = replace(request.sender, standing="guest", email="robin@sample.example")
    assert not office.send(replace(request, sender=sender)).card
    assert office.person("robin") == Person(
        id=office.people["robin"].id,
        name="Robin Sample",
        role=Role.REP,
        team_id=office.people["robin"].team_id,
        locale="en",
    )
