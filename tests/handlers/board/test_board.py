"""The board through the front door: each lead once, and a list behind every count."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Chart
from handlers.digests.actions import weekly_card
from sales.leads import Lead, Stage
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, words_of

TEAM = ("max", "robin", "dana")


def some_leads(office: Office) -> None:
    """Thirty leads of two reps: with steps late, for today, ahead and far, and without."""
    for number in range(30):
        owner = "robin" if number % 3 else "dana"
        lead = office.log_lead(
            owner, owner="keep", customer=f"Bee {number:02} Sample", phone="", email=""
        )
        if number % 5:
            line = f"{lead.number} call ok, by 3/{3 + number % 9} send it"
            office.ask(owner, "followup.open", text=line)
    for number, stage in ((4, Stage.NURTURE), (9, Stage.NURTURE), (6, Stage.PROPOSAL)):
        office.change_lead(number, partial(moved, stage))


def moved(stage: Stage, lead: Lead) -> Lead:
    return replace(lead, stage=stage)


def card_of(reply: Reply) -> Card:
    assert reply.card
    return reply.card


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(datetime(2024, 3, 1, 10, tzinfo=SHANGHAI), after=some_leads) as office:
        yield office


def counted(button: Button) -> int:
    """The number that a button's label says."""
    found = re.findall(r"\d+", button.label.partition("·")[0])
    return int(found[-1])


def rows_behind(office: Office, account: str, button: Button) -> list[str]:
    """The numbers of all leads of the list that a button opens, page by page."""
    card: Card | None = card_of(office.ask(account, button.action, pressed=button.value))
    numbers: list[str] = []
    while card:
        [table] = [part.table for part in card.sections if part.table]
        numbers += [row[0] for row in table.rows]
        onward = [one for one in card.every_button if one.label == office.say("button.next_page")]
        card = (
            office.ask(account, onward[0].action, pressed=onward[0].value).update
            if onward
            else None
        )
    return numbers


class TestBoard:
    @pytest.mark.parametrize("account", TEAM)
    async def test_every_count_opens_as_many_leads(self, office: Office, account: str) -> None:
        await office.travel(2024, 3, 6, 10)
        card = card_of(office.ask(account, "board.open"))
        lists = [one for one in card.every_button if one.action == "lead_list.show"]
        assert len(lists) >= 6
        for button in lists:
            numbers = rows_behind(office, account, button)
            assert len(numbers) == len(set(numbers)) == counted(button), button

    @pytest.mark.parametrize("account", TEAM)
    async def test_lists_no_lead_twice(self, office: Office, account: str) -> None:
        await office.travel(2024, 3, 6, 10)
        card = card_of(office.ask(account, "board.open"))
        opened = [row.button.value for part in card.sections for row in part.rows]
        assert len(opened) == len(set(opened)) >= 8
        headings = [part.heading for part in card.sections if part.rows]
        assert headings[0].startswith(office.say("board.overdue", n=0)[:2])

    async def test_the_bars_add_up_and_say_what_is_in_them(self, office: Office) -> None:
        card = card_of(office.ask("max", "board.open"))
        assert isinstance(card.chart, Chart)
        assert card.chart_below
        [series] = card.chart.series
        assert sum(series.values) == 30
        assert office.say("stage.nurture") in card.chart.categories
        assert all(button is None or counted(button) for button in card.chart.opens)

    def test_who_has_nothing_sees_what_to_do(self, office: Office) -> None:
        card = card_of(office.ask("kim", "board.open"))
        assert card.body == office.say("board.empty")
        assert card.chart is None
        assert [one.action for one in card.buttons] == ["lead.new", "pool.open"]
        assert card.buttons[0].style == "primary"

    def test_the_pool_says_how_many_there_are_to_claim(self, office: Office) -> None:
        form = office.ask("robin", "pool.ask", pressed="LX002").form
        assert form
        assert not office.submit("robin", form, reason="busy").errors
        card = card_of(office.ask("robin", "board.open"))
        [pool] = [one for one in card.buttons if one.action == "pool.open"]
        listed = card_of(office.ask("robin", pool.action))
        assert listed.title == office.say("pool.title", n=counted(pool))

    async def test_a_former_button_opens_the_list(self, office: Office) -> None:
        await office.travel(2024, 3, 6, 10)
        card = card_of(office.ask("max", "board.overdue", pressed="1"))
        assert "LX" in words_of(card)


class TestElsewhere:
    async def test_the_digest_opens_as_many_leads_as_it_counts(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 10)
        with office.world.new_uow(read_only=True) as uow:
            digest = weekly_card(office.teams["East"].id, "2024-W10", office.world.context(uow))
        assert digest
        headed = [part.opens for part in digest.sections if part.opens]
        assert len(headed) == 2
        for button in headed:
            assert len(rows_behind(office, "max", button)) == counted(button) > 1
