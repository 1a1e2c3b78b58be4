"""The readers of a channel decide whether the digest and the sync name anybody there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.channel_privacy import Basis, Readers, Told, judge
from sales.people import Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import SHANGHAI, Office, buttons_of, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
LEADERS = Readers(Told.ALL, frozenset({"max", "ada"}))
CANNOT_TELL = Readers(Told.NEVER)
CUSTOMER = "Canary Works"
NAMES = (CUSTOMER, "Robin", "Dana", "LX001", "Max", "Ada")


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY, request.param) as opened:
        opened.log_lead("robin", owner="keep", customer=CUSTOMER)
        opened.ask("robin", "followup.open", text="LX001 call likes it by 3/2 send the case")
        opened.ask("max", "channel.bind", channel="C1")
        yield opened


def asked(office: Office, account: str, action: str, pressed: str | None = None) -> Reply:
    """In the channel, as the process asks: with who reads there."""
    request = office.request(account, action, channel="C1", pressed=pressed)
    readers = office.desk.members.get("C1", LEADERS)
    where = replace(request.conversation, readers=readers)
    return office.send(replace(request, conversation=where))


async def posted(office: Office) -> list[Card]:
    """The digest of the week and the sync of the Friday after."""
    await office.travel(2024, 3, 8, 18)
    cards = office.inbox("C1")
    assert len(cards) >= 2
    return cards


class TestJudge:
    @pytest.mark.parametrize(
        ("readers", "chosen", "basis"),
        [
            (LEADERS, False, Basis.ALL_MAY),
            (Readers(Told.ALL, frozenset({"max"})), False, Basis.ALL_MAY),
            (Readers(Told.ALL, frozenset({"max", "x"})), True, Basis.SOME_MAY_NOT),
            (Readers(Told.ALL), True, Basis.UNKNOWN),
            (Readers(Told.FAILED), True, Basis.UNKNOWN),
            (CANNOT_TELL, True, Basis.CHOSEN_NAMES),
            (CANNOT_TELL, False, Basis.CHOSEN_TOTALS),
        ],
    )
    def test_names_only_where_all_may(self, readers: Readers, chosen: bool, basis: Basis) -> None:
        verdict = judge(readers, {"max", "ada"}, chosen_names=chosen)
        assert verdict.basis is basis
        assert verdict.names == (basis in (Basis.ALL_MAY, Basis.CHOSEN_NAMES))
        assert verdict.strangers == (basis is Basis.SOME_MAY_NOT)


class TestWhatIsPosted:
    async def test_names_where_everybody_may_see(self, office: Office) -> None:
        cards = await posted(office)
        assert all(CUSTOMER in words_of(card) for card in cards if not card.thread)

    @pytest.mark.parametrize(
        ("people", "n"),
        [
            ({"max", "robin"}, 1),
            ({"max", "ada", "wes", "kim", "dana"}, 3),
            ({"max", "guest-of-another-company"}, 1),
        ],
    )
    async def test_totals_and_why_where_somebody_may_not(
        self, office: Office, people: set[str], n: int
    ) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset(people))
        for card in await posted(office):
            assert not any(name in words_of(card) for name in NAMES), card
            assert office.say("audience.some_may_not", n=n) in card.footnote

    async def test_who_left_the_company_may_not(self, office: Office) -> None:
        office.change_person("ada", lambda person: replace(person, active=False))
        for card in await posted(office):
            assert office.say("audience.some_may_not", n=1) in card.footnote

    async def test_totals_where_the_look_failed(self, office: Office) -> None:
        office.desk.members["C1"] = Readers(Told.FAILED)
        for card in await posted(office):
            assert not any(name in words_of(card) for name in NAMES)
            assert office.say("audience.unknown") in card.footnote

    async def test_a_platform_that_breaks_costs_the_names_and_no_digest(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: object) -> Readers:
            raise RuntimeError("no")

        monkeypatch.setattr(office.desk, "readers", broken)
        for card in await posted(office):
            assert office.say("audience.unknown") in card.footnote

    async def test_the_buttons_still_open_what_one_may_see(self, office: Office) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin"}))
        sync = next(
            card
            for card in await posted(office)
            if any(button.action == "sync.show" for button in buttons_of(card))
        )
        assert CUSTOMER in words_of(office.press("max", sync, "button.open_agenda"))
        assert CUSTOMER not in words_of(office.press("kim", sync, "button.open_agenda"))

    async def test_each_channel_is_judged_by_itself(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C2")
        office.desk.members["C2"] = Readers(Told.ALL, frozenset({"max", "dana"}))
        await posted(office)
        assert all(CUSTOMER in words_of(card) for card in office.inbox("C1") if not card.thread)
        assert not any(CUSTOMER in words_of(card) for card in office.inbox("C2"))


class TestChoosing:
    """Where the platform can never tell."""

    @pytest.fixture(autouse=True)
    def silent(self, office: Office) -> None:
        office.desk.members["C1"] = CANNOT_TELL
        office.ask("max", "channel.unbind", channel="C1")

    @pytest.mark.parametrize("names", [True, False])
    async def test_a_leader_chooses_and_may_change_it(self, office: Office, names: bool) -> None:
        card = asked(office, "max", "help.open").card
        assert card
        labels = [button.label for button in buttons_of(card)]
        by_names, by_totals = office.say("button.bind_names"), office.say("button.bind_totals")
        assert {by_names, by_totals} <= set(labels)
        assert office.say("button.bind") not in labels
        chosen, other = (by_names, by_totals) if names else (by_totals, by_names)
        button = next(one for one in buttons_of(card) if one.label == chosen)
        reply = asked(office, "max", button.action, button.value)
        assert reply.update
        basis = Basis.CHOSEN_NAMES if names else Basis.CHOSEN_TOTALS
        assert office.say(f"audience.{basis}", n=0) in words_of(reply.update)
        labels = [button.label for button in buttons_of(reply.update)]
        assert (other in labels, chosen in labels) == (True, False)
        for posted_card in await posted(office):
            shows = CUSTOMER in words_of(posted_card)
            assert shows == (names and not posted_card.thread)

    async def test_unasked_it_is_totals(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        assert not any(CUSTOMER in words_of(card) for card in await posted(office))

    @pytest.mark.parametrize("account", ["robin", "kim", "wes"])
    def test_only_the_teams_leaders_choose(self, office: Office, account: str) -> None:
        office.ask("max", "channel.bind", channel="C1", pressed="totals:C1")
        before = office.rows("binding")
        asked(office, account, "channel.bind", "names:C1")
        assert office.rows("binding") == before


class TestAsking:
    def test_genjin_says_which_holds_and_why(self, office: Office) -> None:
        card = asked(office, "max", "help.open").card
        assert office.say("audience.all_may", n=0) in words_of(card)
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin", "kim"}))
        card = asked(office, "max", "help.open").card
        assert office.say("audience.some_may_not", n=2) in words_of(card)
        assert "Kim" not in words_of(card)

    async def test_names_chosen_elsewhere_do_not_outweigh_a_look(self, office: Office) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin"}))
        asked(office, "max", "channel.bind", "names:C1")
        assert not any(CUSTOMER in words_of(card) for card in await posted(office))

    def test_a_product_manager_sees_no_team(self, office: Office) -> None:
        office.hire("pat", "Pat Sample", Role.PRODUCT)
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "pat"}))
        card = asked(office, "max", "help.open").card
        assert office.say("audience.some_may_not", n=1) in words_of(card)
