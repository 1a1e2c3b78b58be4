"""Owners and words of a file that are not here: announced, chosen, added on Import, and undone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from handlers.core.ui import Card, Form
from sales.people import Role
from storage.reports.conditions import created
from storage.tables import lead
from tests.furnished import Offices
from tests.handlers.imports.test_imports import by_customer, imported, pressed, sent
from tests.office import PLATFORM, SHANGHAI, Office, words_of

SATURDAY = datetime(2026, 11, 28, 10, tzinfo=SHANGHAI)
FILE = (
    b"Company,Owner,Product,Stage,Amount,Close Date\n"
    b"Oak Example,Nova Newman,MG Advanced,Won,500,2026-03-14\n"
    b"Elm Example,Nova Newman,GTX Pro,Won,700,2026-05-02\n"
    b'Ash Example,"Quill, Pax",GTXPro,Lost,,2026-06-20\n'
    b"Fir Example,Robin Sample,Basic edition,New,,\n"
)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(SATURDAY) as office:
        yield office


def names(office: Office) -> dict[str, Any]:
    return {row["name"]: row for row in office.rows("person")}


def products(office: Office) -> dict[str, str]:
    with office.world.new_uow(read_only=True) as uow:
        terms = uow.playbooks.current().vocabulary.products
    return {term.en: term.key for term in terms}


def form_of(office: Office, card: Card, action: str, account: str = "ada") -> Form:
    [button] = [one for one in (*card.buttons, *card.more) if one.action == action]
    form = office.ask(account, action, pressed=button.value).form
    assert form is not None
    return form


class TestOwners:
    async def test_are_announced_and_created_when_an_admin_imports(self, office: Office) -> None:
        card = await sent(office, FILE, "ada")
        said = words_of(card)
        promised = office.say("import.creates", n=2, names="Nova Newman, Quill, Pax")
        assert promised.replace("、", ", ") in said.replace("、", ", ").replace(" and ", ", ")
        assert "Nova Newman" not in names(office)
        await imported(office, card, "ada")
        people = names(office)
        leads = by_customer(office)
        assert leads["Oak Example"].owner_id == people["Nova Newman"]["id"]
        assert leads["Ash Example"].owner_id == people["Pax Quill"]["id"]
        assert people["Nova Newman"]["role"] == Role.REP
        assert leads["Oak Example"].amount == Decimal(500)

    async def test_are_kept_as_names_by_who_may_not_create_people(self, office: Office) -> None:
        card = await sent(office, FILE, "max")
        await imported(office, card, "max")
        assert "Nova Newman" not in names(office)
        oak = by_customer(office)["Oak Example"]
        assert oak.owner_id is None
        shown = office.ask("max", "lead.show", pressed=oak.number).card
        assert shown is not None
        assert "Nova Newman" in words_of(shown)
        assert b"Nova" not in b"".join(office.sealed("imported", "owner"))

    async def test_are_mapped_one_by_one(self, office: Office) -> None:
        card = await sent(office, FILE, "ada")
        form = form_of(office, card, "import.owners")
        robin = str(office.people["robin"].id)
        answers = {field.name: "name" for field in form.fields}
        [nova] = [field.name for field in form.fields if "Nova" in field.label]
        assert not office.submit("ada", form, **answers | {nova: robin}).errors
        await office.settle()
        await imported(office, office.inbox("ada")[-1], "ada")
        leads = by_customer(office)
        assert leads["Oak Example"].owner_id == leads["Elm Example"].owner_id == int(robin)
        assert leads["Ash Example"].owner_id is None
        assert "Pax Quill" not in names(office)

    async def test_only_offered_people_are_taken(self, office: Office) -> None:
        card = await sent(office, FILE, "max")
        form = form_of(office, card, "import.owners", "max")
        field = form.fields[0].name
        assert office.submit("max", form, **{field: str(office.people["kim"].id)}).errors
        assert office.submit("max", form, **{field: "create"}).errors

    async def test_who_arrives_later_is_told_to_the_admins_as_the_same(
        self, office: Office
    ) -> None:
        await imported(office, await sent(office, FILE, "ada"), "ada")
        request = office.request("nova", "help.open")
        office.send(replace(request, sender=replace(request.sender, name="Nova Newman")))
        office.decide("Nova Newman", "button.is_known", name="Nova Newman")
        with office.world.new_uow(read_only=True) as uow:
            person = uow.people.find(PLATFORM, "nova")
        assert person is not None
        assert by_customer(office)["Oak Example"].owner_id == person.id

    async def test_whose_names_were_kept_get_their_leads_later(self, office: Office) -> None:
        await imported(office, await sent(office, FILE, "max"), "max")
        nova = office.hire("nova", "Nova Newman", Role.REP)
        form = office.ask("max", "import.open", text="owners").form
        assert form is not None
        assert [getattr(field, "value", "") for field in form.fields] == [str(nova.id), "none"]
        reply = office.submit("max", form)
        assert reply.toast == office.say("import.adopted", n=2, left=0)
        leads = by_customer(office)
        assert leads["Oak Example"].owner_id == leads["Elm Example"].owner_id == nova.id
        assert leads["Ash Example"].owner_id is None
        again = office.ask("max", "import.open", text="负责人").form
        assert again is not None
        assert len(again.fields) == 1
        assert office.ask("robin", "import.adopt").form is None

    async def test_by_address(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            uow.contacts.save(office.people["robin"].id, "", "robin@ours.example")
            uow.commit()
        text = b"Company,Owner,x\nOak,Robin@ours.example,1\nElm,nova@ours.example,1\n"
        await imported(office, await sent(office, text, "ada"), "ada")
        leads = by_customer(office)
        assert leads["Oak"].owner_id == office.people["robin"].id
        assert leads["Elm"].owner_id == names(office)["nova"]["id"]


class TestWords:
    async def test_are_added_and_never_guessed(self, office: Office) -> None:
        before = products(office)
        await imported(office, await sent(office, FILE, "ada"), "ada")
        after = products(office)
        assert {*after} - {*before} in ({"MG Advanced", "GTX Pro"}, {"MG Advanced", "GTXPro"})
        leads = by_customer(office)
        assert leads["Oak Example"].product == after["MG Advanced"] != before["Advanced edition"]
        assert leads["Elm Example"].product == leads["Ash Example"].product
        assert leads["Fir Example"].product == before["Basic edition"]

    async def test_a_manager_is_asked_first(self, office: Office) -> None:
        card = await sent(office, FILE, "max")
        kept = office.say("import.wrong_term")
        assert kept in words_of(card)
        form = form_of(office, card, "import.rules", "max")
        assert not office.submit("max", form, learn_product="add").errors
        await office.settle()
        card = office.inbox("max")[-1]
        assert kept not in words_of(card)
        await imported(office, card, "max")
        assert "MG Advanced" in products(office)

    async def test_what_is_no_vocabulary_is_kept_in_the_need(self, office: Office) -> None:
        rows = "".join(f"C{n} Example,Thing {n} of {n}\n" for n in range(80))
        before = products(office)
        await imported(
            office, await sent(office, f"Company,Product\n{rows}".encode(), "ada"), "ada"
        )
        assert products(office) == before
        assert by_customer(office)["C7 Example"].need == "Product: Thing 7 of 7"


class TestUndo:
    async def test_takes_back_people_and_words_in_one_press(self, office: Office) -> None:
        people, words = names(office), products(office)
        card = await imported(office, await sent(office, FILE, "ada"), "ada")
        assert names(office) != people
        await pressed(office, card, "import.undo", "ada")
        assert names(office) == people
        assert products(office) == words
        assert office.leads() == []

    async def test_keeps_who_has_come_meanwhile_and_what_is_used(self, office: Office) -> None:
        card = await imported(office, await sent(office, FILE, "ada"), "ada")
        mg = products(office)["MG Advanced"]
        other = office.log_lead("robin", customer="Own Ltd", owner="keep")
        office.change_lead(other.id, lambda own: replace(own, product=mg))
        await pressed(office, card, "import.undo", "ada")
        assert "MG Advanced" in products(office)
        assert not {"GTX Pro", "GTXPro"} & {*products(office)}


class TestSheets:
    @staticmethod
    def workbook() -> bytes:
        book, written = Workbook(), BytesIO()
        book.active.title = "Leads"  # type: ignore[union-attr]
        book.active.append(("Company", "Contact", "Phone", "Stage"))  # type: ignore[union-attr]
        book.active.append(("Oak Example", "Ola", "", "New"))  # type: ignore[union-attr]
        customers = book.create_sheet("Customers")
        customers.append(("客户名称", "联系人", "手机"))
        customers.append(("样例乙有限公司", "乙一", "13812440001"))
        book.create_sheet("Words").append(("来源", "阶段"))
        book.save(written)
        return written.getvalue()

    async def test_several_that_fit_are_offered(self, office: Office) -> None:
        card = await sent(office, self.workbook(), "max", "two.xlsx")
        assert "Oak Example" in words_of(card)
        form = form_of(office, card, "import.sheets", "max")
        assert [option.label for option in form.fields[0].options] == ["Leads", "Customers"]  # type: ignore[union-attr]
        assert not office.submit("max", form, sheet="1").errors
        await office.settle()
        card = office.inbox("max")[-1]
        assert "样例乙有限公司" in words_of(card)
        await imported(office, card, "max")
        assert set(by_customer(office)) == {"样例乙有限公司"}


class TestEncoding:
    async def test_is_named_and_may_be_chosen(self, office: Office) -> None:
        content = "客户,联系人,电话\n甲示例科技,王样本,13812440001\n".encode("gb18030")
        card = await sent(office, content, "max")
        assert "GB18030" in words_of(card)
        form = form_of(office, card, "import.rules", "max")
        refused = office.submit("max", form, encoding="Windows-1251", customer="乙示例")
        assert not refused.errors
        await office.settle()
        card = office.inbox("max")[-1]
        assert "Windows-1251" in words_of(card)
        form = form_of(office, card, "import.rules", "max")
        assert office.submit("max", form, encoding="UTF-8", customer="乙示例").errors
        assert not office.submit("max", form, encoding="GB18030", customer="乙示例").errors
        await office.settle()
        await imported(office, office.inbox("max")[-1], "max")
        assert set(by_customer(office)) == {"甲示例科技"}


class TestWechat:
    async def test_a_known_one_is_the_same_contact(self, office: Office) -> None:
        text = "公司,微信\n甲示例,Kay_sample\n"
        await imported(office, await sent(office, text.encode(), "max"), "max")
        text = "公司,微信\n乙示例,kay_SAMPLE\n丙示例,kay_other\n丁示例,Kay_other\n"
        await imported(office, await sent(office, text.encode(), "max"), "max")
        assert set(by_customer(office)) == {"甲示例", "丙示例"}


class TestHistory:
    async def test_leads_without_a_day_are_not_new(self, office: Office) -> None:
        text = b"Company,Stage,Close Date\nOak,New,\nElm,Won,2026-11-25\nAsh,Won,\n"
        await imported(office, await sent(office, text, "max"), "max")
        rows = {row["lead_id"]: row["dated"] for row in office.rows("imported")}
        assert set(rows.values()) == {False}
        leads = by_customer(office)
        assert leads["Ash"].closed_at is None
        closed = leads["Elm"].closed_at
        assert closed is not None
        assert closed.astimezone(SHANGHAI).date().isoformat() == "2026-11-25"
        assert new_since(office, SATURDAY - timedelta(days=400)) == []

    async def test_leads_with_a_day_are_new_on_it(self, office: Office) -> None:
        text = b"Company,Stage,Created Date\nOak,New,2026-11-25\nElm,New,2026-10-01\nAsh,New,\n"
        await imported(office, await sent(office, text, "max"), "max")
        assert new_since(office, SATURDAY - timedelta(days=5)) == ["Oak"]
        assert new_since(office, SATURDAY - timedelta(days=90)) == ["Elm", "Oak"]


def new_since(office: Office, moment: datetime) -> list[str]:
    """The customers whose leads count as new since then."""
    query = select(lead.c.customer).where(created(moment, SATURDAY + timedelta(days=1)))
    with office.world.database.read() as connection:
        return sorted(connection.scalars(query))


class TestPreview:
    async def test_shows_the_amount_of_an_open_deal_as_its_budget(self, office: Office) -> None:
        card = await sent(office, b"Company,Stage,Amount\nOak Example,Proposal,1200.5\n", "ada")
        budget = office.language.money(Decimal("1200.5"))
        assert office.say("import.as_budget", budget=budget) in words_of(card)

    async def test_a_lost_deal_asks_no_more_questions(self, office: Office) -> None:
        card = await sent(office, b"Company,Stage,Close Date\nOak,Lost,2026-11-02\n", "ada")
        await imported(office, card, "ada")
        shown = office.ask("ada", "lead.show", pressed="LX001").card
        asked = office.say("score.ask_authority")
        assert shown is not None
        assert asked not in words_of(shown)
