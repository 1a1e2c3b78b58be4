"""Looking up contacts in bulk: leaders are notified once, and see the record."""

from handlers.core.replies import Reply
from handlers.core.ui import Card
from tests.office import Office, words_of

FEW = {"per_hour": 2, "per_day": 4}


def look_up(office: Office, times: int, account: str = "robin") -> list[Reply]:
    asked = {"values": {"reason": "call"}, "state": {"lead": "LX001"}}
    replies = [office.ask(account, "contact.reveal", **asked) for _ in range(times)]
    assert all(reply.card for reply in replies)
    return replies


def alerts(office: Office, account: str, window: str, n: int) -> list[Card]:
    title = office.say(f"reveals.alert_{window}", name="Robin Sample", n=n)
    return [card for card in office.inbox(account) if card.title == title]


class TestAlert:
    async def test_above_the_rules_number_leaders_hear_once(self, office: Office) -> None:
        office.rules(reveals=FEW)
        office.log_lead("robin", owner="keep")
        look_up(office, 2)
        await office.settle()
        assert alerts(office, "max", "hour", 2) == []
        look_up(office, 1)
        await office.settle()
        [card] = alerts(office, "max", "hour", 3)
        assert alerts(office, "ada", "hour", 3)
        assert "LX001" in words_of(card)
        assert not [card for card in office.inbox("wes") if "Robin" in card.title]
        assert not alerts(office, "robin", "hour", 3)
        look_up(office, 1)
        await office.settle()
        told = [card for card in office.inbox("max") if "Robin Sample" in card.title]
        assert len(told) == 1
        assert [row for row in office.rows("audit") if row["act"] == "contact.bulk"]

    async def test_a_day_counts_too(self, office: Office) -> None:
        office.rules(reveals=FEW)
        office.log_lead("robin", owner="keep")
        look_up(office, 2)
        await office.travel(2024, 3, 1, 13)
        look_up(office, 2)
        await office.travel(2024, 3, 1, 16)
        look_up(office, 1)
        await office.settle()
        assert alerts(office, "max", "day", 5)
        assert not alerts(office, "max", "hour", 3)

    async def test_who_leads_them_no_more_reads_nothing(self, office: Office) -> None:
        office.rules(reveals=FEW)
        office.log_lead("robin", owner="keep")
        look_up(office, 3)
        form = office.ask("ada", "people.edit", pressed=str(office.people["robin"].id)).form
        assert form is not None
        office.submit("ada", form, team=str(office.teams["West"].id))
        await office.settle()
        assert alerts(office, "max", "hour", 3) == []


class TestRecord:
    def test_shows_who_which_lead_when_and_what_for(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        look_up(office, 1)
        people = office.ask("max", "people.open").card
        assert people is not None
        record = office.press("max", people, "button.reveals").card
        assert record is not None
        for word in ("Robin Sample", "LX001", office.say("contact.reason_call")):
            assert word in words_of(record)
        assert "138" not in words_of(record)

    def test_is_for_those_who_lead_the_person(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        look_up(office, 1)
        west = office.ask("wes", "reveals.show").card
        assert west is not None
        assert "LX001" not in words_of(west)
        pressed = str(office.people["robin"].id)
        assert office.ask("wes", "reveals.show", pressed=pressed).card is None
        assert office.ask("robin", "reveals.show").card is None
        assert office.ask("ada", "reveals.show", pressed=pressed).card is not None


def test_an_extension_is_kept_and_shown_only_there(office: Office) -> None:
    office.log_lead("robin", owner="keep", phone="0571-8888 9999 转 802")
    assert "****9999" in words_of(office.ask("robin", "lead.show", pressed="LX001"))
    assert "802" not in words_of(office.ask("robin", "lead.show", pressed="LX001"))
    [reply] = look_up(office, 1)
    assert office.say("lead.extension", phone="+8657188889999", ext="802") in words_of(reply)
