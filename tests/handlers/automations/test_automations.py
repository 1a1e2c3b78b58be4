"""Automations: their events and actions, the reason they give, and who can override them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.leads import Grade, Stage
from sales.playbook import Act, Automation, Automations, Conditions, Details, Playbook, Trigger
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, send, stock
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=a_lead_of_robins, public_url=f"{SITE}/") as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    """LX001 is Robin's."""
    office.log_lead("robin", owner="keep")


def rules(office: Office, *automations: Automation, **limits: int) -> None:
    office.rules(automations=Automations(rules=automations, **limits))


def rule(trigger: Trigger, *do: Act, key: str = "r1", **more: Any) -> Automation:
    return Automation(key=key, trigger=trigger, do=do, **more)


def move(office: Office, to: str, account: str = "robin", lead: int = 1) -> Reply:
    state = {"lead": f"LX{lead:03d}", "to": to, "version": str(office.lead(lead).version)}
    reply = office.ask(
        account, "stage.move", state=state, values={"reason": "so it is", "lost": "price"}
    )
    assert not reply.errors, reply.errors
    return reply


def read(office: Office, page: str, key: str) -> None:
    """A customer reads a proposal: ``key`` names that loading of the page."""
    office.world.reading_room.seen(page.removeprefix("/p/"), key, 30)


def card_of(reply: Reply) -> Card:
    card = reply.card or reply.update
    assert card is not None, reply
    return card


class TestLostAfterTheProposal:
    """What is shipped."""

    async def test_the_manager_is_asked_to_step_in(self, office: Office) -> None:
        move(office, "proposal")
        move(office, "lost")
        await office.settle()
        [task] = office.tasks()
        assert (task.kind, task.assignee_id) == ("step_in", office.people["max"].id)
        card = office.inbox("max")[-1]
        proposal, lost = office.say("stage.proposal"), office.say("stage.lost")
        what = office.say("automation.what_lost_from", lead="LX001", before=proposal, after=lost)
        assert what in card.footnote
        assert office.say("automation.name_lost_after_proposal") in card.footnote
        assert office.say("move.lost") in {fact.label for fact in card.facts}

    async def test_not_before_the_proposal(self, office: Office) -> None:
        move(office, "lost")
        await office.settle()
        assert office.tasks() == []
        assert office.rows("automation_run") == []

    async def test_once_however_often_the_work_is_done(self, office: Office) -> None:
        move(office, "proposal")
        move(office, "lost")
        for _ in range(3):
            await office.settle()
        assert len(office.tasks()) == 1
        assert len(office.rows("automation_run")) == 1

    async def test_overruled_it_is_undone_and_stays_so(self, office: Office) -> None:
        move(office, "proposal")
        move(office, "lost")
        await office.settle()
        card = office.inbox("max")[-1]
        reply = office.press("max", card, "button.overrule")
        assert reply.toast == office.say("automation.undone")
        assert office.tasks() == []
        [row] = office.rows("automation_run")
        assert row["overruled_by"] == office.people["max"].id
        move(office, "proposal")
        move(office, "lost")
        await office.settle()
        assert office.tasks() == []
        listed = card_of(office.ask("max", "automation.list"))
        assert office.say("automation.refused_overruled") in words_of(listed)


