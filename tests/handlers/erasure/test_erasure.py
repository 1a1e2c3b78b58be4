"""A customer's contact, and a former colleague, are erased everywhere."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import String, select

from handlers.core.replies import Reply
from handlers.core.ui import Card, Checklist
from handlers.erasure import service
from sales.erasure import Erasure, ErasureState
from sales.leads import Stage
from sales.people import SYSTEM, Role
from sales.playbook.leads import Criterion, StageRules
from storage.database.types import SealedBytes, SealedText
from storage.erasure.ledger import line_of, parse_line
from storage.erasure.text_columns import PLACES
from storage.tables import metadata
from tests.clock import MONDAY
from tests.office import LEAD, Office

NAME, PHONE, EMAIL = "Quentin Probe", "139 5555 1234", "q.probe@acme.example"
CONTACT = {"contact": NAME, "phone": PHONE, "email": EMAIL}
LEFT = {"erasure"}
"""The ledger itself."""


def everything(office: Office) -> str:
    """All that is stored, decrypted."""
    stored: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in LEFT:
            continue
        with office.world.database.read() as connection:
            for row in connection.execute(select(table)).mappings():
                for column in table.columns:
                    value = row[column.name]
                    if value and isinstance(column.type, SealedBytes):
                        value = office.world.fields.read(value, column.type.place)
                    stored.append(json.dumps(value, default=str, ensure_ascii=False))
    return "\n".join(stored)


def ask(office: Office, who: str, account: str = "ada") -> Reply:
    form = office.ask(account, "erasure.open").form
    assert form is not None
    return office.submit(account, form, who=who)


def card_of(reply: Reply) -> Card:
    assert reply.card is not None, reply
    return reply.card


async def erase(office: Office, who: str) -> None:
    office.press("ada", card_of(ask(office, who)), "erasure.erase")
    await office.settle()


def talk(office: Office) -> None:
    """A lead with the person in many texts, and another that mentions them."""
    office.log_lead(**CONTACT, need=f"{NAME} wants a tool, ring 139-5555-1234")
    with office.world.new_uow() as uow:
        lead = uow.leads(SYSTEM).get(1)
        words = replace(lead, lost_reason="Probe said no", payment=f"{NAME} pays")
        uow.leads(SYSTEM).save(words)
        uow.commit()
    said = "LX001 call Mr Probe agreed, Quentin is happy, his desk is 021-6234 5678"
    assert office.ask("max", "followup.open", text=said).errors == {}
    remark = {"text": f"Quentin said: write to {EMAIL}"}
    assert not office.ask("max", "remark.create", state={"lead": "LX001"}, values=remark).errors
    other = {"contact": "Otto Other", "phone": "137 0000 0001", "email": "otto@acme.example"}
    office.log_lead(**other, customer="Other Sample", need=f"like {NAME}; Quentin Otherwise")


class TestContact:
    async def test_is_removed_everywhere(self, office: Office) -> None:
        talk(office)
        await office.settle()
        before = office.lead(1)
        stored = everything(office)
        for form in ("Probe", "5555", "q.probe", "6234", "Quentin is happy"):
            assert form in stored, form
        await erase(office, PHONE)
        stored = everything(office)
        for form in ("Probe", "5555", "q.probe", "6234", "Quentin is"):
            assert form not in stored, form
        after = office.lead(1)
        assert (after.contact, after.phone, after.email) == ("", "", "")
        assert (after.stage, after.owner_id, after.score) == (
            before.stage,
            before.owner_id,
            before.score,
        )
        assert after.customer == LEAD["customer"]
        assert "Quentin Otherwise" in office.lead(2).need
        assert office.lead(2).contact == "Otto Other"

    async def test_is_removed_from_every_column_that_is_searched(self, office: Office) -> None:
        talk(office)
        await office.settle()
        with office.world.database.write() as connection:
            for place in PLACES:
                named = {
                    column.name: NAME
                    for column in place.columns
                    if isinstance(column.type, String | SealedText) and not column.unique
                }
                if named:
                    connection.execute(place.table.update().values(named))
        assert everything(office).count(NAME) > 20
        await erase(office, PHONE)
        assert "Probe" not in everything(office)

    async def test_can_be_found_by_name_mail_and_number(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        for who in (NAME, EMAIL, "LX001", PHONE):
            facts = card_of(ask(office, who)).facts
            assert facts[0].value == "LX001", who

    async def test_is_previewed_and_may_be_left(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        stored = office.rows("lead")
        card = card_of(ask(office, NAME))
        assert office.say("erasure.in_leads") in str(card.sections[0].lines)
        office.press("ada", card, "erasure.drop")
        assert office.rows("erasure") == []
        assert office.rows("lead") == stored

    async def test_of_several_is_chosen(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        same = {"contact": NAME, "phone": "137 0000 0002", "email": "", "customer": "Third Ltd"}
        office.log_lead(**same)
        form = ask(office, NAME).form
        assert form is not None
        reply = office.submit("ada", form, chosen=("lead-1",))
        office.press("ada", card_of(reply), "erasure.erase")
        await office.settle()
        assert office.lead(1).contact == ""
        assert office.lead(2).contact == NAME

    @pytest.mark.parametrize(
        ("stored", "who"),
        [
            ({"contact": "李小例"}, "李小例总"),
            ({"contact": "李小例 Li Xiaoli"}, "Xiaoli Li"),
            ({"contact": "李总"}, "李总"),
            ({"contact": "Li Xiaoli", "wechat": "lxl_8866"}, "微信 LXL_8866"),
            ({"contact": "Li Xiaoli", "phone": "139 5555 1234"}, "＋86 139－5555－1234"),
        ],
    )
    async def test_can_be_found_otherwise(
        self, office: Office, stored: dict[str, str], who: str
    ) -> None:
        known = {"contact": NAME, "phone": "", "email": EMAIL, "customer": "B"}
        office.log_lead(**(known | stored))
        office.log_lead(customer="C", contact="Otto Other", phone="137 0000 0001", email="")
        card = card_of(ask(office, who))
        assert card.facts[0].value == "LX001"
        assert office.say("erasure.in_leads") in str(card.sections[0].lines)

    @pytest.mark.parametrize("who", ["sample bolts", "Sample Bolts Ltd"])
    async def test_of_a_customer_is_asked_for_even_if_there_is_one(
        self, office: Office, who: str
    ) -> None:
        office.log_lead(**CONTACT, customer="Sample Bolts Ltd")
        form = ask(office, who).form
        assert form is not None
        reply = office.submit("ada", form, chosen=("lead-1",))
        assert card_of(reply).facts[0].value == "LX001"
        assert NAME in str(card_of(reply).facts)

    async def test_is_no_customer(self, office: Office) -> None:
        office.log_lead(contact="", phone="", email="", customer="Sample Bolts Ltd")
        reply = ask(office, "sample bolts ltd")
        assert office.say("error.erasure_nobody") in str(reply.errors)

    async def test_shows_examples_without_the_person(self, office: Office) -> None:
        talk(office)
        shown = str(card_of(ask(office, NAME)))
        assert "••• said: write to •••" in shown
        assert "5555" not in shown.replace("139****1234", "")

    async def test_is_erased_from_every_lead_of_theirs(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        second = {"contact": "Probe Quentin", "phone": "137 0000 0001", "email": ""}
        office.log_lead(**second, customer="Second Ltd")
        third = {"contact": "Desk", "phone": "137 0000 0002", "email": ""}
        office.log_lead(**third, customer="Third Ltd")
        with office.world.new_uow() as uow:
            for number, contact in ((2, "+8613955551234"), (3, EMAIL)):
                lead = uow.leads(SYSTEM).get(number)
                uow.leads(SYSTEM).save(replace(lead, others=(contact,)))
            uow.commit()
        form = ask(office, "LX002").form
        assert form is not None
        [field] = form.fields
        assert isinstance(field, Checklist)
        labels = [option.label for option in field.options]
        assert [label.count("LX00") for label in labels] == [1, 2]
        reply = office.submit("ada", form, chosen=(field.options[1].value,))
        preview = card_of(reply)
        assert office.say("erasure.sharing", leads="LX003") in str(preview.sections)
        office.press("ada", preview, "erasure.erase")
        await office.settle()
        assert [office.lead(n).contact for n in (1, 2, 3)] == ["", "", "Desk"]
        assert [office.lead(n).others for n in (1, 2, 3)] == [(), (), (EMAIL,)]

    async def test_other_spellings_are_erased_too(self, office: Office) -> None:
        office.log_lead(**CONTACT, need="葵小样 asked; formerly 137 0000 0009")
        form = office.ask("ada", "erasure.open").form
        assert form is not None
        reply = office.submit("ada", form, who=NAME, also="葵小样\n137-0000-0009")
        office.press("ada", card_of(reply), "erasure.erase")
        await office.settle()
        assert "葵小样" not in everything(office)

    async def test_is_called_less_where_their_lead_is_named(self, office: Office) -> None:
        office.log_lead(**(CONTACT | {"contact": "李小例"}))
        office.log_lead(contact="李大例", phone="137 0000 0001", email="", customer="Second Ltd")
        words = {"lead": "LX002"}
        for text in ("as for LX001, 李总 agreed", "李总 of the second agreed"):
            said = {"text": text}
            assert not office.ask("max", "remark.create", state=words, values=said).errors
        await erase(office, "李小例")
        stored = everything(office)
        assert "as for LX001, ••• agreed" in stored
        assert "李总 of the second agreed" in stored

    async def test_is_erased_from_the_playbook(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        with office.world.new_uow() as uow:
            current = uow.playbooks.current()
            criterion = Criterion(key="asked", en=f"{NAME} was asked", zh=f"{NAME}问过")
            stages = current.stages | {Stage.CAPTURED: StageRules(criteria=(criterion,))}
            uow.playbooks.store(current.model_copy(update={"stages": stages}), SYSTEM, MONDAY)
            uow.commit()
        await erase(office, NAME)
        assert "Probe" not in everything(office)
        with office.world.new_uow(read_only=True) as uow:
            assert "Probe" not in uow.playbooks.current().model_dump_json()

    async def test_ends_with_a_result(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        await erase(office, NAME)
        assert office.inbox("ada")[-1].title == office.say("erasure.done_title")
        [row] = office.rows("erasure")
        assert (row["state"], row["forms"] or {}) == ("done", {})
        acts = [one["act"] for one in office.rows("audit")]
        assert acts.count("erasure.carry_out") == acts.count("erasure.done") == 1
        assert "Probe" not in str(office.rows("audit")) + str(office.rows("erasure"))

    async def test_unknown_is_said(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        reply = ask(office, "Nobody Knows")
        assert office.say("error.erasure_nobody") in str(reply.errors or reply.toast)

    async def test_is_erased_without_a_lead_of_their_own(self, office: Office) -> None:
        office.log_lead(need=f"recommended by {NAME}")
        await erase(office, NAME)
        assert "Probe" not in everything(office)
        assert office.lead(1).contact == LEAD["contact"]


class TestColleague:
    async def test_is_removed_everywhere(self, office: Office) -> None:
        left = office.hire("quin", NAME, Role.REP)
        with office.world.new_uow() as uow:
            uow.contacts.save(left.id, "+8613955551234", EMAIL)
            uow.commit()
        office.log_lead(need=f"ask {NAME}")
        office.change_person("quin", lambda person: replace(person, active=False))
        await office.settle()
        await erase(office, NAME)
        stored = everything(office)
        for form in ("Probe", "5555", "q.probe", '"quin"'):
            assert form not in stored, form
        assert office.person("quin").name == office.say("erasure.former_colleague", n=left.id)

    async def test_must_have_left(self, office: Office) -> None:
        reply = ask(office, "Robin Sample")
        words = office.say("error.erasure_still_active", name="Robin Sample")
        assert words in str(reply.errors or reply.toast)


class TestRestored:
    async def test_is_erased_again(self, office: Office) -> None:
        talk(office)
        await erase(office, NAME)
        lines = [line_of(one, office.world.fields) for one in ledger(office)]
        forget_erasure(office)
        bring_back(office)
        assert "Probe" in everything(office)
        repeated = repeat(office, lines)
        await office.settle()
        assert [one.replayed for one in repeated] == [True]
        assert "Probe" not in everything(office)
        assert office.lead(1).phone == ""
        assert repeat(office, lines) == []

    async def test_is_erased_again_at_the_start(self, office: Office) -> None:
        talk(office)
        await erase(office, NAME)
        world = office.world
        try:
            assert world.ledger.write(world.new_uow) == 1
            assert world.ledger.write(world.new_uow) == 0
            forget_erasure(office)
            bring_back(office)
            world.prepare_database()
            await office.settle()
        finally:
            world.ledger.path.unlink()
        assert "Probe" not in everything(office)
        assert [one["act"] for one in office.rows("audit")].count("erasure.carry_out") == 2

    async def test_erases_a_colleague_who_had_not_left_yet(self, office: Office) -> None:
        left = office.hire("quin", NAME, Role.REP)
        office.change_person("quin", lambda person: replace(person, active=False))
        await erase(office, NAME)
        lines = [line_of(one, office.world.fields) for one in ledger(office)]
        forget_erasure(office)
        office.change_person("quin", lambda person: replace(person, name=NAME, active=True))
        [repeated] = repeat(office, lines)
        assert repeated.person_id == left.id
        assert not office.person("quin").active
        assert office.person("quin").name != NAME

    async def test_spares_another_lead_of_the_same_number(self, office: Office) -> None:
        office.log_lead(**CONTACT)
        await erase(office, NAME)
        entry = replace(ledger(office)[0], leads=((1, "2020-01-01T00:00:00+00:00"),))
        line = line_of(entry, office.world.fields)
        forget_erasure(office)
        with office.world.new_uow() as uow:
            lead = uow.leads(SYSTEM).get(1)
            uow.leads(SYSTEM).save(replace(lead, contact="Otto Other", phone="+8613700000001"))
            uow.commit()
        [noted] = repeat(office, [line])
        assert noted.state is ErasureState.DONE
        assert office.lead(1).contact == "Otto Other"


def ledger(office: Office) -> list[Erasure]:
    with office.world.new_uow(read_only=True) as uow:
        return uow.erasures.carried_out()


def forget_erasure(office: Office) -> None:
    with office.world.database.write() as connection:
        for name in ("erasure", "work"):
            connection.execute(metadata.tables[name].delete())


def bring_back(office: Office) -> None:
    """The lead as an older backup has it."""
    with office.world.new_uow() as uow:
        lead = uow.leads(SYSTEM).get(1)
        known = replace(lead, contact=NAME, phone="+8613955551234", need=f"{NAME} again")
        uow.leads(SYSTEM).save(known)
        uow.commit()


def repeat(office: Office, lines: list[str]) -> list[Erasure]:
    entries = [parse_line(line, office.world.fields) for line in lines]
    with office.world.new_uow() as uow:
        done = service.replay(entries, office.world.contexts.unasked(uow))
        uow.commit()
    return done


class TestOverview:
    def test_lists_every_rule(self, office: Office) -> None:
        card = card_of(office.ask("ada", "erasure.overview"))
        assert len(card.sections[0].lines) == 9
        assert office.ask("max", "erasure.overview").card is None


class TestExport:
    def test_collects_every_text(self, office: Office) -> None:
        talk(office)
        with office.world.new_uow() as uow:
            context = office.world.contexts.unasked(uow)
            found = service.collect(service.find_people(EMAIL, context), context)
            uow.commit()
        assert [lead["number"] for lead in found["leads"]] == ["LX001"]
        places = {text["place"] for text in found["texts"]}
        assert {"lead.need", "followup.summary", "remark.text"} <= places
        assert office.rows("audit")[-1]["act"] == "person.export"
