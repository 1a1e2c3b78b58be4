"""Hand-over through the front door: a win starts tasks.

Everybody does their part and sees no more than it needs.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import cycle

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import Value
from handlers.core.ui import Card
from handlers.routes import ROUTES
from sales.contacts import mask_contacts
from sales.leads import Stage
from sales.people import Role
from sales.permissions import may
from sales.tasks import Task, TaskKind, TaskState
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.furnished import Offices
from tests.office import SHANGHAI, WEST, Office, button_of, buttons_of, open_office, words_of
from tests.pairs import EVERY_WAY

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)
HELPERS = ("sam", "sue", "fay", "pat")
CONTACTS = ("Zhang Sample", "13812345678", "zhang@", "138****5678", "z***@")


def staffed(office: Office) -> Office:
    office.hire("sam", "Sam Sample", Role.SERVICE)
    office.hire("sue", "Sue Sample", Role.SERVICE, WEST)
    office.hire("fay", "Fay Sample", Role.FINANCE, WEST)
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    return office


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=two_leads_and_helpers) as office:
        yield office


def two_leads_and_helpers(office: Office) -> None:
    office.log_lead("robin", owner="keep")
    office.log_lead("kim", owner="keep", customer="Foreign Sample", phone="", email="")
    staffed(office)


def move(office: Office, to: Stage, **typed: str | tuple[str, ...]) -> Reply:
    chosen = office.ask("robin", "stage.open", text="LX001").form
    assert chosen
    form = office.submit("robin", chosen, to=to).form
    assert form
    return office.submit("robin", form, **typed)


def win(office: Office) -> None:
    reply = move(
        office, Stage.WON, criteria=("signed",), reason="Fast", amount="12.5万", contract="C-7"
    )
    assert not reply.errors, reply.errors


def task(office: Office, kind: TaskKind) -> Task:
    return next(one for one in office.tasks() if one.kind is kind)


def newest(office: Office, account: str) -> Card:
    return office.inbox(account)[-1]


def task_cards(office: Office) -> int:
    """How many cards about tasks were posted, to anybody; clocks tell of leads."""
    return sum(message.card.subject.startswith("task:") for message in office.desk.posted)


def finish(
    office: Office, account: str, card: Card, label: str = "button.done", **typed: object
) -> Reply:
    form = office.press(account, card, label).form
    assert form
    return office.submit(account, form, **typed)  # type: ignore[arg-type]


def ask_product(office: Office, question: str = "Does it sing?") -> Reply:
    form = office.ask("robin", "support.ask", pressed="LX001").form
    assert form
    pat = str(office.people["pat"].id)
    return office.submit("robin", form, question=question, person=pat)


class TestWhatHelpersMay:
    async def test_a_number_shows_the_lead_to_who_was_handed_it(self, office: Office) -> None:
        win(office)
        shown = office.ask("sam", "lead.open", text="LX001")
        assert shown.card
        assert shown.card.title == "LX001 · Acme Sample Ltd"
        assert office.ask("sam", "lead.open", text="LX002").card is None

    def test_a_refusal_names_who_can_help(self, office: Office) -> None:
        toast = office.ask("sam", "lead.open").toast
        role = office.say("role.manager")
        someone = office.say("error.person_of_role", name="Max Manager", role=role)
        assert toast == office.say("error.not_allowed_but", people=someone)


class TestWin:
    def test_starts_the_tasks_of_the_playbook(self, office: Office) -> None:
        win(office)
        names = {account: person.id for account, person in office.people.items()}
        assert [(one.kind, one.assignee_id) for one in office.tasks()] == [
            (TaskKind.WELCOME, names["sam"]),
            (TaskKind.INVOICE, names["fay"]),
            (TaskKind.VISIT, names["robin"]),
        ]
        assert task(office, TaskKind.WELCOME).due_at == MONDAY
        assert office.lead().contract == "C-7"

    def test_a_redelivered_and_an_overtaken_win_start_nothing(self, office: Office) -> None:
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to="won").form
        assert form
        typed: dict[str, Value] = {"criteria": ("signed",), "reason": "Fast", "amount": "10万"}
        request = office.request("robin", form.action, state=form.state, values=typed)
        for _ in range(3):
            office.send(request)
        assert office.submit("robin", form, **typed).errors
        assert len(office.rows("task")) == 3

    async def test_each_gets_a_card_that_says_why_and_what(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "sam")
        assert card.title == office.say(
            "task.title_open", task=f"{office.say('task.kind_welcome')} · LX001 · Acme Sample Ltd"
        )
        role, task = office.say("role.service"), office.say("task.kind_welcome")
        assert office.say("why.task_team", role=role, task=task) in card.footnote
        assert card.body == office.say("task.todo_welcome")
        assert "138****5678" in words_of(card)
        assert "C-7" in words_of(newest(office, "fay"))
        role, task = office.say("role.finance"), office.say("task.kind_invoice")
        elsewhere = office.say("why.task_other_team", role=role, task=task)
        assert elsewhere in newest(office, "fay").footnote

    async def test_a_reopened_lead_cancels_what_is_open(self, office: Office) -> None:
        win(office)
        await office.settle()
        assert not finish(office, "sam", newest(office, "sam"), note="fine").errors
        reply = move(
            office, Stage.NEGOTIATION, criteria=("feedback", "scope"), reason="Fell through"
        )
        assert not reply.errors, reply.errors
        assert office.lead().contract == ""
        states = [row["state"] for row in office.rows("task")]
        assert states == [TaskState.DONE, TaskState.CANCELLED, TaskState.CANCELLED]
        await office.settle()
        assert newest(office, "fay").body == office.say("task.gone")
        before = task_cards(office)
        await office.travel(2024, 3, 20)
        assert task_cards(office) == before
        assert office.ask("fay", "lead.show", pressed="LX001").card is None

    def test_a_lead_won_again_has_each_task_open_once(self, office: Office) -> None:
        win(office)
        move(office, Stage.NEGOTIATION, criteria=("feedback", "scope"), reason="Mistake")
        win(office)
        open_kinds = [row["kind"] for row in office.rows("task") if row["state"] == "open"]
        assert open_kinds == ["welcome", "invoice", "visit"]

    def test_the_playbook_decides(self, office: Office) -> None:
        rule = {"kind": "visit", "role": "manager", "within": 60}
        office.rules(handover={"won": [rule]})
        win(office)
        [only] = office.tasks()
        assert only.assignee_id == office.people["max"].id
        assert only.due_at == datetime(2024, 3, 1, 11, tzinfo=SHANGHAI)


class TestPeople:
    def test_the_absent_are_passed_over_and_named(self, office: Office) -> None:
        office.change_person("sam", lambda sam: replace(sam, away_until=date(2024, 4, 1)))
        win(office)
        welcome = task(office, TaskKind.WELCOME)
        assert welcome.assignee_id == office.people["sue"].id
        card = office.ask("sue", "task.show", pressed=str(welcome.id)).card
        assert card
        assert "Sam Sample" in card.footnote

    def test_with_nobody_of_the_role_it_comes_to_the_manager(self, office: Office) -> None:
        for account in ("sam", "sue"):
            office.change_person(account, lambda one: replace(one, active=False))
        win(office)
        assert task(office, TaskKind.WELCOME).assignee_id == office.people["max"].id

    @pytest.mark.parametrize("change", [{"status": "inactive"}, {"role": "rep"}])
    async def test_who_leaves_or_changes_hands_open_tasks_on(
        self, office: Office, change: dict[str, str]
    ) -> None:
        win(office)
        await office.settle()
        form = office.ask("ada", "people.edit", pressed=str(office.people["sam"].id)).form
        assert form
        assert not office.submit("ada", form, **change).errors
        assert task(office, TaskKind.WELCOME).assignee_id == office.people["sue"].id
        await office.settle()
        assert office.say("task.kind_welcome") in newest(office, "sue").title
        assert "Acme" not in words_of(newest(office, "sam"))

    async def test_the_visit_follows_the_lead_to_a_new_owner(self, office: Office) -> None:
        win(office)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        values = {option.value for field in form.fields for option in field.options}  # type: ignore[union-attr]
        assert not values & {str(office.people[one].id) for one in HELPERS}
        assert not office.submit("max", form, person=str(office.people["dana"].id)).errors
        assert task(office, TaskKind.VISIT).assignee_id == office.people["dana"].id

    def test_a_lead_is_not_given_to_who_does_not_sell(self, office: Office) -> None:
        state = {"lead": "LX001", "owner": str(office.people["robin"].id)}
        typed = {"person": str(office.people["fay"].id)}
        assert office.ask("max", "lead.assign", state=state, values=typed).errors
        pool = [{"person": "Fay Sample"}]
        office.rules(routing=[{"name": "wrong", "pool": pool}])
        office.log_lead("max", customer="Third Sample", phone="", email="")
        assert office.owner(3) == "max"

    async def test_a_seller_who_became_finance_is_not_reminded(self, office: Office) -> None:
        said = {"lead": "LX001", "method": "call", "summary": "yes", "next_step": "sign"}
        office.ask("robin", "followup.create", values=said | {"next_on": "2024-03-05"})
        office.change_person("robin", lambda robin: replace(robin, role=Role.FINANCE))
        await office.travel(2024, 3, 5, 9)
        assert office.inbox("robin") == []
        assert "LX001" in newest(office, "max").title


class TestDo:
    async def test_service_tells_what_the_customer_said(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "sam")
        assert set(finish(office, "sam", card, note=" ").errors) == {"note"}
        reply = finish(office, "sam", card, note="All set, training on Friday")
        assert reply.update
        assert reply.update.tone == "good"
        done = task(office, TaskKind.WELCOME)
        assert (done.state, done.answered_at, done.done_at) == (TaskState.DONE, FRIDAY, FRIDAY)
        lead = office.ask("robin", "lead.show", pressed="LX001").card
        assert "All set, training on Friday" in words_of(lead)

    async def test_finance_needs_a_number_and_the_filing(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "fay")
        assert set(finish(office, "fay", card, filed=()).errors) == {"invoice", "filed"}
        assert set(finish(office, "fay", card, invoice="9" * 61, filed=("filed",)).errors) == {
            "invoice"
        }
        assert not finish(office, "fay", card, invoice="INV-1", filed=("filed",)).errors
        assert task(office, TaskKind.INVOICE).result.invoice == "INV-1"

    async def test_an_unhappy_customer_reaches_the_manager(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "robin")
        assert set(finish(office, "robin", card, satisfaction="6", note="x").errors) == {
            "satisfaction"
        }
        said = {"satisfaction": "2", "note": "Two use it", "problems": "It is slow"}
        assert not finish(office, "robin", card, **said).errors
        result = task(office, TaskKind.VISIT).result
        assert (result.satisfaction, result.note, result.problems) == (
            2,
            "Two use it",
            "It is slow",
        )
        await office.settle()
        assert "It is slow" in words_of(newest(office, "max"))

    async def test_an_unhappy_customer_is_a_warning_with_what_to_do(self, office: Office) -> None:
        win(office)
        await office.settle()
        said = {"satisfaction": "2", "note": "Two use it", "problems": "It is slow"}
        reply = finish(office, "robin", newest(office, "robin"), **said)
        assert reply.toast == office.say("task.thanks_unhappy", names="Max Manager")
        await office.settle()
        card = newest(office, "max")
        assert card.title == office.say("unhappy.title", lead="LX001 · Acme Sample Ltd", n=2)
        assert card.tone == "warning"
        assert office.say("unhappy.why", n=2) in card.footnote
        assert "It is slow" in words_of(card)
        assert "Robin Sample" in words_of(card)
        taken = office.press("max", card, "button.step_in")
        assert taken.card or taken.update
        mine = next(one for one in office.tasks() if one.kind is TaskKind.TODO)
        assert mine.assignee_id == office.people["max"].id
        assert "It is slow" in mine.question
        again = office.press("max", card, "button.step_in")
        assert again.toast == office.say("unhappy.already")
        assert sum(one.kind is TaskKind.TODO for one in office.tasks()) == 1

    async def test_after_the_visit_one_button_moves_on_to_after_sales(self, office: Office) -> None:
        win(office)
        await office.settle()
        reply = finish(office, "robin", newest(office, "robin"), satisfaction="5", note="Fine")
        assert reply.update
        moved = office.press("robin", reply.update, "button.to_aftersales")
        assert office.lead().stage is Stage.AFTERSALES
        assert moved.update
        visit = str(task(office, TaskKind.VISIT).id)
        shown = office.ask("robin", "task.show", pressed=visit).card
        assert shown
        labels = [button.label for button in buttons_of(shown)]
        assert office.say("button.to_aftersales") not in labels

    async def test_being_on_it_is_the_first_answer(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "sam")
        reply = office.press("sam", card, "button.on_it")
        assert task(office, TaskKind.WELCOME).answered_at == FRIDAY
        assert reply.update
        labels = [button.label for button in buttons_of(reply.update)]
        assert office.say("button.on_it") not in labels
        office.world.clock.advance(MONDAY - FRIDAY)
        finish(office, "sam", card, note="Hello")
        assert task(office, TaskKind.WELCOME).answered_at == FRIDAY

    async def test_done_twice_is_done_once(self, office: Office) -> None:
        win(office)
        await office.settle()
        card = newest(office, "sam")
        form = office.press("sam", card, "button.done").form
        assert form
        office.submit("sam", form, note="first")
        reply = office.submit("max", form, note="second")
        assert reply.toast == office.say("task.no_longer_open")
        assert task(office, TaskKind.WELCOME).result.note == "first"

    async def test_passed_on_it_is_out_of_sight(self, office: Office) -> None:
        win(office)
        await office.settle()
        form = office.press("sam", newest(office, "sam"), "button.pass_on").form
        assert form
        reply = office.submit("sam", form, person=str(office.people["sue"].id))
        assert reply.update
        assert "Acme" not in words_of(reply.update)
        await office.settle()
        assert office.say("why.task_passed", rule="Sam Sample") in newest(office, "sue").footnote
        assert "Acme" not in words_of(newest(office, "sam"))
        assert office.ask("sam", "lead.show", pressed="LX001").card is None
        assert office.submit("sam", form, person=str(office.people["sue"].id)).errors

    @pytest.mark.parametrize("account", ["robin", "fay", "pat", "kim", "dana"])
    def test_passes_only_to_who_can_do_it(self, office: Office, account: str) -> None:
        win(office)
        state = {"value": "1", "assignee": str(office.people["sam"].id)}
        typed = {"person": str(office.people[account].id)}
        assert set(office.ask("sam", "task.hand", state=state, values=typed).errors) == {"person"}


class TestOverdue:
    async def test_the_assignee_hears_then_the_manager(self, office: Office) -> None:
        win(office)
        await office.settle()
        sams, maxs = len(office.inbox("sam")), len(office.inbox("max"))
        await office.travel(2024, 3, 4, 9, 59)
        assert len(office.inbox("sam")) == sams
        await office.travel(2024, 3, 4, 10, 1)
        card = newest(office, "sam")
        assert (card.footnote, card.tone) == (office.say("task.why_1"), "bad")
        assert len(office.inbox("max")) == maxs
        await office.travel(2024, 3, 5, 10, 1)
        assert newest(office, "max").footnote == office.say("task.why_2")
        assert not finish(office, "max", newest(office, "max"), note="I did it").errors
        assert task(office, TaskKind.WELCOME).done_by == office.people["max"].id

    async def test_done_in_time_nobody_hears(self, office: Office) -> None:
        win(office)
        for kind in TaskKind.WELCOME, TaskKind.INVOICE, TaskKind.VISIT:
            typed = {"note": "x", "invoice": "1", "filed": ("filed",), "satisfaction": "5"}
            value = str(task(office, kind).id)
            assert not office.ask("ada", "task.done", pressed=value, values=typed).errors
        await office.settle()
        before = task_cards(office)
        await office.travel(2024, 3, 20)
        assert task_cards(office) == before

    async def test_while_the_assignee_is_away_the_manager_hears_at_once(
        self, office: Office
    ) -> None:
        win(office)
        await office.settle()
        office.change_person("sam", lambda sam: replace(sam, away_until=date(2024, 4, 1)))
        before = len(office.inbox("sam"))
        await office.travel(2024, 3, 4, 10, 1)
        assert len(office.inbox("sam")) == before
        assert newest(office, "max").footnote == office.say("task.why_2")


class TestList:
    def test_mine_first_due_first_with_what_is_overdue(self, office: Office) -> None:
        win(office)
        ask_product(office)
        office.world.clock.advance(datetime(2024, 3, 5, 9, tzinfo=SHANGHAI) - FRIDAY)
        card = office.ask("sam", "task.list").card
        assert card
        assert office.say("task.count_overdue", n=1) in card.body
        [only] = card.sections
        assert "LX001" in only.heading
        assert "Pat" not in words_of(card)
        assert finish(office, "sam", card, note="Done from the list").update

    def test_a_leader_sees_the_teams_and_nobody_elses(self, office: Office) -> None:
        win(office)
        mine = words_of(office.ask("max", "task.list").card)
        assert all(name in mine for name in ("Sam Sample", "Fay Sample", "Robin Sample"))
        assert "LX001" not in words_of(office.ask("wes", "task.list").card)
        assert "Sam Sample" not in words_of(office.ask("robin", "task.list").card)

    def test_is_a_command_in_both_languages(self, office: Office) -> None:
        win(office)
        assert "LX001" in words_of(office.ask("fay", "task.list", text="").card)
        card = office.ask("dana", "task.list", locale="zh-CN").card
        assert card
        assert card.body == office.world.languages("zh_CN").text("task.none")


class TestSupport:
    async def test_a_product_colleague_answers_into_the_history(self, office: Office) -> None:
        assert ask_product(office).toast == office.say("support.asked", name="Pat Sample")
        await office.settle()
        card = newest(office, "pat")
        assert card.body == "Does it sing?"
        assert not any(word in words_of(card) for word in CONTACTS)
        lead = office.press("pat", card, "button.open").card
        assert lead
        assert "wants a customer tool" in words_of(lead)
        assert not any(word in words_of(lead) for word in CONTACTS)
        assert not finish(office, "pat", card, "button.answer", note="Yes, in C major").errors
        await office.settle()
        assert "Yes, in C major" in words_of(newest(office, "robin"))
        lead = office.ask("robin", "lead.show", pressed="LX001").card
        history = next(one for one in lead.sections if one.heading == office.say("lead.history"))  # type: ignore[union-attr]
        assert "Yes, in C major" in history.lines[0]
        assert "Does it sing?" in history.lines[0]

    def test_an_answer_is_no_contact_with_the_customer(self, office: Office) -> None:
        ask_product(office)
        office.ask("pat", "task.done", pressed="1", values={"note": "Yes"})
        assert office.history() == []
        assert office.lead().last_contact_at is None

    @pytest.mark.parametrize("question", ["", " \n ", "x" * 1001])
    def test_wants_a_question(self, office: Office, question: str) -> None:
        assert set(ask_product(office, question).errors) == {"question"}
        assert office.tasks() == []

    def test_with_nobody_there_says_so(self, office: Office) -> None:
        for helper in ("pat", "sam", "sue"):
            office.change_person(helper, lambda one: replace(one, away_until=date(2024, 4, 1)))
        reply = office.ask("robin", "support.ask", pressed="LX001")
        assert (reply.form, reply.toast) == (None, office.say("support.nobody"))

    def test_of_a_lost_lead_nothing_is_asked(self, office: Office) -> None:
        ask_product(office)
        move(office, Stage.LOST, lost="price")
        assert office.tasks() == []
        state, values = {"lead": "LX001"}, {"question": "?", "person": str(office.people["pat"].id)}
        office.ask("robin", "support.create", state=state, values=values)
        assert office.tasks() == []

    @pytest.mark.parametrize("account", ["dana", "kim", "fay", "sam"])
    def test_of_somebody_elses_lead_nothing_is_asked(self, office: Office, account: str) -> None:
        state, values = {"lead": "LX001"}, {"question": "?", "person": str(office.people["pat"].id)}
        reply = office.ask(account, "support.create", state=state, values=values)
        assert "Acme" not in words_of(reply)
        assert office.tasks() == []


class TestRights:
    def test_finance_sees_the_deal_without_contacts_and_history(self, office: Office) -> None:
        said = {"lead": "LX001", "method": "call", "summary": "secret of theirs"}
        office.ask("robin", "followup.create", values=said)
        win(office)
        card = office.ask("fay", "lead.show", pressed="LX001").card
        assert card
        words = words_of(card)
        assert "C-7" in words
        assert not any(word in words for word in (*CONTACTS, "secret of theirs", "customer tool"))
        assert {button.action for button in buttons_of(card)} == {"task.list", "remark.open"}
        assert "Foreign" not in words_of(office.ask("fay", "lead.show", pressed="LX002"))

    def test_service_reveals_the_contact_of_its_own_customers_only(self, office: Office) -> None:
        win(office)
        shown = office.ask(
            "sam", "contact.reveal", state={"lead": "LX001"}, values={"reason": "call"}
        )
        assert "+8613812345678" in words_of(shown)
        assert [row["act"] for row in office.rows("audit")].count("contact.reveal") == 1
        for account in ("sue", "fay", "pat"):
            reply = office.ask(
                account, "contact.reveal", state={"lead": "LX001"}, values={"reason": "call"}
            )
            assert not any(word in words_of(reply) for word in CONTACTS)

    @pytest.mark.parametrize("account", HELPERS)
    def test_whatever_they_ask_by_hand_nothing_of_others_is_told_or_changed(
        self, office: Office, account: str
    ) -> None:
        win(office)
        ask_product(office)
        mine = {
            one.lead_id for one in office.tasks() if one.assignee_id == office.people[account].id
        }
        hidden = ["Foreign Sample"] if mine else ["Foreign Sample", "Acme", *CONTACTS]
        before = office.rows("lead"), office.rows("followup"), office.rows("task")
        numbers = ["LX002"] if mine else ["LX001", "LX002"]
        values = {
            "lead": "LX002", "summary": "x", "method": "call", "customer": "z", "reason": "call",
            "person": "3", "question": "?", "note": "x", "to": "won", "amount": "8k",
        }  # fmt: skip
        others = [
            str(one.id) for one in office.tasks() if one.assignee_id != office.people[account].id
        ]
        texts = cycle(("Foreign", "13812345678", "Zhang", "LX002"))
        for number, action in enumerate(ROUTES):
            asked = (*numbers, *others, "won:1:2024-W09", "999", "x")
            if not (EVERY_WAY or may(office.people[account], action)):  # Before anything is read.
                asked = asked[number % len(asked) :][:1]
            for value in asked:
                state = dict.fromkeys(("value", "lead", "followup"), value) | {"version": "1"}
                text = next(texts)
                reply = office.ask(account, action, text=text, state=state, values=values)
                said = words_of(reply).replace(text, "").replace(mask_contacts(text), "")
                assert not [word for word in hidden if word in said], (action, value)
        assert (office.rows("lead"), office.rows("followup"), office.rows("task")) == before

    @pytest.mark.parametrize("role", [Role.SERVICE, Role.PRODUCT, Role.FINANCE])
    def test_they_neither_create_leads_nor_move_them_nor_lead(
        self, office: Office, role: Role
    ) -> None:
        person = replace(office.people["fay"], role=role)
        refused = ("lead.open", "lead.create", "lead.update", "stage.move", "board.open",
                   "digest.show", "people.save", "channel.bind", "support.create",
                   "lead.assign")  # fmt: skip
        assert not [action for action in refused if may(person, action)]

    @pytest.mark.parametrize("role", [Role.SERVICE, Role.PRODUCT, Role.FINANCE])
    def test_who_speaks_with_customers_logs_it(self, office: Office, role: Role) -> None:
        person = replace(office.people["fay"], role=role)
        logs = ("followup.create", "followup.correct", "followup.list", "lead.options")
        assert {may(person, action) for action in logs} == {role is not Role.FINANCE}

    async def test_an_owner_does_not_do_finances_part(self, office: Office) -> None:
        win(office)
        value = str(task(office, TaskKind.INVOICE).id)
        card = office.ask("robin", "task.show", pressed=value).card
        assert card
        assert {button.action for button in buttons_of(card)} == {"lead.show"}
        for action in ("task.accept", "task.finish", "task.done", "task.pass", "task.hand"):
            reply = office.ask("robin", action, pressed=value)
            assert "Max Manager" in (reply.toast or reply.errors[""]), action
        assert task(office, TaskKind.INVOICE).answered_at is None

    def test_help_names_only_what_they_can_do(self, office: Office) -> None:
        card = office.ask("fay", "help.open").card
        assert card
        assert "/tasks" in words_of(card)
        assert "/lead" not in words_of(card)
        assert office.say("help.not_understood_tasks") in words_of(
            office.ask("fay", "help.unknown")
        )

    def test_the_people_form_offers_the_roles_to_admins_only(self, office: Office) -> None:
        robin = str(office.people["robin"].id)
        form = office.ask("ada", "people.edit", pressed=robin).form
        assert form
        assert not office.submit("ada", form, role="finance").errors
        assert office.person("robin").role is Role.FINANCE
        dana = str(office.people["dana"].id)
        form = office.ask("max", "people.edit", pressed=dana).form
        assert form
        assert set(office.submit("max", form, role="finance").errors) == {"role"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
class TestLanguages:
    async def test_reads_whole_in_both(
        self, database: Database, fields: Fields, locale: str
    ) -> None:
        with open_office(database, fields, FRIDAY, locale) as office:
            office.log_lead("robin", owner="keep")
            staffed(office)
            win(office)
            ask_product(office)
            await office.settle()
            for account in ("sam", "fay", "pat", "robin"):
                card = newest(office, account)
                assert card.summary or card.title
                assert button_of(card, office.say("button.pass_on"))
                assert office.ask(account, "task.list").card
                assert office.press(account, card, "button.open").card
            await office.travel(2024, 3, 11, 9)
            assert newest(office, "max").title.startswith(office.say("task.title_overdue", task=""))
