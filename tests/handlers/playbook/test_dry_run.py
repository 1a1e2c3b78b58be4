"""A dry run of a rule on past leads: what would have gone to whom, and who may read it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from handlers.core.replies import Reply
from handlers.core.requests import Value
from handlers.core.ui import Card
from sales.leads import Stage
from sales.playbook import Playbook, PoolMember, RoutingRule, StageRules
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, send, stock
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all to Robin", pool=(PoolMember(person="Robin Sample"),))


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(MONDAY, locale, after=four_leads_for_robin, public_url=f"{SITE}/") as office:
        yield office


def four_leads_for_robin(office: Office) -> None:
    """Four leads went to Robin, one was kept by Kim of the other team."""
    office.rules(routing=(TO_ROBIN,))
    for number, industry in enumerate(("it", "it", "education", "retail")):
        office.log_lead("max", customer=f"Customer {number}", phone="", email="", industry=industry)
    office.log_lead("kim", customer="Western", phone="", email="", owner="keep")


def card_of(reply: Reply) -> Card:
    card = reply.card or reply.update
    assert card is not None, reply
    return card


def prepared(office: Office, place: str, **typed: str) -> Card:
    form = office.ask("ada", "playbook.edit", pressed=place).form
    assert form is not None
    return card_of(office.submit("ada", form, **typed))


def tried(office: Office, draft: Card, account: str = "ada") -> Card:
    [button] = [one for one in buttons_of(draft) if one.action == "playbook.try"]
    return card_of(office.ask(account, button.action, pressed=button.value))


class TestTrial:
    def test_who_would_have_got_them(self, office: Office) -> None:
        draft = prepared(office, "routing.0", pool="Robin Sample, Dana Example")
        before = office.rows("lead")
        card = tried(office, draft)
        table = next(part.table for part in card.sections if part.table)
        assert table is not None
        assert ("Robin Sample", "4", "2") in table.rows
        assert ("Dana Example", "0", "2") in table.rows
        assert card.body == office.say("trial.different", n=2)
        assert "Customer 1" in words_of(card)
        assert "Customer 0" not in words_of(card)
        assert office.say("trial.kept", n=1) in card.footnote
        lead = button_of(card, office.say("button.open_lead", lead="LX002"))
        assert card_of(office.ask("ada", lead.action, pressed=lead.value)).title.startswith("LX002")
        assert office.rows("lead") == before

    def test_grades_and_clocks(self, office: Office) -> None:
        office.world.clock.set_wall(MONDAY + timedelta(hours=5))
        card = tried(office, prepared(office, "scoring", high_from="11"))
        facts = {fact.label: fact.value for fact in card.facts}
        assert facts[office.say("grade.high")] == "5 → 0"
        assert facts[office.say("grade.medium")] == "0 → 5"
        card = tried(office, prepared(office, "clocks.high", within="60"))
        facts = {fact.label: fact.value for fact in card.facts}
        assert facts[office.say("trial.missed")] == "0 → 5"
        assert office.say("trial.would_miss") in words_of(card)

    def test_is_the_first_step_and_its_result_puts_the_draft_in_force(self, office: Office) -> None:
        draft = prepared(office, "scoring", high_from="11")
        assert draft.buttons[0].action == "playbook.try"
        assert "playbook.confirm" not in [button.action for button in draft.buttons]
        card = tried(office, draft)
        assert card.buttons[0].action == "playbook.confirm"
        form = office.press("ada", card, "button.rules_apply").form
        assert form is not None
        office.submit("ada", form, why="too many")
        with office.world.new_uow(read_only=True) as uow:
            assert uow.playbooks.current().scoring.high_from == 11

    def test_is_not_put_in_force_by_who_may_only_try(self, office: Office) -> None:
        prepared(office, "scoring", high_from="11")
        card = card_of(office.ask("max", "playbook.try", pressed="1:30"))
        assert "playbook.confirm" not in [button.action for button in buttons_of(card)]

    def test_nothing_would_differ(self, office: Office) -> None:
        card = tried(office, prepared(office, "assignment", accept_within="60"))
        assert card.body == office.say("trial.same")

    def test_a_manager_reads_of_the_own_team_only(self, office: Office) -> None:
        draft = prepared(office, "scoring", high_from="11")
        everything = words_of(tried(office, draft))
        assert "Western" in everything
        card = tried(office, draft, "max")
        assert "Western" not in words_of(card)
        assert office.say("trial.hidden", n=1) in card.footnote
        theirs = tried(office, draft, "wes")
        assert "Customer 1" not in words_of(theirs)
        assert "Robin Sample" not in words_of(theirs)
        assert "Max Manager" in office.ask("robin", "playbook.try", pressed="1").toast

    def test_many_leads_are_paged(self, office: Office) -> None:
        for number in range(9):
            office.log_lead("max", customer=f"More {number}", phone="", email="")
        card = tried(office, prepared(office, "scoring", high_from="11"))
        [more] = [one for one in buttons_of(card) if one.value.count(":") == 2]
        card = card_of(office.ask("ada", more.action, pressed=more.value))
        shown = [part.heading for part in card.sections if part.heading.startswith("LX")]
        assert shown[0].startswith("LX009")
        assert len(shown) == 6


class TestAutomations:
    def test_what_a_rule_would_have_done(self, office: Office) -> None:
        """Before it is switched on: with what happened while nobody listened."""
        for to in ("proposal", "lost"):
            for number in (1, 2):
                state = {"lead": f"LX00{number}", "to": to}
                state["version"] = str(office.leads()[-number].version)
                values = {"reason": "so it is", "lost": "price"}
                assert not office.ask("max", "stage.move", state=state, values=values).errors
        form = office.ask("ada", "playbook.edit", pressed="automations.rules.new").form
        assert form is not None
        typed: dict[str, Value] = {"name": "sorry", "trigger": "lost", "do": ("tell_owner",)}
        draft = card_of(office.submit("ada", form, **typed))
        card = tried(office, draft)
        told = {part.heading: part.lines for part in card.sections}
        assert told["sorry"][0] == office.say("trial.acted", old="0", new="2")
        assert "LX001 · Customer 0" in told["sorry"]
        assert "Customer 0" not in words_of(tried(office, draft, "wes"))
        assert office.rows("automation_event")[-1]["trigger"] == "lost"

    def test_what_would_have_been_too_long_in_its_stage(self, office: Office) -> None:
        """By the lengths of each playbook; who moved on in time is not among them."""
        state = {"lead": "LX001", "to": "screened", "version": str(office.leads()[-1].version)}
        values = {"reason": "so it is"}
        assert not office.ask("max", "stage.move", state=state, values=values).errors
        office.world.clock.set_wall(MONDAY + timedelta(days=4))
        form = office.ask("ada", "playbook.edit", pressed="automations.rules.new").form
        assert form is not None
        typed: dict[str, Value] = {
            "name": "late",
            "trigger": "long_in_stage",
            "do": ("tell_owner",),
        }
        card = tried(office, card_of(office.submit("ada", form, **typed)))
        [late] = [part for part in card.sections if part.heading == "late"]
        assert late.lines[0] == office.say("trial.acted", old="0", new="5")
        assert late.lines[1] == office.say("trial.long_in_stage_now", n=5)
        office.rules(routing=(TO_ROBIN,), stages=Playbook().stages | {
            Stage.CAPTURED: StageRules(days=9)})  # fmt: skip
        form = office.ask("ada", "playbook.edit", pressed="automations.rules.new").form
        assert form is not None
        card = tried(office, card_of(office.submit("ada", form, **typed)))
        [late] = [part for part in card.sections if part.heading == "late"]
        assert late.lines[0] == office.say("trial.acted", old="0", new="1")

    def test_objections_and_opened_proposals_of_the_past(self, office: Office) -> None:
        typed = {"kind": "price", "said": "too dear", "lead": "LX002"}
        assert not office.ask("robin", "objection.create", values=typed).errors
        stock(office)
        page = send(office)
        office.world.reading_room.seen(page.removeprefix("/p/"), "a" * 32, 30)
        for trigger in ("objection", "proposal_opened"):
            form = office.ask("ada", "playbook.edit", pressed="automations.rules.new").form
            assert form is not None
            made = {"name": "told", "trigger": trigger, "do": ("tell_owner",)}
            card = tried(office, card_of(office.submit("ada", form, **made)))
            [told] = [part for part in card.sections if part.heading == "told"]
            assert told.lines[0] == office.say("trial.acted", old="0", new="1"), trigger


class TestCommandLine:
    def test_tries_a_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path))
        Path("new.yaml").write_text("scoring: {high_from: 9}", encoding="utf-8")
        result = CliRunner().invoke(app, ["playbook", "try", "new.yaml", "--days", "90"])
        assert result.exit_code == 0, result.output
        assert "Nothing would have been different" in result.output
        assert "8 → 9" in result.output


def test_the_office_is_as_told(office: Office) -> None:
    assert [office.owner(lead.id) for lead in office.leads()] == ["kim"] + ["robin"] * 4
