"""Every card names the next step.

``Office`` checks the cards of all tests; here people press whatever they are shown, and the check
itself is tested.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from handlers.core.commands import COMMANDS
from handlers.core.language import LOCALES, Language
from handlers.core.ui import Button, Card, Fact, Link
from sales.leads import Stage
from sales.people import Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.cards import problems_of
from tests.office import SHANGHAI, Office, buttons_of, open_office
from tests.plain_text import raw_values, unlabelled

MOST_PRESSED = 150
LOG = Button("followup.log", "Log", "LX001", "primary")
EDIT = Button("lead.edit", "Edit", "LX001")


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, database: Database, fields: Fields) -> Iterator[Office]:
    now = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
    with open_office(database, fields, now, locale=request.param) as opened:
        yield opened


class TestEveryCard:
    async def test_that_people_come_to_by_pressing_has_a_next_step(self, office: Office) -> None:
        office.hire("sam", "Sam Service", Role.SERVICE)
        for number, stage in enumerate(Stage):
            office.log_lead("max", customer=f"Sample {stage}", phone=f"138 1234 56{number:02d}",
                            email=f"zhang@sample{number}.example")  # fmt: skip
        await office.settle()
        reached = {"reason": "-", "amount": "1万", "lost": "price"}
        for lead, stage in zip(office.leads(), Stage, strict=True):
            owner = office.owner(lead.id)
            office.ask(owner, "offer.accept", pressed=lead.number)
            version = str(office.lead(lead.id).version)
            place = {"lead": lead.number, "to": stage, "version": version}
            office.ask(owner, "stage.move", values=reached, state=place)
        await office.settle()
        for account in ("robin", "max", "ada", "sam"):
            self._wander(office, account)

    @staticmethod
    def _wander(office: Office, account: str) -> None:
        replies = [office.ask(account, command.action) for command in COMMANDS]
        waiting = [card for reply in replies if (card := reply.card)] + office.inbox(account)
        pressed: set[tuple[str, str]] = set()
        while waiting and len(pressed) < MOST_PRESSED:
            for button in buttons_of(waiting.pop(0)):
                wish = (button.action, button.value)
                if wish not in pressed:
                    pressed.add(wish)
                    reply = office.ask(account, button.action, pressed=button.value)
                    waiting += [card for card in (reply.card, reply.update) if card]
        assert office.unfit == []


class TestProblems:
    @pytest.mark.parametrize(
        ("card", "said"),
        [
            (Card("x"), "is a dead end"),
            (Card("x", buttons=(EDIT,) * 6), "6 buttons at once"),
            (Card("x", more=(EDIT,)), "nothing but a menu"),
            (Card("x", buttons=(EDIT,), more=(LOG,)), "hides the next step"),
            (Card("x", buttons=(LOG, LOG)), "two next steps"),
            (Card("x", buttons=(LOG,), more=(Button("followup.log", "Log", "LX001"),)), "twice"),
        ],
    )
    def test_are_found(self, office: Office, card: Card, said: str) -> None:
        assert any(said in problem for problem in problems_of(card, office.language))

    def test_are_not_made_up(self, office: Office) -> None:
        assert problems_of(Card("x", buttons=(LOG,), more=(EDIT,)), office.language) == []
        assert (
            problems_of(Card("x", links=(Link("x", "https://a.example"),)), office.language) == []
        )


class TestRawValues:
    @pytest.mark.parametrize(
        "text",
        ["due 2026-12-08", "at 2026-12-08T10:00", "10:00+08:00", "10:00:07", "in proposal_sent",
         "lead.saved", "Budget: None", "{number} is saved", "['it', 'retail']", "Stage.WON",
         "好的。。", "客户：: 张", "saved , thanks", "two  spaces", "“” is no day",
         "12.5万，¥125,000"],
    )  # fmt: skip
    def test_are_found_unless_they_were_typed(self, text: str) -> None:
        assert raw_values([text], [])
        assert raw_values([text], [text]) == []

    @pytest.mark.parametrize(
        "text",
        ["None of them is late", "For example: 2026-12-08", "Mar 8, Fri 10:00", "see leads.csv",
         "https://desk.example/a_b/None", "9:00-12:00, 13:00-18:00", "Done...", "12.5万，¥9,900"],
    )  # fmt: skip
    def test_are_none_of_these(self, text: str) -> None:
        assert raw_values([text], []) == []

    def test_are_two_languages_in_one_card(self) -> None:
        texts = [Language(one, UTC).text("button.open") for one in LOCALES]
        assert raw_values(texts, [])
        assert raw_values(texts[:1], []) == []

    def test_are_labels_that_say_nothing(self) -> None:
        assert unlabelled(Card("x", facts=(Fact("", "1"),), buttons=(Button("a", " "),)))
