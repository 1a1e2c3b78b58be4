"""Unknown people: without access until an admin, a rule of the playbook or a code lets them in."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.core.commands import HELLO_ACTION, HOME_ACTION
from handlers.core.replies import Reply
from handlers.core.requests import Upload
from handlers.core.ui import Card
from handlers.routes import ROUTES
from sales.people import Person, Role
from sales.playbook import Admission, Newcomers
from tests.office import EAST, PLATFORM, WEST, Office, button_of, words_of


def write(office: Office, account: str, action: str = "help.open", **sender: Any) -> Reply:
    request = office.request(account, action)
    return office.send(replace(request, sender=replace(request.sender, **sender)))


def person_of(office: Office, account: str) -> Person | None:
    with office.world.new_uow(read_only=True) as uow:
        return uow.people.find(PLATFORM, account)


def asks(office: Office, name: str, reader: str = "ada") -> list[Card]:
    """The cards about a newcomer that an admin has."""
    title = office.say("newcomer.asks_title", name=name)
    return [card for card in office.inbox(reader) if card.title == title]


class TestWaiting:
    async def test_is_told_who_decides_and_the_admin_is_asked_once(self, office: Office) -> None:
        at = office.language.moment(office.world.clock.now())
        first = write(office, "zoe", name="Zoe Sample", email="zoe@sample.example")
        assert first.toast == office.say("newcomer.asked", admins="Ada Admin", at=at)
        for action in ("lead.open", "board.open", "help.open"):
            again = write(office, "zoe", action, name="Zoe Sample")
            assert again.toast == office.say("newcomer.waiting", admins="Ada Admin", at=at)
        await office.settle()
        [card] = asks(office, "Zoe Sample")
        assert "z***@sample.example" in words_of(card)
        assert "zoe@sample.example" not in words_of(card)
        assert office.inbox("max") == office.inbox("zoe") == []
        assert person_of(office, "zoe") is None

    async def test_reaches_nothing_and_is_in_no_list(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        write(office, "zoe", name="Zoe Sample")
        before = {table: office.rows(table) for table in ("lead", "person", "identity", "audit")}
        for action in set(ROUTES) - {HOME_ACTION, HELLO_ACTION}:
            reply = office.ask(
                "zoe",
                action,
                text="LX001",
                state={"value": "LX001", "lead": "LX001"},
                values={"lead": "LX001", "customer": "Zoe Ltd", "person": "1", "role": "admin"},
            )
            shown = (reply.card, reply.form, reply.update, *reply.options)
            assert not any(shown), action
            assert "Acme" not in words_of(reply), action
        assert {table: office.rows(table) for table in before if table != "audit"} == {
            table: rows for table, rows in before.items() if table != "audit"
        }
        for account in ("max", "robin"):
            card = office.ask(account, "people.open").card
            assert "Zoe Sample" not in words_of(card)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert "Zoe Sample" not in words_of(form)

    def test_a_file_of_theirs_is_not_read(self, office: Office) -> None:
        upload = Upload("leads.csv", "客户,手机\nAcme,13800000000".encode())
        reply = office.ask("zoe", "import.take", upload=upload)
        assert reply.toast
        assert office.rows("import_job") == []

    @pytest.mark.parametrize("values", [None, {"customer": "x"}])
    def test_a_form_says_so_in_the_form(self, office: Office, values: dict[str, str]) -> None:
        reply = office.ask("zoe", "lead.create", values=values)
        assert bool(reply.errors) == bool(values)


class TestDecided:
    async def test_let_in_welcomed_and_given_the_first_lead(self, office: Office) -> None:
        write(office, "zoe", name="Zoe Sample", locale="")
        await office.settle()
        [card] = asks(office, "Zoe Sample")
        label = office.say("button.let_in", role=office.say("role.rep"), team=EAST)
        button = button_of(card, label)
        reply = office.ask("ada", button.action, pressed=button.value)
        assert reply.update
        assert reply.update.title == office.say("newcomer.in_title", name="Zoe Sample")
        await office.settle()
        [welcome] = office.inbox("zoe")
        assert welcome.title == office.say("newcomer.let_in_title", name="Zoe Sample")
        zoe = person_of(office, "zoe")
        assert zoe
        assert (zoe.role, zoe.team_id) == (Role.REP, office.teams[EAST].id)
        office.people["zoe"] = zoe
        for account in ("max", "robin", "dana"):
            office.change_person(account, lambda person: replace(person, weight=0))
        office.log_lead("max")
        assert office.owner() == "zoe"
        await office.settle()
        assert any("LX001" in card.title for card in office.inbox("zoe"))

    async def test_with_another_role_and_team(self, office: Office) -> None:
        write(office, "zoe", name="Zoe Sample")
        form = office.decide("Zoe Sample", "button.let_in_as").form
        assert form
        west = str(office.teams[WEST].id)
        wrong = office.submit("ada", form, role="king", team=west)
        assert set(wrong.errors) == {"role"}
        assert set(office.submit("ada", form, team="99", role="rep").errors) == {"team"}
        assert not office.submit("ada", form, role="manager", team=west).errors
        zoe = person_of(office, "zoe")
        assert zoe
        assert (zoe.role, zoe.team_id) == (Role.MANAGER, int(west))

    async def test_refused_for_good_and_no_admin_hears_again(self, office: Office) -> None:
        write(office, "zoe", name="Zoe Sample")
        await office.settle()
        office.decide("Zoe Sample", "button.refuse_newcomer")
        for _ in range(3):
            reply = write(office, "zoe", name="Zoe Sample", is_owner=True)
            assert reply.toast == office.say("newcomer.refused")
        await office.settle()
        assert person_of(office, "zoe") is None
        assert office.inbox("zoe") == []
        [card] = [c for c in office.inbox("ada") if "Zoe Sample" in c.title]
        assert card.title == office.say("newcomer.refused_title", name="Zoe Sample")
        office.let_in("zoe", "Zoe Sample")
        assert write(office, "zoe").card

    async def test_of_two_admins_the_second_is_told_what_the_first_said(
        self, office: Office
    ) -> None:
        office.hire("amy", "Amy Admin", Role.ADMIN)
        write(office, "zoe", name="Zoe Sample")
        await office.settle()
        [card], [other] = asks(office, "Zoe Sample"), asks(office, "Zoe Sample", "amy")
        office.press("ada", card, "button.refuse_newcomer")
        await office.settle()
        assert asks(office, "Zoe Sample", "amy") == []
        label = office.say("button.let_in", role=office.say("role.rep"), team=EAST)
        button = button_of(other, label)
        office.ask("amy", button.action, pressed=button.value)
        assert person_of(office, "zoe")
        twice = office.ask("ada", button.action, pressed=button.value)
        assert twice.toast == office.say("newcomer.decided_already", name="Zoe Sample")
        assert [row["name"] for row in office.rows("person")].count("Zoe Sample") == 1

    async def test_is_somebody_we_know(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            kay = uow.people.add(
                Person(name="Kay Sample", role=Role.MANAGER, team_id=office.teams[WEST].id)
            )
            uow.commit()
        write(office, "kay", name="Kay Sample")
        office.decide("Kay Sample", "button.is_known", name="Kay Sample")
        known = person_of(office, "kay")
        assert known
        assert (known.id, known.role) == (kay.id, Role.MANAGER)
        await office.settle()
        assert office.inbox("kay")[0].title == office.say(
            "newcomer.let_in_title", name="Kay Sample"
        )

    @pytest.mark.parametrize("account", ["max", "robin", "zoe"])
    async def test_only_admins_decide(self, office: Office, account: str) -> None:
        write(office, "zoe", name="Zoe Sample")
        for action in (one for one in ROUTES if one.startswith("newcomer.")):
            for value in ("1", "1:2", "x", "999999999"):
                office.ask(account, action, pressed=value, values={"role": "admin", "team": "1"})
        assert person_of(office, "zoe") is None
        assert office.rows("newcomer")[0]["state"] == "waiting"

    @pytest.mark.parametrize("value", ["", "0", "x", "1:1", "999999999", "1:x:y"])
    def test_what_is_made_up_is_not_there(self, office: Office, value: str) -> None:
        for action in (one for one in ROUTES if one.startswith("newcomer.")):
            reply = office.ask("ada", action, pressed=value)
            assert reply.toast == office.say("error.newcomer_not_found")

    def test_who_was_decided_on_leaves_no_contacts(self, office: Office) -> None:
        write(office, "zoe", name="Zoe", email="zoe@sample.example", phone="13912345678")
        [row] = office.rows("newcomer")
        assert row["email"]
        assert b"zoe" not in row["email"]
        office.let_in("zoe", "Zoe")
        [row] = office.rows("newcomer")
        assert row["email"] is row["phone"] is None
        with office.world.new_uow(read_only=True) as uow:
            assert uow.contacts.get(office.people["zoe"].id) == (
                "+8613912345678",
                "zoe@sample.example",
            )


class TestWhoIsExpectedOrVouchedFor:
    async def test_after_they_waited_the_card_says_that_it_is_settled(self, office: Office) -> None:
        write(office, "zoe", name="Zoe", email="zoe@sample.example")
        await office.settle()
        form = office.ask("ada", "people.add").form
        assert form
        reply = office.submit("ada", form, name="Zoe Sample", email="zoe@sample.example")
        assert not reply.errors
        assert write(office, "zoe", name="Zoe", email="zoe@sample.example").card
        await office.settle()
        assert asks(office, "Zoe") == []

    async def test_who_was_deactivated_is_let_in_by_no_rule(self, office: Office) -> None:
        rules = (Admission(name="all", mail_domain="sample.example", role=Role.MANAGER),)
        office.rules(newcomers=Newcomers(rules=rules))
        with office.world.new_uow() as uow:
            team_id = office.teams[EAST].id
            gone = Person(name="Gil Sample", role=Role.REP, team_id=team_id, active=False)
            uow.contacts.save(uow.people.add(gone).id, "", "gil@sample.example")
            uow.commit()
        write(office, "gil", name="Gil", email="gil@sample.example", is_owner=True)
        assert person_of(office, "gil") is None
        await office.settle()
        [card] = asks(office, "Gil")
        assert office.say("newcomer.left") in words_of(card)
        office.press("ada", card, "button.is_known", name="Gil Sample")
        known = person_of(office, "gil")
        assert known
        assert (known.name, known.active) == ("Gil Sample", True)


class TestHome:
    """Who only looks at the bot's page does not ask for anything."""

    @pytest.mark.parametrize("owner", [True, False])
    async def test_enrols_nobody(self, office: Office, owner: bool) -> None:
        reply = write(office, "zoe", HOME_ACTION, name="Zoe", is_owner=owner)
        assert reply.card
        assert reply.card.title == office.say("newcomer.start_title")
        assert person_of(office, "zoe") is None
        assert office.rows("newcomer") == []
        await office.settle()
        assert office.inbox("ada") == []

    @pytest.mark.parametrize("owner", [True, False])
    async def test_adding_the_bot_enrols_nobody_and_shows_how_to_begin(
        self, office: Office, owner: bool
    ) -> None:
        reply = write(office, "zoe", HELLO_ACTION, name="Zoe", is_owner=owner)
        assert reply.card
        assert (office.say("hello.step_channel") in words_of(reply.card)) is owner
        assert office.rows("newcomer") == []
        assert person_of(office, "zoe") is None

    def test_neither_links_somebody_expected_nor_uses_a_rule(self, office: Office) -> None:
        rules = (Admission(name="all", mail_domain="sample.example"),)
        office.rules(newcomers=Newcomers(rules=rules))
        write(office, "zoe", HOME_ACTION, name="Zoe", email="zoe@sample.example")
        assert person_of(office, "zoe") is None

    def test_shows_how_it_stands(self, office: Office) -> None:
        page = write(office, "zoe", HOME_ACTION).card
        assert page
        office.press("zoe", page, "button.start")
        page = write(office, "zoe", HOME_ACTION).card
        assert page
        assert [one.label for one in page.buttons] == [office.say("button.how_it_stands")]
        name = office.say("person.unnamed")
        office.decide(name, "button.refuse_newcomer")
        page = write(office, "zoe", HOME_ACTION).card
        assert page
        assert page.body == office.say("newcomer.refused")


