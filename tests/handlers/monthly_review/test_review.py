"""The monthly review [P20]: posted once, its parts, its file, and what it prepares."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from handlers.core.charts import FunnelChart
from handlers.core.ui import Attachment, Button, Card
from handlers.monthly_review.cards import PARTS
from sales.channel_privacy import Readers, Told
from tests.furnished import Offices
from tests.handlers.monthly_review.season import MONTH, live_through_a_season
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

NOW = datetime(2026, 11, 5, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, offices: Offices) -> Iterator[Office]:
    with offices.open(NOW, request.param, after=live_through_a_season) as opened:
        yield opened


def opened(office: Office, account: str, text: str = MONTH) -> Card:
    card = office.ask(account, "review.open", text=text).card
    assert card
    return card


def refused(office: Office, account: str, action: str, pressed: str) -> str:
    """What a request is refused with; empty for one that is answered."""
    reply = office.ask(account, action, pressed=pressed)
    assert reply.card is None
    assert reply.update is None
    assert reply.form is None
    return reply.toast


def chart_of(card: Card) -> FunnelChart:
    assert isinstance(card.chart, FunnelChart)
    return card.chart


def part(office: Office, account: str, key: str, team: int = 0) -> Card:
    card = office.ask(account, "review.part", pressed=f"{MONTH}:{team}:{key}").card
    assert card
    return card


def proposals(office: Office, card: Card) -> list[Button]:
    heading = office.say("review.proposals")
    return [row.button for one in card.sections if one.heading == heading for row in one.rows]


def posts(office: Office, channel: str = "C1") -> list[Card]:
    """The first screens of the month's reviews in a channel."""
    return [card for card in office.inbox(channel) if card.starts.endswith(f":{MONTH}")]


def details(office: Office, channel: str = "C1") -> list[Card]:
    return [card for card in office.inbox(channel) if card.thread.endswith(f":{MONTH}")]


class TestFirstScreen:
    def test_says_what_matters_and_what_to_do(self, office: Office) -> None:
        card = opened(office, "ada")
        matters = next(one for one in card.sections if one.heading == office.say("review.matters"))
        assert 3 <= len(matters.rows) <= 5
        assert 1 <= len(proposals(office, card)) <= 3
        assert "n=" in words_of(card)
        assert "Canary" not in words_of(card)
        assert not office.unfit

    def test_says_only_what_is_found(self, office: Office) -> None:
        """Too few deals to judge grades by is no finding, nor is what was merely given out."""
        card = opened(office, "ada")
        matters = next(one for one in card.sections if one.heading == office.say("review.matters"))
        said = [row.text for row in matters.rows]
        assert office.say("review.grades_few") not in said
        assert not [line for line in said if line.rstrip().endswith((":", "："))]
        assert "–" not in "".join(stage.rate for stage in chart_of(card).stages)

    def test_a_manager_gets_the_own_team_whatever_they_name(self, office: Office) -> None:
        own = opened(office, "max", "")
        assert own.title == opened(office, "ada", "East").title
        assert refused(office, "max", "review.open", f"{MONTH}:{office.teams['West'].id}")

    def test_a_month_before_the_company_says_so(self, office: Office) -> None:
        assert opened(office, "ada", "2020-01").body == office.say("review.empty")

    def test_what_comes_from_outside_is_refused(self, office: Office) -> None:
        for value in ("2026-W47:0", "x", "2026-10:x:nonsense", ""):
            assert refused(office, "ada", "review.part", value)


class TestParts:
    @pytest.mark.parametrize("key", [*PARTS, "all"])
    def test_show_figures(self, office: Office, key: str) -> None:
        card = part(office, "ada", key)
        assert card.sections or card.body
        assert "Canary" not in words_of(card)
        assert not office.unfit

    def test_numbers_open_as_many_leads(self, office: Office) -> None:
        team = office.teams["East"].id
        for account, team_id in (("ada", 0), ("ada", team), ("max", team)):
            for key in ("result", "records", "paths", "speed", "stages", "people", "losses"):
                card = part(office, account, key, team_id)
                for button in buttons_of(card):
                    if button.action == "lead_list.show":
                        expected = int(button.label.replace("：", ": ").rpartition(" ")[2])
                        listed = office.ask(account, button.action, pressed=button.value).card
                        assert listed
                        counted = re.findall(r"\d+", listed.title)
                        assert str(expected) in counted, (key, button.label, listed.title)

    def test_people_are_compared_within_what_one_sees(self, office: Office) -> None:
        words = words_of(part(office, "max", "people", office.teams["East"].id))
        assert "Dana Example" in words
        assert "Kim Sample" not in words
        assert "Kim Sample" in words_of(part(office, "ada", "people"))


class TestFile:
    def test_has_a_sheet_for_each_part_with_numbers(self, office: Office) -> None:
        content = attached(office, "ada").content
        book = load_workbook(io.BytesIO(content))
        assert len(book.sheetnames) >= 10
        kinds = {type(cell.value) for sheet in book for row in sheet for cell in row}
        assert {int, float, str} <= kinds
        assert any(cell.number_format == "0%" for sheet in book for row in sheet for cell in row)

    def test_holds_no_customer_and_no_contact(self, office: Office) -> None:
        with ZipFile(io.BytesIO(attached(office, "max").content)) as file:
            text = "".join(file.read(name).decode("utf-8", "ignore") for name in file.namelist())
        assert "Canary" not in text
        assert "13800000001" not in text
        assert "Kim Sample" not in text

    def test_is_recorded(self, office: Office) -> None:
        attached(office, "ada")
        (act,) = [row for row in office.rows("audit") if row["act"] == "export.create"]
        assert act["detail"] == {"kind": "xlsx", "review": MONTH, "team": ""}