class TestActs:
    async def test_every_trigger_is_heard(self, office: Office) -> None:
        heard = (Trigger.CREATED, Trigger.MOVED, Trigger.FEEDBACK, Trigger.CLOCK_MISSED)
        rules(office, *(rule(one, Act.TELL_MANAGER, key=one.value) for one in heard),
              per_lead_per_day=100)  # fmt: skip
        office.log_lead("dana", owner="keep", phone="", email="", customer="Other")
        move(office, "screened")
        office.ask(
            "robin",
            "followup.create",
            values={"lead": "LX001", "method": "email", "summary": "x", "feedback": "too dear"},
        )
        await office.travel(2024, 3, 6)
        runs = {(row["lead_id"], row["rule_key"]) for row in office.rows("automation_run")}
        assert {(2, "created"), (1, "moved"), (1, "feedback"), (1, "clock_missed")} <= runs

    async def test_a_task_for_a_role_and_words(self, office: Office) -> None:
        wanted = Details(person="Wes Manager", within=60)
        rules(
            office,
            rule(Trigger.MOVED, Act.GIVE_TASK, Act.TELL_OWNER, words="寄样品", details=wanted),
        )
        move(office, "screened")
        await office.settle()
        [task] = office.tasks()
        assert (task.kind, task.question) == ("todo", "寄样品")
        assert task.assignee_id == office.people["robin"].id
        assert any("寄样品" in card.body for card in office.inbox("robin"))

    async def test_nurture_and_back(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.NURTURE, Act.TELL_OWNER))
        move(office, "screened")
        await office.settle()
        assert office.lead().stage is Stage.NURTURE
        assert office.lead().last_contact_at is None
        told = next(c for c in office.inbox("robin") if office.say("act.nurture") in words_of(c))
        office.press("robin", told, "button.overrule")
        assert office.lead().stage is Stage.SCREENED

    async def test_into_the_pool_and_back(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.POOL, Act.TELL_MANAGER))
        move(office, "screened")
        await office.settle()
        assert office.owner() == ""
        told = next(c for c in office.inbox("max") if office.say("act.pool") in words_of(c))
        office.press("max", told, "button.overrule")
        assert office.owner() == "robin"

    async def test_a_suggested_step_is_planned_by_a_person(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.SUGGEST_STEP, words="send a case"))
        move(office, "screened")
        await office.settle()
        card = office.inbox("robin")[-1]
        form = office.press("robin", card, "button.take_step").form
        assert form is not None
        values = {one.name: getattr(one, "value", "") for one in form.fields}
        assert (values["next_step"], values["next_on"]) == ("send a case", "2024-03-04")
        assert office.history() == []

    async def test_hot_by_rule(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.HEAT), rule(Trigger.HOT, Act.TELL_OWNER, key="r2"))
        move(office, "screened")
        await office.settle()
        assert office.lead().hot_since is not None
        assert [row["depth"] for row in office.rows("automation_event")] == [0, 1]

    async def test_nobody_spoke_for_days(self, office: Office) -> None:
        quiet = Details(silent_days=7)
        rules(office, rule(Trigger.SILENT, Act.TELL_OWNER, details=quiet))
        await office.travel(2024, 3, 7, 12)
        assert office.rows("automation_run") == []
        for day in range(8, 14):
            await office.travel(2024, 3, day, 12)
        assert len(office.rows("automation_run")) == 1
        office.ask("robin", "followup.open", text="LX001 call said hello")
        await office.travel(2024, 3, 18, 12)
        assert len(office.rows("automation_run")) == 1
        await office.travel(2024, 3, 22, 12)
        assert len(office.rows("automation_run")) == 2

    async def test_conditions(self, office: Office) -> None:
        east_it = Conditions(region=("east",), industry=("it",), team="East", grade=(Grade.HIGH,))
        west = Conditions(team="West")
        rules(
            office,
            rule(Trigger.MOVED, Act.TELL_MANAGER, key="east", only=east_it),
            rule(Trigger.MOVED, Act.TELL_MANAGER, key="west", only=west),
            rule(Trigger.MOVED, Act.TELL_MANAGER, key="off", enabled=False),
            rule(
                Trigger.MOVED,
                Act.TELL_MANAGER,
                key="rich",
                only=Conditions(amount_from=Decimal(300_000)),
            ),
        )
        move(office, "screened")
        await office.settle()
        assert [row["rule_key"] for row in office.rows("automation_run")] == ["east"]


class TestWhatElseIsHeard:
    async def test_a_proposal_is_opened_once(self, office: Office) -> None:
        stock(office)
        rules(office, rule(Trigger.PROPOSAL_OPENED, Act.TELL_MANAGER), per_lead_per_day=100)
        first = send(office)
        read(office, first, "a" * 32)
        read(office, first, "a" * 32)
        await office.travel(2024, 3, 4, 10)
        read(office, first, "b" * 32)
        await office.settle()
        assert [row["refused"] for row in office.rows("automation_run")] == [""]
        what = office.say("automation.what_proposal_opened", lead="LX001")
        assert what in office.inbox("max")[-1].footnote
        read(office, send(office), "c" * 32)
        await office.settle()
        assert len(office.rows("automation_run")) == 2

    async def test_objections_of_a_kind(self, office: Office) -> None:
        price = Conditions(objection=("price",))
        rules(office, rule(Trigger.OBJECTION, Act.TELL_MANAGER, only=price))
        for kind in ("service", "price"):
            typed = {"kind": kind, "said": "so they said", "lead": "LX001"}
            assert not office.ask("robin", "objection.create", values=typed).errors
        await office.settle()
        assert [row["objection"] for row in office.rows("automation_event")] == ["service", "price"]
        assert len(office.rows("automation_run")) == 1
        term = next(o for o in Playbook().vocabulary.objections if o.key == "price")
        kind = term.zh if office.locale == "zh_CN" else term.en
        what = office.say("automation.what_objection", lead="LX001", kind=kind)
        assert what in office.inbox("max")[-1].footnote

    async def test_a_lead_too_long_in_its_stage(self, office: Office) -> None:
        """Two working days are expected: Monday and Tuesday after that Friday."""
        rules(office, rule(Trigger.LONG_IN_STAGE, Act.TELL_OWNER))
        await office.travel(2024, 3, 5, 23)
        assert office.rows("automation_run") == []
        for day in range(6, 9):
            await office.travel(2024, 3, day, 12)
        assert len(office.rows("automation_run")) == 1
        stage = office.say("stage.captured")
        what = office.say("automation.what_long_in_stage", lead="LX001", stage=stage)
        assert any(what in card.footnote for card in office.inbox("robin"))
        move(office, "screened")
        await office.travel(2024, 3, 12, 12)
        assert len(office.rows("automation_run")) == 1
        for day in range(13, 16):
            await office.travel(2024, 3, day, 12)
        assert len(office.rows("automation_run")) == 2

    async def test_overruled_a_long_stay_is_left_alone(self, office: Office) -> None:
        rules(office, rule(Trigger.LONG_IN_STAGE, Act.NURTURE, Act.TELL_OWNER))
        await office.travel(2024, 3, 5, 12)
        await office.travel(2024, 3, 6, 12)
        assert office.lead().stage is Stage.NURTURE
        told = next(c for c in office.inbox("robin") if office.say("act.nurture") in words_of(c))
        office.press("robin", told, "button.overrule")
        assert office.lead().stage is Stage.CAPTURED
        for day in range(7, 16):
            await office.travel(2024, 3, day, 12)
        assert [row["refused"] for row in office.rows("automation_run")] == ["", "overruled"]
        assert office.lead().stage is Stage.CAPTURED

    async def test_what_a_long_stay_sets_off_goes_no_further_than_allowed(
        self, office: Office
    ) -> None:
        rules(
            office,
            rule(Trigger.LONG_IN_STAGE, Act.NURTURE, key="rest"),
            rule(Trigger.MOVED, Act.TELL_OWNER, key="tell"),
            depth=0,
        )
        await office.travel(2024, 3, 5, 12)
        await office.travel(2024, 3, 6, 12)
        runs = {row["rule_key"]: row["refused"] for row in office.rows("automation_run")}
        assert runs == {"rest": "", "tell": "depth"}