class TestRules:
    @pytest.mark.parametrize(
        ("rule", "sender"),
        [
            ({"mail_domain": "sample.example"}, {"email": "Zoe@Sample.Example"}),
            ({"mail_domain": "@sample.example"}, {"email": "zoe@sample.example"}),
            ({"group": "sales"}, {"groups": frozenset({"Sales", "x"})}),
            ({"group": "@sales-team"}, {"groups": frozenset({"sales-team"})}),
            ({"department": "销售部"}, {"departments": frozenset({"1", "销售部"})}),
            ({"department": "881"}, {"departments": frozenset({"881"})}),
        ],
    )
    async def test_let_in_at_once(
        self, office: Office, rule: dict[str, str], sender: dict[str, Any]
    ) -> None:
        admission = Admission.model_validate({"name": "ours", "team": WEST, **rule})
        office.rules(newcomers=Newcomers(rules=(admission,)))
        assert write(office, "zoe", name="Zoe", **sender).card
        zoe = person_of(office, "zoe")
        assert zoe
        assert zoe.team_id == office.teams[WEST].id
        await office.settle()
        [card] = office.inbox("ada")
        assert "ours" in card.body

    @pytest.mark.parametrize(
        ("rule", "sender"),
        [
            ({"mail_domain": "sample.example"}, {"email": "zoe@evilsample.example"}),
            ({"mail_domain": "sample.example"}, {"email": "zoe@sample.example.evil.example"}),
            ({"mail_domain": "sample.example"}, {"email": "zoe@x.sample.example"}),
            ({"mail_domain": "sample.example"}, {"name": "z@sample.example"}),
            ({"mail_domain": "sample.example"}, {}),
            ({"group": "sales"}, {"groups": frozenset({"presales"})}),
            ({"group": "sales"}, {"departments": frozenset({"sales"})}),
            ({"mail_domain": "sample.example", "group": "sales"}, {"email": "z@sample.example"}),
            ({"mail_domain": "sample.example", "team": "Nowhere"}, {"email": "z@sample.example"}),
        ],
    )
    def test_who_does_not_fit_waits(
        self, office: Office, rule: dict[str, str], sender: dict[str, Any]
    ) -> None:
        admission = Admission.model_validate({"name": "ours", **rule})
        office.rules(newcomers=Newcomers(rules=(admission,)))
        write(office, "zoe", **({"name": "Zoe"} | sender))
        assert person_of(office, "zoe") is None

    def test_a_guest_is_let_in_by_none(self, office: Office) -> None:
        admission = Admission(name="ours", mail_domain="sample.example")
        office.rules(newcomers=Newcomers(rules=(admission,)))
        reply = write(office, "zoe", name="Z", email="z@sample.example", standing="guest")
        assert reply.toast == office.say("error.guest_refused")
        assert person_of(office, "zoe") is None
        assert office.rows("newcomer") == []

    def test_the_button_gives_the_usual_role_and_team(self, office: Office) -> None:
        office.rules(newcomers=Newcomers(role=Role.SERVICE, team=WEST))
        write(office, "zoe", name="Zoe Sample")
        said = {"role": office.say("role.service"), "team": WEST}
        office.decide("Zoe Sample", "button.let_in", **said)
        zoe = person_of(office, "zoe")
        assert zoe
        assert (zoe.role, zoe.team_id) == (Role.SERVICE, office.teams[WEST].id)

    def test_are_changed_in_chat(self, office: Office) -> None:
        page = office.ask("ada", "playbook.show", pressed="newcomers").card
        assert page
        page = office.ask("ada", "playbook.show", pressed="newcomers.rules").card
        assert page
        form = office.press("ada", page, "button.rules_add").form
        assert form
        wrong = office.submit("ada", form, name="ours", role="rep")
        assert office.say("problem.rules_lets_everybody_in") in wrong.errors.values()
        wrong = office.submit("ada", form, name="ours", role="rep", mail_domain="sample")
        assert wrong.errors == {"mail_domain": office.say("problem.rules_mail_domain")}
        wrong = office.submit("ada", form, name="ours", role="admin", mail_domain="a.example")
        assert wrong.errors == {"role": office.say("problem.rules_no_admin")}
        draft = office.submit("ada", form, name="ours", role="rep", mail_domain="a.example").card
        assert draft
        assert "a.example" in words_of(draft)


