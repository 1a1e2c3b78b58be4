"""One person on several platforms: recognised by what a platform vouches for, asked, or joined."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import Sender
from handlers.core.ui import Card
from sales.people import Identity, Person, Role
from sales.playbook import Admission, Newcomers
from tests.office import EAST, PLATFORM, Office, button_of, words_of

ELSEWHERE = "elsewhere"


def known_elsewhere(office: Office, name: str, **contacts: str) -> Person:
    """Somebody with an account on another platform only."""
    with office.world.new_uow() as uow:
        new = Person(name=name, role=Role.MANAGER, team_id=office.teams[EAST].id, locale="en")
        person = uow.people.add(new)
        uow.people.link(Identity(ELSEWHERE, name, person.id), office.world.clock.now())
        uow.contacts.save(person.id, contacts.get("phone", ""), contacts.get("email", ""))
        uow.commit()
    return person


def write(office: Office, account: str, **sender: Any) -> Reply:
    request = office.request(account, "help.open")
    return office.send(replace(request, sender=replace(request.sender, **sender)))


def nobody(office: Office, account: str) -> bool:
    with office.world.new_uow(read_only=True) as uow:
        return uow.people.find(PLATFORM, account) is None


def person_of(office: Office, account: str) -> Person:
    with office.world.new_uow(read_only=True) as uow:
        found = uow.people.find(PLATFORM, account)
        assert found is not None
        return found


def arrive(office: Office, account: str, name: str, **sender: Any) -> Person:
    """Somebody whom nobody knows writes, and is let in."""
    write(office, account, name=name, **sender)
    return office.let_in(account, name)


def rule(office: Office) -> None:
    """Whoever is of the sample company is let in without an admin."""
    admission = Admission(name="company", mail_domain="sample.example")
    office.rules(newcomers=Newcomers(rules=(admission,)))


def newest(office: Office, account: str, title: str) -> Card:
    found = [card for card in office.inbox(account) if card.title == title]
    assert found, [card.title for card in office.inbox(account)]
    return found[-1]


class TestKnownAgain:
    @pytest.mark.parametrize(
        "vouched", [{"email": "Kay@Sample.example"}, {"phone": "+86 139 1234 5678"}]
    )
    async def test_by_what_the_platform_vouches_for(
        self, office: Office, vouched: dict[str, str]
    ) -> None:
        kay = known_elsewhere(
            office, "Kay Sample", email="kay@sample.example", phone="+8613912345678"
        )
        write(office, "kay", name="K. S.", **vouched)
        assert person_of(office, "kay") == kay
        await office.settle()
        title = office.say("identity.linked", name="Kay Sample", platform=PLATFORM)
        assert newest(office, "ada", title)
        [row] = [row for row in office.rows("audit") if row["act"] == "identity.link"]
        assert row["subject"] == f"person:{kay.id}"

    async def test_not_by_a_name(self, office: Office) -> None:
        kay = known_elsewhere(office, "Kay Sample", email="kay@sample.example")
        newcomer = arrive(office, "kay", "Kay Sample")
        assert (newcomer.id != kay.id, newcomer.role) == (True, Role.REP)

    async def test_who_left_and_two_who_share_are_for_the_admins(self, office: Office) -> None:
        known_elsewhere(office, "Kay Sample", email="kay@sample.example")
        known_elsewhere(office, "Lee Sample", phone="+8613912345678")
        rule(office)
        write(office, "kay", name="Kay", email="kay@sample.example", phone="13912345678")
        await office.settle()
        card = newest(office, "ada", office.say("newcomer.asks_title", name="Kay"))
        labels = [button.label for button in (*card.buttons, *card.more)]
        for claimed in ("Kay Sample", "Lee Sample"):
            assert office.say("button.is_known", name=claimed) in labels
        assert nobody(office, "kay")

    async def test_a_newcomers_own_are_kept_for_the_next_platform(self, office: Office) -> None:
        kay = arrive(office, "kay", "Kay", email="kay@sample.example")
        with office.world.new_uow(read_only=True) as uow:
            assert uow.contacts.get(kay.id) == ("", "kay@sample.example")
            assert [one.id for one in uow.contacts.find("", "KAY@sample.example")] == [kay.id]
        assert b"kay@sample" not in office.rows("person")[-1]["email"]

    @pytest.mark.parametrize("email", ["", "x", "a@b", "\0", "x" * 9000, "<script>@x.example"])
    def test_what_cannot_be_read_is_nothing(self, office: Office, email: str) -> None:
        reply = write(office, "kay", name="Kay", email=email, phone=email)
        assert reply.toast.startswith(office.say("newcomer.asked", admins="\0").partition("\0")[0])


class TestAsked:
    """Somebody let in by a rule, of whom no admin was asked."""

    async def test_a_like_named_newcomer_claims_and_an_admin_confirms(self, office: Office) -> None:
        kay = known_elsewhere(office, "Kay Sample")
        rule(office)
        write(office, "kay", name="Kay Sample", email="k@sample.example")
        newcomer = person_of(office, "kay")
        office.log_lead("kay", owner="keep")
        await office.settle()
        card = newest(office, "kay", office.say("identity.who_title"))
        button = button_of(card, office.say("button.i_am", name="Kay Sample"))
        office.ask("kay", button.action, pressed=button.value)
        assert person_of(office, "kay") == newcomer
        await office.settle()
        title = office.say("identity.claim_title", name=newcomer.name, claimed="Kay Sample")
        office.press("ada", newest(office, "ada", title), "button.join")
        assert person_of(office, "kay") == kay
        assert office.lead().owner_id == kay.id
        rows = {row["id"]: row for row in office.rows("person")}
        assert not rows[newcomer.id]["active"]

    async def test_a_claim_alone_changes_nothing(self, office: Office) -> None:
        kay = known_elsewhere(office, "Kay Sample")
        rule(office)
        write(office, "kay", name="Kay Sample", email="k@sample.example")
        newcomer = person_of(office, "kay")
        for account in ("kay", "max", "robin"):
            for action in ("identity.confirm", "identity.join"):
                values = {"kept": str(kay.id), "gone": str(newcomer.id)}
                pressed = f"{newcomer.id}:{kay.id}"
                office.ask(account, action, pressed=pressed, values=values)
        assert person_of(office, "kay") == newcomer
        reply = office.ask("kay", "identity.claim", pressed=str(office.people["ada"].id))
        assert reply.toast == office.say("error.person_not_found")

    async def test_refused_they_stay_two(self, office: Office) -> None:
        known_elsewhere(office, "Kay Sample")
        rule(office)
        write(office, "kay", name="Kay Sample", email="k@sample.example")
        newcomer = person_of(office, "kay")
        await office.settle()
        card = newest(office, "kay", office.say("identity.who_title"))
        assert office.press("kay", card, "button.i_am_new").toast == office.say("identity.new")
        assert person_of(office, "kay") == newcomer


class TestJoin:
    def test_all_that_was_the_ones_is_the_others(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        office.ask("dana", "followup.open", text="LX001 call likes it by 3/8 send it")
        robin, dana = office.people["robin"], office.people["dana"]
        form = office.press("ada", people_card(office), "button.join_people").form
        assert form is not None
        reply = office.submit("ada", form, kept=str(robin.id), gone=str(dana.id))
        assert not reply.errors
        assert office.lead().owner_id == robin.id
        assert office.history()[0].person_id == robin.id
        assert person_of(office, "dana") == office.person("robin")
        shares = {row["person_id"]: row["leads"] for row in office.rows("share")}
        assert shares == {robin.id: 1}

    def test_not_with_oneself_nor_of_oneself(self, office: Office) -> None:
        ada, robin = str(office.people["ada"].id), str(office.people["robin"].id)
        for kept, gone in ((robin, robin), (robin, ada)):
            reply = office.ask("ada", "identity.join", values={"kept": kept, "gone": gone})
            assert set(reply.errors) == {"gone"}


class TestOwnContacts:
    def test_an_admin_writes_them_down(self, office: Office) -> None:
        pressed = str(office.people["robin"].id)
        form = office.ask("ada", "people.edit", pressed=pressed).form
        assert form is not None
        assert not office.submit("ada", form, email="R@sample.example", phone="13912345678").errors
        again = office.ask("ada", "people.edit", pressed=pressed).form
        assert again is not None
        values = {one.name: getattr(one, "value", "") for one in again.fields}
        assert (values["email"], values["phone"]) == ("r***@sample.example", "139****5678")
        assert not office.submit("ada", again).errors
        with office.world.new_uow(read_only=True) as uow:
            known = uow.contacts.get(office.people["robin"].id)
        assert known == ("+8613912345678", "r@sample.example")

    def test_one_address_is_one_persons(self, office: Office) -> None:
        known_elsewhere(office, "Kay Sample", email="kay@sample.example")
        form = office.ask("ada", "people.edit", pressed=str(office.people["robin"].id)).form
        assert form is not None
        reply = office.submit("ada", form, email="kay@sample.example")
        assert reply.errors == {"email": office.say("problem.contact_taken", name="Kay Sample")}
        assert set(office.submit("ada", form, email="nonsense").errors) == {"email"}

    def test_is_not_for_managers(self, office: Office) -> None:
        form = office.ask("max", "people.edit", pressed=str(office.people["robin"].id)).form
        assert form is not None
        assert not {"phone", "email"} & {one.name for one in form.fields}
        office.submit("max", form, email="x@sample.example")
        with office.world.new_uow(read_only=True) as uow:
            assert uow.contacts.get(office.people["robin"].id) == ("", "")


def people_card(office: Office) -> Card:
    card = office.ask("ada", "people.open").card
    assert card is not None
    return card


class TestExpected:
    """Somebody whom an admin adds before they have written to the bot."""

    def add(self, office: Office, account: str = "ada", **typed: str) -> Reply:
        form = office.ask(account, "people.add").form
        assert form is not None
        known = {"name": "Lin Sample", "role": "manager", "email": "lin@sample.example"}
        return office.submit(account, form, **(known | typed))

    async def test_is_known_by_the_first_message(self, office: Office) -> None:
        reply = self.add(office)
        assert reply.toast == office.say("people.added", name="Lin Sample")
        assert office.say("people.expected") in repr(reply.update)
        write(office, "lin", name="L.", email="lin@sample.example")
        lin = person_of(office, "lin")
        assert (lin.name, lin.role, lin.has_account) == ("Lin Sample", Role.MANAGER, True)
        await office.settle()
        assert office.inbox("ada") == office.inbox("lin") == []

    def test_gets_no_lead_before_that(self, office: Office) -> None:
        for account in ("robin", "dana"):
            office.change_person(account, lambda person: replace(person, weight=0))
        self.add(office, role="rep")
        office.log_lead()
        assert office.owner() == "max"
        [offer] = office.offers()
        assert ("Lin Sample", "no_account") in offer.why.skipped
        write(office, "lin", email="lin@sample.example")
        lead = office.log_lead(phone="139 1111 2222", email="", customer="Birch Sample Ltd")
        assert lead.owner_id == person_of(office, "lin").id

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"email": ""}, "email"),
            ({"email": "lin@"}, "email"),
            ({"email": "", "phone": "12"}, "phone"),
            ({"name": ""}, "name"),
            ({"name": "Robin Sample"}, "name"),
            ({"weight": "many"}, "weight"),
        ],
    )
    def test_a_wrong_entry_is_told_beside_its_field(
        self, office: Office, typed: dict[str, str], field: str
    ) -> None:
        before = office.rows("person")
        assert list(self.add(office, **typed).errors) == [field]
        assert office.rows("person") == before

    def test_nobody_is_added_twice(self, office: Office) -> None:
        self.add(office)
        assert list(self.add(office, name="Lee Sample").errors) == ["email"]
        assert [row["name"] for row in office.rows("person")].count("Lee Sample") == 0

    @pytest.mark.parametrize(
        ("email", "invited"), [("LEE@sample.example", True), ("lou@sample.example", False)]
    )
    async def test_whose_account_is_known_is_written_to(
        self, office: Office, email: str, invited: bool
    ) -> None:
        values = {"name": "Lee Sample", "role": "rep", "email": "lee@sample.example"}
        request = office.request("ada", "people.create", values=values)
        found = Sender(PLATFORM, "lee", "Lee", email=email)
        reply = office.send(replace(request, account=found))
        key = "people.added_invited" if invited else "people.added"
        assert reply.toast == office.say(key, name="Lee Sample")
        assert nobody(office, "lee") is not invited
        await office.settle()
        welcome = office.say("newcomer.let_in_title", name="Lee Sample")
        assert [card.title for card in office.inbox("lee")] == [welcome] * invited

    def test_an_account_of_somebody_else_is_not_taken(self, office: Office) -> None:
        values = {"name": "Lee Sample", "role": "rep", "email": "lee@sample.example"}
        request = office.request("ada", "people.create", values=values)
        found = Sender(PLATFORM, "robin", "Robin", email="lee@sample.example")
        office.send(replace(request, account=found))
        assert person_of(office, "robin").name == "Robin Sample"

    async def test_a_chosen_account_is_enough(self, office: Office) -> None:
        opened = replace(office.request("ada", "people.add"), picks_accounts=True)
        form = office.send(opened).form
        assert form is not None
        assert [one.name for one in form.fields if one.required] == ["role"]
        found = Sender(PLATFORM, "lee", "Lee Sample", email="Lee@sample.example", locale="zh-CN")
        values = {"account": "lee", "name": "", "role": "rep"}
        request = replace(office.request("ada", form.action, values=values), account=found)
        assert office.send(request).toast == office.say("people.added_invited", name="Lee Sample")
        assert person_of(office, "lee").locale == "zh_CN"
        await office.settle()
        assert office.inbox("lee")

    @pytest.mark.parametrize(
        ("chosen", "found"),
        [("guest", None), ("robin", "robin"), ("lee", "robin")],
        ids=["no member", "is here already", "not the one that was looked up"],
    )
    def test_a_chosen_account_that_cannot_be_added_is_refused(
        self, office: Office, chosen: str, found: str | None
    ) -> None:
        before = office.rows("person")
        values = {"account": chosen, "name": "Lee Sample", "role": "rep"}
        account = Sender(PLATFORM, found, "Robin") if found else None
        request = replace(office.request("ada", "people.create", values=values), account=account)
        assert list(office.send(request).errors) == ["account"]
        assert office.rows("person") == before

    @pytest.mark.parametrize("account", ["max", "robin"])
    def test_only_admins_add(self, office: Office, account: str) -> None:
        assert office.ask(account, "people.add").form is None
        values = {"name": "Lin Sample", "role": "admin", "email": "lin@sample.example"}
        assert office.ask(account, "people.create", values=values).errors
        assert "Lin Sample" not in repr(office.rows("person"))


class TestWhoIsNotVouchedFor:
    async def test_becomes_nobody_and_is_asked_to_try_again(self, office: Office) -> None:
        reply = write(office, "kay", name="Kay", doubtful=True)
        assert words_of(reply) == words_of(Reply(toast=office.say("error.not_vouched_for")))
        with office.world.new_uow(read_only=True) as uow:
            assert uow.people.find(PLATFORM, "kay") is None
        arrive(office, "kay", "Kay")
        assert person_of(office, "kay").role is Role.REP

    async def test_passes_when_known_already(self, office: Office) -> None:
        assert write(office, "robin", doubtful=True).card


async def test_all_that_is_wrong_with_somebody_new_is_told_at_once(office: Office) -> None:
    form = office.ask("ada", "people.add").form
    assert form is not None
    wrong = {"name": "", "phone": "12", "email": "x", "weight": "many", "hours": "late"}
    assert set(office.submit("ada", form, **wrong).errors) == set(wrong)
    assert set(office.submit("ada", form, name="").errors) == {"name", "email"}