class TestGuard:
    async def test_rules_do_not_chase_each_other(self, office: Office) -> None:
        """Each would set the other off for ever."""
        rules(
            office,
            rule(Trigger.MOVED, Act.NURTURE, key="rest"),
            rule(Trigger.MOVED, Act.HEAT, key="hot"),
            rule(Trigger.HOT, Act.NURTURE, key="cool"),
            depth=5,
        )
        move(office, "screened")
        await office.settle()
        refused = [row["refused"] for row in office.rows("automation_run")]
        assert "again" in refused
        assert len(refused) < 12

    async def test_depth(self, office: Office) -> None:
        rules(
            office,
            rule(Trigger.MOVED, Act.HEAT, key="hot"),
            rule(Trigger.HOT, Act.TELL_OWNER, key="tell"),
            depth=0,
        )
        move(office, "screened")
        await office.settle()
        runs = {row["rule_key"]: row["refused"] for row in office.rows("automation_run")}
        assert runs == {"hot": "", "tell": "depth"}

    async def test_a_storm_ends(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.TELL_OWNER), per_lead_per_day=2)
        for to in ("screened", "discovery", "proposal", "negotiation"):
            move(office, to)
        await office.settle()
        refused = [row["refused"] for row in office.rows("automation_run")]
        assert refused == ["", "", "storm", "storm"]
        listed = card_of(office.ask("max", "automation.list"))
        assert office.say("automation.refused_storm") in words_of(listed)
        await office.travel(2024, 3, 4, 10)
        move(office, "screened")
        await office.settle()
        assert office.rows("automation_run")[-1]["refused"] == ""


class TestInTheRules:
    def test_one_is_made_and_switched_off_by_forms(self, office: Office) -> None:
        form = office.ask("ada", "playbook.edit", pressed="automations.rules.new").form
        assert form is not None
        assert "key" not in {one.name for one in form.fields}
        reply = office.submit("ada", form, trigger="unhappy", do=())
        assert set(reply.errors) == {""} or "do" in reply.errors
        card = card_of(office.submit("ada", form, trigger="unhappy", do=("tell_manager",)))
        assert office.say("trigger.unhappy") in words_of(card)
        confirm = office.press("ada", card, "button.rules_apply").form
        assert confirm is not None
        assert not office.submit("ada", confirm, why="to hear of it").errors
        page = card_of(office.ask("ada", "playbook.show", pressed="automations.rules.1"))
        labels = [one.label for one in buttons_of(page)]
        assert office.say("button.rules_off") in labels

    async def test_an_admin_switches_it_off_from_its_own_card(self, office: Office) -> None:
        rules(office, rule(Trigger.MOVED, Act.TELL_MANAGER))
        move(office, "screened")
        await office.settle()
        run = str(office.rows("automation_run")[0]["id"])
        card = card_of(office.ask("ada", "automation.show", pressed=run))
        off = button_of(card, office.say("button.rules_off"))
        draft = card_of(office.ask("ada", off.action, pressed=off.value))
        assert "→" in words_of(draft)

    async def test_others_do_not_see_it(self, office: Office) -> None:
        move(office, "proposal")
        move(office, "lost")
        await office.settle()
        for account in ("dana", "kim", "wes"):
            for action in ("automation.show", "automation.take", "automation.overrule"):
                reply = office.ask(account, action, pressed="1")
                assert reply.toast == office.say("error.run_not_found")
        assert "Acme" not in words_of(office.ask("wes", "automation.list"))
