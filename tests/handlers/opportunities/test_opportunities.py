"""Repeat business through the front door: suggested, taken up, dismissed, and counted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from handlers.core.ui import Card
from sales.leads import Stage
from sales.people import SYSTEM
from sales.playbook import Quiet
from sales.signals import SignalKind
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import Office, signalled, words_of

ALWAYS = Quiet(start=time(), end=time(), days_off=False)
"""People who hear of everything at once."""
LX001 = "LX001 · Acme Sample Ltd"


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_customer_of_robins) as office:
        yield office


def a_customer_of_robins(office: Office) -> None:
    """LX001 is Robin's customer since 1 March, with the advanced edition."""
    office.log_lead("robin", owner="keep", product="advanced")
    form = office.ask("robin", "stage.choose", state={"lead": "LX001"}, values={"to": "won"}).form
    assert form
    reply = office.submit(
        "robin", form, amount="12.5万", criteria=("signed",), reason="they had hurry"
    )
    assert not reply.errors, reply.errors


def found(office: Office, account: str = "robin") -> list[Card]:
    title = office.say("opportunity.title", lead=LX001)
    return [card for card in office.inbox(account) if card.title == title]


class TestByTimeAlone:
    async def test_three_months_later_a_further_product_is_recommended(
        self, office: Office
    ) -> None:
        office.rules(quiet=ALWAYS)
        await office.travel(2024, 6, 1, 8, 59)
        assert office.rows("opportunity") == []
        await office.travel(2024, 6, 1, 9)
        [card] = found(office)
        for told in ("Analytics module", "¥37,500", "Q3"):
            assert told in words_of(card.facts)
        assert office.say("signal.figure_edition_months", n=3) in card.footnote

    async def test_the_renewal_comes_every_year(self, office: Office) -> None:
        office.rules(quiet=ALWAYS)
        await office.travel(2025, 1, 30, 9)
        assert len(found(office)) == 2
        renewal = found(office)[-1]
        assert "¥125,000" in words_of(renewal.facts)
        office.press("robin", renewal, "opportunity.accept")
        await office.travel(2026, 1, 30, 9)
        assert len([c for c in found(office) if "¥125,000" in words_of(c.facts)]) >= 2

    async def test_a_signature_that_did_not_hold_brings_nothing_up(self, office: Office) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.LOST))
        await office.travel(2025, 2, 1, 9)
        assert found(office) == []


class TestAnswers:
    @pytest.fixture
    async def card(self, office: Office) -> Card:
        signalled(office, SignalKind.USAGE_UP, value=40)
        await office.settle()
        [card] = found(office)
        return card

    async def test_taken_up_it_is_a_lead_like_any_other(self, office: Office, card: Card) -> None:
        reply = office.press("robin", card, "opportunity.accept")
        assert reply.toast == office.say("opportunity.accepted", lead="LX002")
        lead = office.lead(2)
        assert (lead.customer, lead.source, lead.origin_id) == ("Acme Sample Ltd", "repeat", 1)
        assert (lead.budget_high, lead.stage) == (Decimal(25_000), Stage.CAPTURED)
        assert office.owner(2) == "robin"
        assert reply.card
        assert "LX001" in words_of(reply.card.facts)
        contact = office.press("robin", reply.card, "button.contact").form
        assert contact
        assert contact.state == {"lead": "LX001"}
        assert not office.ask(
            "robin", "followup.create",
            values={"lead": "LX002", "method": "call", "summary": "interested"},
        ).errors  # fmt: skip
        await office.settle()
        assert office.say("opportunity.became", lead="LX002") in found(office)[0].body
        again = office.press("robin", card, "opportunity.accept")
        assert (again.toast, len(office.leads())) == (office.say("error.conflict"), 2)

    async def test_the_manager_takes_it_up_for_the_owner(self, office: Office, card: Card) -> None:
        office.press("max", card, "opportunity.accept")
        assert office.owner(2) == "robin"
        assert office.offers(2)[0].why.reason == "repeat"

    async def test_dismissed_with_a_word(self, office: Office, card: Card) -> None:
        form = office.press("robin", card, "opportunity.dismiss").form
        assert form
        assert office.submit("robin", form, word=" ").errors.keys() == {"word"}
        office.submit("robin", form, word="budget cut")
        await office.settle()
        assert office.say("opportunity.was_dismissed", word="budget cut") == found(office)[0].body
        assert len(office.leads()) == 1

    async def test_the_same_is_not_brought_up_twice(self, office: Office, card: Card) -> None:
        assert card
        await office.travel(2024, 3, 20, 10)
        signalled(office, SignalKind.USAGE_UP, "test:2", value=50)
        await office.settle()
        assert len(found(office)) == 1

    async def test_counts_in_the_next_quarter_until_it_is_dismissed(
        self, office: Office, card: Card
    ) -> None:
        robin = office.people["robin"].id
        office.ask("max", "target.save", pressed=f"2024-Q2/person:{robin}",
                   values={"revenue": "30万"})  # fmt: skip
        line = office.say("opportunity.expected", n=1, amount="¥25,000")
        pressed = f"2024-Q2/person:{robin}"
        shown = office.ask("robin", "target.open", pressed=pressed).card
        assert line in words_of(shown)
        office.press("robin", card, "opportunity.accept")
        assert line in words_of(office.ask("robin", "target.open", pressed=pressed).card)
        office.change_lead(2, lambda lead: replace(lead, stage=Stage.LOST))
        assert line not in words_of(office.ask("robin", "target.open", pressed=pressed).card)

    async def test_stands_on_the_board(self, office: Office, card: Card) -> None:
        board = office.ask("robin", "board.open").card
        assert board
        assert card.title
        [part] = [p for p in board.sections if p.heading == office.say("opportunity.heading", n=1)]
        shown = office.ask(
            "robin", part.rows[0].button.action, pressed=part.rows[0].button.value
        ).card
        assert shown == replace(card, thread="")
        assert part.opens
        listed = office.ask("robin", part.opens.action, pressed=part.opens.value).card
        assert listed
        assert (listed.title, listed.sections[0].rows) == (part.heading, part.rows)
        foreign = office.ask("kim", "opportunity.list").card
        assert foreign
        assert foreign.title == office.say("opportunity.none")
        assert foreign.sections == ()

    async def test_more_than_fit_on_the_board_are_all_in_the_list(
        self, office: Office, card: Card
    ) -> None:
        assert card.title
        with office.world.new_uow() as uow:
            opportunities = uow.opportunities(SYSTEM)
            [first] = opportunities.waiting(1)
            for _ in range(24):
                opportunities.add(replace(first, id=0))
            uow.commit()
        board = office.ask("robin", "board.open").card
        assert board
        heading = office.say("opportunity.heading", n=25)
        [part] = [one for one in board.sections if one.heading == heading]
        assert part.opens
        listed = office.ask("robin", part.opens.action, pressed=part.opens.value).card
        assert listed
        further = office.press("robin", listed, "button.next_page").update
        assert further
        rows = [*listed.sections[0].rows, *further.sections[0].rows]
        assert len({row.button.value for row in rows}) == len(rows) == 25
        past = office.ask("robin", "opportunity.page", pressed="99").update
        assert past == further