def attached(office: Office, account: str) -> Attachment:
    file = office.press(account, opened(office, account), "review.file").attachment
    assert file
    return file


class TestProposals:
    def test_a_rule_is_tried_and_prepared_but_never_applied(self, office: Office) -> None:
        before = office.rows("playbook")
        for account in ("ada", "max"):
            rules = [
                button
                for button in proposals(office, opened(office, account))
                if button.action == "playbook.propose"
            ]
            tried = office.ask(account, "playbook.propose", pressed=rules[0].value).card
            assert tried
            assert office.say("rules.proposed") in words_of(tried)
        assert office.rows("playbook_draft") == []
        tried = office.ask("ada", "playbook.propose", pressed=rules[0].value).card
        assert tried
        draft = office.press("ada", tried, "button.rules_prepare").card
        assert draft
        assert len(office.rows("playbook_draft")) == 1
        assert office.rows("playbook") == before

    def test_a_topic_is_put_on_the_agenda_once(self, office: Office) -> None:
        topic = f"{MONTH}:0:loss_reason-price"
        form = office.ask("ada", "review.topic", pressed=topic).form
        assert form
        reply = office.submit("ada", form, words="Price 138 1234 5678")
        assert reply.card
        assert "Price" in words_of(reply.card)
        assert "1234 5678" not in words_of(reply.card)
        office.submit("ada", form, words="Again")
        assert len(office.rows("sharing_topic")) == 1

    @pytest.mark.parametrize(
        "value", ["clocks.medium.within:x", "vocabulary.sources:3", "a:1", ":"]
    )
    def test_other_values_are_refused(self, office: Office, value: str) -> None:
        assert refused(office, "ada", "playbook.prepare", value)
        assert office.rows("playbook_draft") == []


class TestPosting:
    async def test_is_posted_once_by_the_fifth(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "ada"}))
        assert posts(office) == []
        await office.travel(2026, 11, 5, 10, 5)
        (card,) = posts(office)
        assert office.say("review.why_posted") in card.footnote
        await office.travel(2026, 11, 6, 10, 5)
        assert len(posts(office)) == 1

    async def test_all_parts_are_in_its_thread(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "ada"}))
        await office.travel(2026, 11, 5, 10, 5)
        [card], [rest] = posts(office), details(office)
        assert rest.thread == card.starts
        assert len(rest.sections) > len(card.sections)
        assert "Dana Example" in words_of(rest)
        assert not office.unfit

    async def test_the_companys_goes_to_its_channels_alone(self, office: Office) -> None:
        office.ask("ada", "channel.bind_company", channel="C2")
        office.ask("max", "channel.bind", channel="C1")
        office.desk.members["C2"] = Readers(Told.ALL, frozenset({"ada"}))
        await office.travel(2026, 11, 5, 10, 5)
        [card], [rest], [of_team] = posts(office, "C2"), details(office, "C2"), posts(office)
        assert card.title == opened(office, "ada").title != of_team.title
        assert rest.thread == card.starts == f"review:all:{MONTH}"
        assert "West" in words_of(rest)
        assert "West" not in words_of(of_team)

    async def test_a_manager_sees_only_totals_of_the_company(self, office: Office) -> None:
        office.ask("ada", "channel.bind_company", channel="C2")
        office.desk.members["C2"] = Readers(Told.ALL, frozenset({"ada", "max"}))
        await office.travel(2026, 11, 5, 10, 5)
        for card in (*posts(office, "C2"), *details(office, "C2")):
            assert office.say("audience.some_may_not", n=1) in card.footnote
            for name in ("Dana", "Robin", "Kim", "Canary"):
                assert name not in words_of(card)

    async def test_where_others_read_nobody_is_named(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin"}))
        await office.travel(2026, 11, 5, 10, 5)
        [card], [rest] = posts(office), details(office)
        for name in ("Dana", "Robin", "Canary"):
            assert name not in words_of(card)
            assert name not in words_of(rest)

    async def test_after_downtime_it_says_that_it_is_late(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        await office.travel(2026, 11, 9, 10)
        (card,) = posts(office)
        late = office.say("digest.late", at="").split("…")[0].strip()[:6]
        assert late in card.footnote

    async def test_of_several_missed_months_the_last_is_posted(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        await office.travel(2027, 1, 20, 10)
        started = [card.starts for card in office.inbox("C1") if card.starts.startswith("review:")]
        assert started == [f"review:{office.teams['East'].id}:2026-12"]


def test_a_rep_is_told_who_can_help(office: Office) -> None:
    assert "Max Manager" in refused(office, "robin", "review.open", "")


def test_all_buttons_are_the_readers_to_press(office: Office) -> None:
    card = opened(office, "max")
    assert button_of(card, office.say("review.all_parts"))
    for button in buttons_of(card):
        if button.action.startswith("review.") and button.action != "review.topic":
            assert office.ask("max", button.action, pressed=button.value)
