"""The honours of a month: who won how much, in the team's channel."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.ui import Card
from sales.announcements import Month
from sales.channel_privacy import Readers, Told
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import SHANGHAI, Office, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
CUSTOMER = "Canary Works"


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY, request.param) as opened:
        opened.ask("max", "channel.bind", channel="C1")
        for number, account in enumerate(("robin", "dana", "dana"), 1):
            opened.log_lead(
                account, owner="keep", customer=f"{CUSTOMER} {number}",
                phone=f"1381234567{number}", email="",
            )  # fmt: skip
            state = {
                "lead": f"LX00{number}",
                "to": "won",
                "version": str(opened.lead(number).version),
            }
            values = {"amount": f"{number}万", "reason": "fast"}
            assert not opened.ask(account, "stage.move", state=state, values=values).errors
        yield opened


async def honours(office: Office) -> list[Card]:
    await office.travel(2024, 4, 1, 9, 29)
    before = len(office.inbox("C1"))
    await office.travel(2024, 4, 1, 10)
    return [card for card in office.inbox("C1")[before:] if "🏆" in card.title]


async def test_rank_people_by_what_they_won(office: Office) -> None:
    (card,) = await honours(office)
    first, second = card.sections[0].lines
    assert first.startswith("🥇 Dana Example")
    assert second.startswith("🥈 Robin Sample")
    assert CUSTOMER not in words_of(card)
    assert office.language.month(Month(2024, 3).first) in card.title
    await office.travel(2024, 4, 3, 10)
    assert sum("🏆" in card.title for card in office.inbox("C1")) == 1


async def test_a_month_without_a_win_is_left_out(office: Office) -> None:
    await honours(office)
    await office.travel(2024, 5, 6, 10)
    assert sum("🏆" in card.title for card in office.inbox("C1")) == 1


async def test_can_be_switched_off(office: Office) -> None:
    form = office.ask("max", "announcement.settings", channel="C1", pressed="").form
    assert form
    office.submit("max", form, what=("wins",))
    assert await honours(office) == []


async def test_not_where_an_outsider_reads(office: Office) -> None:
    office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "guest-of-others"}))
    assert await honours(office) == []


async def test_without_amounts_where_the_team_shows_none(office: Office) -> None:
    form = office.ask("max", "announcement.settings", channel="C1", pressed="").form
    assert form
    office.submit("max", form, what=("honours",))
    (card,) = await honours(office)
    assert office.say("announce.honour_wins", medal="🥇", name="Dana Example", n=2) in (
        card.sections[0].lines
    )
    assert "万" not in words_of(card)
    assert "¥" not in words_of(card)
