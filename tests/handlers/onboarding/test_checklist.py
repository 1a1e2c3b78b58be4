"""The checklist of setting up a company: each step is ticked by its effect, and by nothing else."""

from dataclasses import replace

import pytest

from bot import first_admin
from handlers.core.commands import Typed, parse_command
from handlers.core.ui import Card
from handlers.onboarding.service import SetupStep, setup_states
from sales.people import Role, Team
from sales.refusals import Reason
from storage.channels import BoundChannel
from storage.outbox.refusals import Refusals
from tests.office import Office


def done(office: Office) -> set[SetupStep]:
    with office.world.new_uow(read_only=True) as uow:
        states = setup_states(uow, office.person("ada"))
    return {state.step for state in states if state.done}


def ticks(card: Card) -> tuple[int, int]:
    """How many steps of the card are ticked, and how many are open."""
    lines = [line for section in card.sections for line in section.lines]
    rows = [row.text for section in card.sections for row in section.rows]
    return sum("✅" in line for line in lines), sum("⬜" in row for row in rows)


@pytest.mark.parametrize("line", ["/genjin setup", "帮助 配置", "/genjin 设置", "genjin set up"])
def test_is_typed_behind_the_command(line: str) -> None:
    assert parse_command(line) == Typed("setup.open", "")


class TestSteps:
    def test_are_ticked_by_their_effects(self, office: Office) -> None:
        before = done(office)
        assert SetupStep.ADMIN in before
        assert not before & {SetupStep.RULES, SetupStep.CHANNEL, SetupStep.LEADS}
        office.log_lead()
        office.rules()
        with office.world.new_uow() as uow:
            uow.people.add_team(Team(name="North"))
            ada = office.person("ada")
            uow.channels.bind(BoundChannel("desk", "C1", None, "en", ada.id))
            uow.commit()
        assert done(office) == set(SetupStep)

    def test_of_the_channel_is_open_while_nothing_can_be_posted_there(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            uow.channels.bind(BoundChannel("desk", "C1", None, "en", office.person("ada").id))
            uow.commit()
        assert SetupStep.CHANNEL in done(office)
        Refusals(office.world.database).record(
            "desk:channel:C1",
            "channel",
            Reason.NOT_MEMBER,
            code="not_in_channel",
            detail="",
            now=office.world.clock.now(),
        )
        assert SetupStep.CHANNEL not in done(office)

    def test_are_on_the_first_card_until_all_are_done(self, office: Office) -> None:
        card = office.ask("ada", "help.open").card
        assert card
        ticked, left = ticks(card)
        assert left
        assert ticked + left == len(SetupStep)
        self.test_are_ticked_by_their_effects(office)
        card = office.ask("ada", "help.open").card
        assert card
        assert ticks(card) == (0, 0)
        card = office.ask("ada", "setup.open").card
        assert card
        assert ticks(card) == (len(SetupStep), 0)

    def test_greet_a_new_admin_and_nobody_else(self, office: Office) -> None:
        office.change_person("ada", lambda ada: replace(ada, active=False))
        with office.world.new_uow() as uow:
            code = first_admin.code_for_first(uow, office.world.clock.now())
            uow.commit()
        card = office.ask("zoe", "admin.claim", text=code).card
        assert card
        assert ticks(card)[1]
        card = office.ask("robin", "help.open").card
        assert card
        assert ticks(card) == (0, 0)
        assert not office.ask("robin", "setup.open").card

    def test_are_not_shown_where_others_read(self, office: Office) -> None:
        assert office.person("ada").role is Role.ADMIN
        card = office.ask("ada", "help.open", channel="C1").card
        assert card
        assert ticks(card) == (0, 0)

    @pytest.mark.parametrize("language", ["en", "zh_CN"])
    def test_each_open_one_has_a_button_that_leads_to_it(
        self, office: Office, language: str
    ) -> None:
        office.change_person("ada", lambda ada: replace(ada, locale=language))
        card = office.ask("ada", "help.open").card
        assert card
        rows = [row for section in card.sections for row in section.rows]
        assert {row.button.action for row in rows} >= {"playbook.open", "setup.step", "import.open"}
        for row in rows:
            reply = office.ask("ada", row.button.action, pressed=row.button.value)
            assert reply.card or reply.form
            if row.button.action == "setup.step":
                assert reply.card
                assert reply.card.title in row.text
                [section] = reply.card.sections
                assert len(section.lines) >= 2

    @pytest.mark.parametrize("value", ["", "nothing", "rules", "../platform", "x" * 3000])
    def test_that_do_not_exist_show_all(self, office: Office, value: str) -> None:
        card = office.ask("ada", "setup.step", pressed=value).card
        assert card
        assert sum(ticks(card)) == len(SetupStep)
        assert not office.ask("robin", "setup.step", pressed="channel").card
