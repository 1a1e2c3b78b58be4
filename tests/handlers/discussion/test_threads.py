"""Threads: everything about one lead in a conversation goes under the lead's first card."""

from handlers.core.ui import Card, Todo
from sales.people import Role
from sales.signals import SignalKind
from tests.handlers.conftest import FRIDAY
from tests.office import Office, Posted, signalled


def posted(office: Office, account: str = "robin") -> list[tuple[Posted, str]]:
    """What somebody got, each with the title of the card under which it stands."""
    found = []
    for message in office.desk.posted:
        if message.to == account:
            above = office.desk.posted[int(message.thread.ref)] if message.thread else None
            found.append((message, above.card.subject if above else ""))
    return found


class TestThreads:
    async def test_later_notices_stand_under_the_first_card(self, office: Office) -> None:
        office.log_lead("max")
        await office.settle()
        owner = office.owner()
        [(first, above)] = posted(office, owner)
        assert (first.card.subject, above) == ("lead:1", "")
        office.ask(owner, "followup.open", text="LX001 call likes it tomorrow send the case")
        signalled(office, SignalKind.PROPOSAL_OPENED)
        await office.travel(2024, 3, 2, 10)
        later = posted(office, owner)[1:]
        assert {above for _, above in later} == {"lead:1"}
        assert {message.card.subject.partition(":")[0] for message, _ in later} >= {
            "lead",
            "followup",
        }
        assert all(message.thread and message.thread.aloud for message, _ in later)

    async def test_each_lead_and_each_person_has_their_own(self, office: Office) -> None:
        for number in (1, 2):
            office.log_lead("robin", customer=f"Sample {number}", phone="", email="", owner="keep")
            signalled(office, SignalKind.PROPOSAL_OPENED, f"a:{number}", lead_id=number)
        await office.settle()
        assert [above for _, above in posted(office)] == ["", ""]
        signalled(office, SignalKind.PROPOSAL_OPENED, "b", lead_id=2)
        form = office.ask("max", "lead.reassign", pressed="LX002").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.settle()
        assert [above for _, above in posted(office, "dana")] == [""]

    async def test_answers_in_chat_belong_nowhere(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        reply = office.ask("robin", "lead.show", pressed="LX001")
        assert isinstance(reply.card, Card)
        assert reply.card.thread == ""


class TestHome:
    def test_shows_the_board_or_the_tasks(self, office: Office) -> None:
        office.hire("fay", "Fay Sample", Role.FINANCE)
        for account, action in (
            ("robin", "board.open"),
            ("max", "board.open"),
            ("fay", "task.list"),
        ):
            shown = office.ask(account, "home.open").card
            assert shown
            assert shown == office.ask(account, action).card


class TestTodos:
    async def test_what_is_overdue_is_owed_until_it_is_done(self, office: Office) -> None:
        office.desk.can_edit, office.desk.has_todos = False, True
        office.log_lead("robin", owner="keep")
        office.ask("robin", "followup.open", text="LX001 call likes it tomorrow send the case")
        await office.travel(2024, 3, 8, 18)
        owed = {card.todo for card in office.inbox("robin") if card.todo}
        followup = office.history()[0]
        title = office.say("reminder.entry_step", customer="Acme Sample Ltd", step="send the case")
        assert owed == {Todo(followup.next_at or FRIDAY, title, "LX001")}
        assert not [card for card in office.inbox("max") if card.todo]
        office.ask("robin", "reminder.done", pressed=str(followup.id))
        await office.settle()
        assert not [card for card in office.inbox("robin") if card.todo]