class TestTheFirst:
    """Nobody is there yet."""

    @pytest.fixture
    def empty(self, office: Office) -> Office:
        office.change_person("ada", lambda ada: replace(ada, active=False))
        return office

    async def test_whoever_writes_first_is_no_admin(self, empty: Office) -> None:
        reply = write(empty, "zoe", name="Zoe")
        assert reply.toast == empty.say("newcomer.no_admin")
        assert person_of(empty, "zoe") is None

    async def test_who_administers_the_platform_is_and_hears_who_waits(self, empty: Office) -> None:
        write(empty, "zoe", name="Zoe Sample")
        assert write(empty, "amy", name="Amy Sample", is_owner=True).card
        amy = person_of(empty, "amy")
        assert amy
        assert amy.role is Role.ADMIN
        await empty.settle()
        [card] = asks(empty, "Zoe Sample", "amy")
        label = empty.say("button.let_in", role=empty.say("role.rep"), team=EAST)
        button = button_of(card, label)
        empty.ask("amy", button.action, pressed=button.value)
        assert person_of(empty, "zoe")

    def test_a_guest_who_is_said_to_run_it_is_not(self, empty: Office) -> None:
        write(empty, "amy", name="Amy", is_owner=True, standing="guest")
        write(empty, "amy", name="Amy", is_owner=True, standing="outsider")
        assert person_of(empty, "amy") is None
