"""``/import``: a file is read, previewed, imported page by page, and undone."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.core.replies import Reply
from handlers.core.requests import Upload
from handlers.core.ui import Card
from handlers.imports import jobs as working
from handlers.imports import service
from sales.imports.plan import PAGE
from sales.leads import Grade, Lead, Stage
from sales.people import Role
from sales.playbook import Pool, PoolMember, RoutingRule
from storage import tables
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, words_of
from tests.pages import without_tokens

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
HEAD = "Customer,Contact,Phone,E-mail,Product,Owner,Stage,Amount,Created,Closed"
SMALL = f"""{HEAD}
Acme Sample Ltd,Zhang,138 1234 5678,z@acme.example,Basic edition,Robin Sample,New,,2024-01-08,
Beta Sample,Li,,li@beta.example,Advancd edition,Dana Example,Won,"120,000",2023-11-01,2023-12-15
Gamma Sample,Wu,139 0000 1111,,Toaster,,Lost,,2023-11-01,2023-11-30
,Nobody,,,,,,,,
Delta Sample,Xu,12,not an address,,Kim Sample,,,31/12/2025,
Epsilon Sample,Zhao,13812345678,,,Stranger Person,,8万,,
""".encode()


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


async def sent(
    office: Office, content: bytes = SMALL, account: str = "max", name: str = "leads.csv"
) -> Card:
    """The card after a file was sent and looked through."""
    reply = send(office, content, account, name)
    assert not reply.errors, reply.errors
    assert reply.card is None, reply.card
    await office.settle()
    return office.inbox(account)[-1]


def send(office: Office, content: bytes, account: str = "max", name: str = "leads.csv") -> Reply:
    return office.ask(account, "import.take", upload=Upload(name, content))


async def imported(office: Office, card: Card, account: str = "max") -> Card:
    """The card after the Import button."""
    return await pressed(office, card, "import.start", account)


async def pressed(office: Office, card: Card, action: str, account: str = "max") -> Card:
    [button] = [one for one in card.buttons if one.action == action]
    reply = office.ask(account, action, pressed=button.value)
    assert not reply.errors, reply.errors
    assert reply.update is not None, reply
    await office.settle()
    return office.inbox(account)[-1]


async def decided(office: Office, card: Card, account: str = "max", **typed: str) -> Card:
    """The card after the defaults were changed."""
    form = office.ask(account, "import.rules", pressed=_value(card)).form
    assert form is not None
    reply = office.submit(account, form, **typed)
    assert not reply.errors, reply.errors
    await office.settle()
    return office.inbox(account)[-1]


def _value(card: Card) -> str:
    return next(one.value for one in card.buttons if one.action.startswith("import."))


def by_customer(office: Office) -> dict[str, Lead]:
    return {lead.customer: lead for lead in office.leads()}


def findings(card: Card) -> dict[str, tuple[str, str]]:
    [table] = [part.table for part in card.sections if part.table and len(part.table.columns) == 3]
    return {what: (count, which) for what, count, which in table.rows}


def count(office: Office, table: Any) -> int:
    with office.world.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def many(rows: int) -> bytes:
    """A file of so many customers."""
    return "\n".join(["客户", *(f"Customer {n}" for n in range(rows))]).encode()


class TestFromFileToLeads:
    async def test_nothing_is_stored_before_somebody_says_so(self, office: Office) -> None:
        card = await sent(office)
        assert office.leads() == []
        assert card.title == office.say("import.card_checked", name="leads.csv")
        said = words_of(card)
        assert "Customer ← Customer" in said
        assert button_of(card, office.say("import.start", n=3))
        assert card.sections[-1].table.rows[0][:2] == ("Acme Sample Ltd", "Zhang")  # type: ignore[union-attr]
        assert "138****5678" in said
        assert "1381234" not in said.replace(" ", "")

    async def test_each_row_becomes_what_it_says(self, office: Office) -> None:
        await imported(office, await sent(office))
        leads = by_customer(office)
        assert set(leads) == {"Acme Sample Ltd", "Beta Sample", "Gamma Sample"}
        acme, beta, gamma = (
            leads[name] for name in ("Acme Sample Ltd", "Beta Sample", "Gamma Sample")
        )
        assert (acme.phone, acme.email) == ("+8613812345678", "z@acme.example")
        assert acme.created_at.astimezone(SHANGHAI).date() == date(2024, 1, 8)
        assert acme.owner_id == office.people["robin"].id
        assert acme.source == "other-import-leads"
        assert (beta.stage, beta.amount, beta.product) == (Stage.WON, Decimal(120_000), "advanced")
        assert beta.closed_at is not None
        assert beta.closed_at.astimezone(SHANGHAI).date() == date(2023, 12, 15)
        assert (gamma.stage, gamma.owner_id, gamma.need) == (Stage.LOST, None, "Product: Toaster")

    async def test_what_is_wrong_is_told_with_its_rows(self, office: Office) -> None:
        card = await sent(office)
        found = findings(card)

        def said(field: str, what: str) -> str:
            return office.say(
                "import.finding",
                field=office.say(f"field.{field}"),
                what=office.say(f"import.wrong_{what}"),
            )

        assert found[said("customer", "missing")] == ("1", "5")
        assert found[said("owner", "owner_foreign")] == ("1", "6")
        assert found[said("product", "read_as")] == ("1", "3")
        assert found[said("product", "term")] == ("1", "4")
        assert found[office.say("import.row_same")] == ("1", "7")

    async def test_the_rows_to_mend_come_as_a_file(self, office: Office) -> None:
        card = await sent(office, SMALL + b"=1+1,@x,+86,,,,Nonsense,,,\n")
        reply = office.ask("max", "import.errors", pressed=_value(card))
        assert reply.attachment is not None
        text = reply.attachment.content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert [row[0] for row in rows[1:]] == ["3", "4", "5", "6", "7", "8"]
        assert rows[-1][2:5] == ["'=1+1", "'@x", "'+86"]
        assert "Advanced edition" in rows[1][1]

    async def test_a_default_customer_takes_the_rows_without_one(self, office: Office) -> None:
        card = await decided(office, await sent(office), customer="Unknown", unowned="me")
        await imported(office, card)
        leads = by_customer(office)
        assert leads["Unknown"].contact == "Nobody"
        assert leads["Unknown"].owner_id == office.people["max"].id

    async def test_columns_can_be_chosen(self, office: Office) -> None:
        card = await sent(office, b"a,b\nFirst Sample,13800001111\nSecond Sample,\n")
        assert card.title == office.say("import.card_read", name="leads.csv")
        form = office.ask("max", "import.columns", pressed=_value(card)).form
        assert form is not None
        values = {field.name: getattr(field, "value", "") for field in form.fields}
        assert values["phone"] == "1"
        assert office.submit("max", form, customer="none").errors
        assert not office.submit("max", form, customer="0").errors
        await office.settle()
        await imported(office, office.inbox("max")[-1])
        assert by_customer(office)["First Sample"].phone == "+8613800001111"

    async def test_routing_shares_out_what_names_nobody(self, office: Office) -> None:
        members = (PoolMember(person="Robin Sample", weight=3), PoolMember(person="Kim Sample"))
        office.rules(routing=(RoutingRule(name="all", pool=members),))
        card = await decided(office, await sent(office, many(PAGE + 100)), unowned="rules")
        await imported(office, card)
        owners = Counter(lead.owner_id for lead in office.leads())
        robin, kim = office.people["robin"].id, office.people["kim"].id
        assert owners == {robin: (PAGE + 100) * 3 // 4, kim: (PAGE + 100) // 4}

    async def test_routing_gives_nobody_more_than_they_take(self, office: Office) -> None:
        office.rules(routing=(RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),)),))
        office.change_person("robin", lambda one: replace(one, capacity=7))
        card = await decided(office, await sent(office, many(PAGE + 10)), unowned="rules")
        await imported(office, card)
        owned = [lead for lead in office.leads() if lead.owner_id]
        assert len(owned) == 7
        assert len(office.rows("pool_stay")) == PAGE + 3

    async def test_everybody_hears_once_of_all_their_leads(self, office: Office) -> None:
        office.rules(routing=(RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),)),))
        await imported(office, await decided(office, await sent(office, many(30)), unowned="rules"))
        [told] = office.inbox("robin")
        assert told.title == office.say("import.yours", n=30)
        assert "leads.csv" in told.footnote
        assert office.inbox("dana") == []

    async def test_no_clock_starts_unless_chosen(self, office: Office) -> None:
        content = "客户,负责人\n甲示例,Robin Sample\n".encode()
        await imported(office, await sent(office, content))
        assert office.rows("clock") == []
        card = await decided(office, await sent(office, content), clocks="yes")
        await imported(office, card)
        assert len(office.rows("clock")) == 1

    async def test_the_stages_are_history(self, office: Office) -> None:
        await imported(office, await sent(office))
        beta = by_customer(office)["Beta Sample"]
        rows = [row for row in office.rows("stage_interval") if row["lead_id"] == beta.id]
        assert [row["stage"] for row in rows] == ["screened", "won"]
        assert rows[0]["left_at"] == rows[1]["entered_at"] == beta.closed_at


class TestDuplicates:
    async def test_a_lead_of_long_ago_is_safe_from_the_pool_for_a_while(
        self, office: Office
    ) -> None:
        office.rules(pool=Pool(return_after=10, protect_days=7, grades=tuple(Grade)))
        text = "customer,owner,created,stage\nAcme Ltd,Robin Sample,2023-01-08,Captured\n"
        await imported(office, await sent(office, text.encode()))
        lead = by_customer(office)["Acme Ltd"]
        assert office.owner(lead.id) == "robin"
        await office.travel(2024, 3, 12, 9)
        assert office.owner(lead.id) == "robin"
        await office.travel(2024, 3, 14, 9)
        assert office.lead(lead.id).is_pooled

    async def test_that_one_exists_is_told_and_not_whose(self, office: Office) -> None:
        office.log_lead("kim", customer="Secret Ltd", owner="keep")
        content = b"Customer,Phone,E-mail\nOther,13812345678,\nThird,,ZHANG@acme.example\n"
        card = await sent(office, content, "robin")
        said = words_of(card)
        assert findings(card)[office.say("import.row_same")] == ("2", "2, 3")
        assert "Secret" not in said
        assert "Kim" not in said
        assert not [one for one in card.buttons if one.action == "import.start"]
        file = office.ask("robin", "import.errors", pressed=_value(card)).attachment
        assert file is not None
        assert b"Secret" not in file.content

    async def test_likely_ones_are_warned_of_and_can_be_left_out(self, office: Office) -> None:
        office.log_lead("kim", customer="Harbour Robotics Ltd", phone="", owner="keep")
        content = b"Customer,Phone\nHarbour Robotics Inc,\nQuite Another,\n"
        card = await sent(office, content)
        assert findings(card)[office.say("import.row_likely")] == ("1", "2")
        card = await decided(office, card, likely="skip")
        await imported(office, card)
        assert "Harbour Robotics Inc" not in by_customer(office)

    async def test_one_that_came_up_meanwhile_is_left_out(self, office: Office) -> None:
        card = await sent(office, b"Customer,Phone\nAcme,13812345678\nBeta,\n")
        office.log_lead("robin", owner="keep")
        await imported(office, card)
        assert len(office.leads()) == 2


class TestIntoThePool:
    async def test_what_names_nobody_waits_in_the_pool(self, office: Office) -> None:
        content = "Customer,Owner,Stage\nAcme,,New\nBeta,Robin Sample,New\nGamma,,Lost\nRho,,\n"
        card = await sent(office, content.encode())
        said = office.say("import.count_pooled", n=2, shown="2")
        assert said in words_of(card)
        assert office.say("import.to_pool") in words_of(card)
        card = await imported(office, card)
        assert said in words_of(card)
        leads = by_customer(office)
        assert {name for name, lead in leads.items() if lead.is_pooled} == {"Acme", "Rho"}
        rows = office.rows("pool_stay")
        assert {row["lead_id"] for row in rows} == {leads["Acme"].id, leads["Rho"].id}
        assert {row["reason"] for row in rows} == {"imported"}
        pool = office.ask("robin", "pool.open").card
        assert pool is not None
        assert office.say("pool.why_imported") in words_of(pool)
        assert not office.ask("robin", "pool.claim", pressed=leads["Acme"].number).errors
        assert office.owner(leads["Acme"].id) == "robin"

    async def test_the_leaders_hear_once_and_not_of_each(self, office: Office) -> None:
        office.hire("mia", "Mia Manager", Role.MANAGER)
        await imported(office, await sent(office, many(PAGE + 20)))
        await office.travel(2024, 3, 1, 11)
        title = office.say("import.pooled", n=PAGE + 20)
        assert [card.title for card in office.inbox("mia")] == [title]
        assert title not in {card.title for card in office.inbox("max")}
        assert office.inbox("robin") == []

    async def test_what_the_rules_have_nobody_for_goes_there_too(self, office: Office) -> None:
        nobody = (PoolMember(person="Robin Sample"),)
        office.rules(routing=(RoutingRule(name="all", pool=nobody),))
        away = date(2024, 3, 20)
        for account in ("robin", "dana", "kim"):
            office.change_person(account, lambda one: replace(one, away_until=away))
        card = await decided(office, await sent(office, many(3)), unowned="rules")
        card = await imported(office, card)
        assert len(office.rows("pool_stay")) == 3
        assert office.say("import.count_pooled", n=3, shown="3") in words_of(card)

    async def test_undone_it_leaves_the_pool_but_for_what_was_claimed(self, office: Office) -> None:
        card = await imported(office, await sent(office, many(3)))
        office.ask("robin", "pool.claim", pressed="LX002")
        card = await pressed(office, card, "import.undo")
        assert [lead.id for lead in office.leads()] == [2]
        assert [row["lead_id"] for row in office.rows("pool_stay")] == [2]
        assert office.say("import.removed", n=2) in card.body


class TestUndo:
    async def test_removes_all_that_nobody_touched(self, office: Office) -> None:
        card = await imported(office, await decided(office, await sent(office), clocks="yes"))
        before = {table: count(office, tables.metadata.tables[table]) for table in ("audit",)}
        card = await pressed(office, card, "import.undo")
        assert office.leads() == []
        assert office.rows("clock") == office.rows("stage_interval") == []
        assert office.say("import.removed", n=3) in card.body
        assert count(office, tables.audit) > before["audit"]

    async def test_what_was_worked_on_stays_and_says_why(self, office: Office) -> None:
        card = await imported(office, await sent(office, b"Customer,Owner,Phone\n" + b"".join(
            f"C{n},Robin Sample,1380000{n:04d}\n".encode() for n in range(5)
        )))  # fmt: skip
        leads = by_customer(office)
        office.ask("robin", "followup.open", text=f"{leads['C0'].number} call said so tomorrow")
        office.change_lead(leads["C1"].id, lambda lead: replace(lead, need="more"))
        state = {"lead": leads["C2"].number}
        office.ask("robin", "contact.reveal", values={"reason": "call"}, state=state)
        card = await pressed(office, card, "import.undo")
        assert {lead.customer for lead in office.leads()} == {"C0", "C1", "C2"}
        assert office.say("import.kept", n=3) in card.body
        assert findings(card)[office.say("import.kept_looked_up")] == ("1", "4")

    async def test_ends_after_a_day(self, office: Office) -> None:
        card = await imported(office, await sent(office))
        await office.travel(2024, 3, 2, 11)
        reply = office.ask("max", "import.undo", pressed=_value_of(card, "import.undo"))
        assert reply.toast == office.say("import.too_late")
        assert len(office.leads()) == 3

    async def test_a_redrawn_card_of_something_taken_back_breaks_nothing(
        self, office: Office
    ) -> None:
        content = "客户,负责人\n甲示例,Robin Sample\n".encode()
        card = await imported(
            office, await decided(office, await sent(office, content), clocks="yes")
        )
        await office.travel(2024, 3, 2, 9)
        await pressed(office, card, "import.undo")
        await office.travel(2024, 3, 8, 9)
        states = {(row["kind"], row["state"], row["problem"]) for row in office.rows("message")}
        assert not [one for one in states if one[1] == "dead"]


def _value_of(card: Card, action: str) -> str:
    return next(one.value for one in card.buttons if one.action == action)


class TestManyRows:
    ROWS = 4 * PAGE + 3

    async def test_the_card_tells_how_far_it_is(self, office: Office) -> None:
        card = await sent(office, many(self.ROWS))
        office.ask("max", "import.start", pressed=_value_of(card, "import.start"))
        for _ in range(3):
            assert office.world.jobs._do_next()
        told = office.ask("max", "import.show", pressed=_value_of(card, "import.start")).update
        assert told is not None
        assert told.body == office.say("import.progress", done="1,500", n=self.ROWS, all="2,003")
        await office.settle()
        assert count(office, tables.lead) == self.ROWS

    async def test_a_page_that_fails_is_done_again_and_once(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = await sent(office, many(2 * PAGE))
        office.ask("max", "import.start", pressed=_value_of(card, "import.start"))
        plan, failures = service.plan_page, [1, 2]

        def dies(*args: Any) -> None:
            plan(*args)
            if failures.pop() if failures else 0:
                raise RuntimeError("killed after its leads were written")

        monkeypatch.setattr(working, "plan_page", dies)
        for _ in range(4):
            await office.settle()
            office.world.clock.advance(timedelta(minutes=2))
        assert count(office, tables.lead) == count(office, tables.imported) == 2 * PAGE
        assert not failures

    async def test_an_earlier_phase_does_nothing_any_more(self, office: Office) -> None:
        card = await sent(office, many(PAGE + 1))
        state = _value_of(card, "import.start")
        form = office.ask("max", "import.rules", pressed=state).form
        assert form is not None
        for _ in range(2):
            reply = office.submit("max", form)
        assert reply.toast == office.say("import.still_working")
        await office.settle()
        card = office.inbox("max")[-1]
        assert office.say("import.start", n=PAGE + 1) in words_of(card)


class TestWhoMay:
    async def test_a_rep_imports_the_own_leads_only(self, office: Office) -> None:
        card = await sent(office, account="robin")
        await imported(office, card, "robin")
        assert {lead.owner_id for lead in office.leads()} == {office.people["robin"].id}
        form = office.ask("robin", "import.rules", pressed=_value(card)).form
        assert form is None

    async def test_a_manager_imports_for_the_own_team(self, office: Office) -> None:
        await imported(office, await sent(office))
        assert {lead.team_id for lead in office.leads()} == {office.teams["East"].id}

    async def test_nobody_sees_anothers_import(self, office: Office) -> None:
        card = await sent(office)
        for action in (
            "show",
            "columns",
            "map",
            "rules",
            "decide",
            "start",
            "errors",
            "undo",
            "drop",
        ):
            reply = office.ask("ada", f"import.{action}", pressed=_value(card))
            assert reply == Reply(toast=office.say("error.import_not_found")), action

    def test_others_are_refused_before_the_file_is_read(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from sales.people import Role

        office.hire("fay", "Fay Sample", Role.FINANCE)
        reply = send(office, b"PK\x03\x04 no workbook", "fay")
        assert office.say("role.manager") in reply.toast

    async def test_a_dropped_file_is_forgotten(self, office: Office) -> None:
        card = await sent(office)
        reply = office.ask("max", "import.drop", pressed=_value(card))
        assert reply.toast == office.say("import.dropped", name="leads.csv")
        assert office.rows("import_page") == []
        await office.settle()
        assert office.leads() == []


class TestRefusals:
    def test_without_a_file(self, office: Office) -> None:
        form = office.ask("max", "import.open").form
        assert form is not None
        assert office.submit("max", form).errors == {"file": office.say("problem.file_missing")}

    @pytest.mark.parametrize("problem", ["too_large", "unavailable"])
    def test_a_file_that_did_not_come_through(self, office: Office, problem: Any) -> None:
        reply = office.ask("max", "import.take", upload=Upload("x.csv", problem=problem))
        assert office.say(f"problem.file_{problem}") in words_of(reply)

    def test_a_file_that_is_none(self, office: Office) -> None:
        reply = send(office, b"\x89PNG\r\n\x1a\n\0\0")
        assert reply.card is not None
        assert reply.card.body == office.say("import.unreadable_picture")
        assert office.rows("import_job") == []

    def test_the_template_can_be_imported(self, office: Office) -> None:
        reply = office.ask("max", "import.open", text="模板")
        assert reply.attachment is not None
        assert not send(office, reply.attachment.content).errors


def test_values_are_sealed(office: Office) -> None:
    send(office, SMALL)
    stored = repr([office.rows(name) for name in ("import_job", "import_page", "audit", "message")])
    for word in ("Acme Sample", "1234", "acme.example"):
        assert word not in without_tokens(stored)


class TestUnits:
    """A number without a unit counts in its column's."""

    @pytest.mark.parametrize(
        ("heading", "low", "high"),
        [("预算（万）", 150_000, 200_000), ("预算万元", 150_000, 200_000),
         ("Budget (k)", 15_000, 20_000), ("预算 (K RMB)", 15_000, 20_000), ("预算（元）", 15, 20)],
    )  # fmt: skip
    async def test_of_the_heading(self, office: Office, heading: str, low: int, high: int) -> None:
        card = await sent(office, f"客户,{heading}\nAcme,15-20\nBeta,8万\n".encode())
        assert office.language.money(Decimal(80_000)) in words_of(card)
        await imported(office, card)
        leads = by_customer(office)
        assert (leads["Acme"].budget_low, leads["Acme"].budget_high) == (
            Decimal(low),
            Decimal(high),
        )
        assert leads["Beta"].budget_low == 80_000

    async def test_that_looks_forgotten_is_asked_about_and_chosen(self, office: Office) -> None:
        card = await sent(office, "客户,预算\nAcme,15\nBeta,20-30\nGamma,12万\n".encode())
        name = office.say(
            "import.finding",
            field=office.say("field.budget"),
            what=office.say("import.wrong_small"),
        )
        assert findings(card)[name][0] == "2"
        card = await decided(office, card, unit_budget="10000")
        assert office.say("import.wrong_small") not in words_of(card)
        await imported(office, card)
        leads = by_customer(office)
        assert leads["Acme"].budget_low == 150_000
        assert leads["Beta"].budget_high == 300_000
        assert leads["Gamma"].budget_low == 120_000


class TestNothingIsDropped:
    async def test_a_column_that_is_no_field_is_named(self, office: Office) -> None:
        card = await sent(office, "客户,需求,备注,星座\nAcme,系统,老客户介绍,狮子\n".encode())
        [left] = [one.value for one in card.facts if one.label == office.say("import.left_out")]
        assert left == "星座"
        await imported(office, card)
        assert by_customer(office)["Acme"].need == "系统\n老客户介绍"

    async def test_the_result_names_the_leads(self, office: Office) -> None:
        card = await imported(office, await sent(office, many(3)))
        said = office.say("import.numbers", first="LX001", last="LX003", n=3)
        assert said in [one.value for one in card.facts]
