"""Views posted on days and hours: to one's chat or a team's channel, once, and for as long as their
reader may see them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.lead_lists import LeadQuery, NextStep, encode
from sales.people import Person, Role
from sales.playbook import WEEKDAYS
from tests.furnished import Offices
from tests.office import PLATFORM, SHANGHAI, Office, button_of, buttons_of, words_of

WEDNESDAY = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
CHANNEL = f"{PLATFORM}:C1"


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(WEDNESDAY, after=leads_and_a_channel) as office:
        yield office


def leads_and_a_channel(office: Office) -> None:
    for account in ("robin", "dana", "kim"):
        office.log_lead(account, customer=f"{account} Ltd", phone="", email="", owner="keep")
    office.ask("max", "channel.bind", channel="C1")


def post(
    office: Office, account: str, view: str = "no_step", *, channel: str = "", **typed: object
) -> Reply:
    form = office.ask(account, "view.schedule", pressed=f"{view}:0", channel=channel).form
    assert form is not None
    if "channel_choice" in typed:
        typed["channel"] = typed.pop("channel_choice")
    chosen: dict[str, object] = {"weekdays": WEEKDAYS, "only": (), "at": "9:00"} | typed
    return office.submit(account, form, **chosen)  # type: ignore[arg-type]


def lists_of(office: Office, account: str) -> list[Card]:
    """The lists that were posted, without the other notices."""
    every = office.say("view.builtin_no_step")
    return [card for card in office.inbox(account) if card.title in (every, f"{every}!")]


class TestOwnChat:
    async def test_comes_every_day_at_the_hour(self, office: Office) -> None:
        reply = post(office, "robin")
        assert reply.card is not None
        assert not reply.errors
        assert "09:00" in reply.card.body
        await office.travel(2024, 3, 7, 8, 59)
        assert lists_of(office, "robin") == []
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "robin")
        assert "robin Ltd" in words_of(card)
        assert "dana Ltd" not in words_of(card)
        await office.travel(2024, 3, 8, 9, 5)
        assert len(lists_of(office, "robin")) == 2

    async def test_after_days_asleep_one_comes_late(self, office: Office) -> None:
        post(office, "robin")
        await office.travel(2024, 3, 13, 15)
        (card,) = lists_of(office, "robin")
        assert office.say("view.late", at="Mar 7, Thu 09:00") in card.footnote
        await office.travel(2024, 3, 14, 9, 1)
        assert len(lists_of(office, "robin")) == 2

    async def test_none_comes_late_shortly_before_the_next(self, office: Office) -> None:
        post(office, "robin")
        await office.travel(2024, 3, 11, 8, 30)
        assert lists_of(office, "robin") == []
        await office.travel(2024, 3, 11, 9)
        assert len(lists_of(office, "robin")) == 1

    async def test_changed_hours_post_no_day_twice(self, office: Office) -> None:
        post(office, "robin")
        await office.travel(2024, 3, 7, 9)
        (posting,) = office.rows("view_posting")
        form = office.ask("robin", "view.schedule", pressed=f"no_step:{posting['id']}").form
        assert form is not None
        assert not office.submit("robin", form, at="3pm").errors
        await office.travel(2024, 3, 7, 18)
        assert len(lists_of(office, "robin")) == 1
        await office.travel(2024, 3, 8, 14, 59)
        assert len(lists_of(office, "robin")) == 1
        await office.travel(2024, 3, 8, 15)
        assert len(lists_of(office, "robin")) == 2

    async def test_working_days_leave_holidays_out(self, office: Office) -> None:
        """Thursday to Saturday were the holiday of 2024, and Sunday a working day."""
        await office.travel(2024, 4, 3, 10)
        post(office, "robin", only=("workdays",))
        await office.travel(2024, 4, 6, 22)
        assert lists_of(office, "robin") == []
        await office.travel(2024, 4, 7, 9)
        assert len(lists_of(office, "robin")) == 1

    @pytest.mark.parametrize(("when_empty", "n"), [("line", 1), ("nothing", 0)])
    async def test_an_empty_list_is_one_line_or_nothing(
        self, office: Office, when_empty: str, n: int
    ) -> None:
        post(office, "robin", "hot", when_empty=when_empty)
        await office.travel(2024, 3, 7, 9)
        name = office.say("view.builtin_hot")
        line = office.say("view.nothing_today", name=name)
        assert [card.body for card in office.inbox("robin") if card.body == line] == [line] * n

    async def test_stops(self, office: Office) -> None:
        reply = post(office, "robin")
        assert reply.card is not None
        assert office.press("robin", reply.card, "button.stop_posting").toast
        await office.travel(2024, 3, 7, 9)
        assert lists_of(office, "robin") == []

    async def test_others_can_neither_change_nor_stop_it(self, office: Office) -> None:
        post(office, "robin")
        (posting,) = office.rows("view_posting")
        for account in ("dana", "kim", "max", "ada"):
            for action, value in (("view.stop", "{}"), ("view.schedule", "no_step:{}")):
                reply = office.ask(account, action, pressed=value.format(posting["id"]))
                assert reply.toast == office.say("error.posting_not_found")

    async def test_quiet_hours_are_said_and_kept(self, office: Office) -> None:
        reply = post(office, "robin", at="6:30")
        assert reply.card is not None
        said = office.say("view.in_quiet_hours", at="Mar 7, Thu 08:00")
        assert said in reply.card.body
        await office.travel(2024, 3, 7, 7)
        assert lists_of(office, "robin") == []
        await office.travel(2024, 3, 7, 8)
        assert len(lists_of(office, "robin")) == 1

    async def test_a_topic_turned_down_is_said(self, office: Office) -> None:
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        assert not office.submit("robin", form, about_views="never").errors
        reply = post(office, "robin")
        assert reply.card is not None
        assert office.say("view.turned_down") in reply.card.body
        await office.travel(2024, 3, 7, 9)
        assert lists_of(office, "robin") == []

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"weekdays": ()}, "weekdays"),
            ({"weekdays": ("someday",)}, "weekdays"),
            ({"at": "25:00"}, "at"),
            ({"at": ""}, "at"),
            ({"at": "soon"}, "at"),
            ({"weekdays": ("sun",), "only": ("workdays",)}, ""),
            ({"when_empty": "shout"}, "when_empty"),
        ],
    )
    def test_wrong_answers_are_said_at_the_field(
        self, office: Office, typed: dict[str, object], field: str
    ) -> None:
        reply = post(office, "robin", **typed)  # type: ignore[arg-type]
        if field:
            assert set(reply.errors) == {field}
            assert office.rows("view_posting") == []
        else:
            # A made-up working day may be a Sunday.
            assert not reply.errors

    async def test_keeps_its_local_hour_over_daylight_saving(self, office: Office) -> None:
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        assert not office.submit("robin", form, timezone="Europe/Berlin").errors
        post(office, "robin", at="9:00")
        for day in (29, 30, 31):
            await office.travel(2024, 3, day, 23, 59)
        dues = [row["due_at"] for row in office.rows("work") if row["kind"] == "view"]
        hours = {due.date().isoformat(): due.hour for due in dues}
        assert hours["2024-03-30"] == 8
        assert hours["2024-03-31"] == 7


class TestChannel:
    async def test_names_where_all_may_see(self, office: Office) -> None:
        reply = post(office, "max", channel="C1", channel_choice=CHANNEL)
        assert reply.card is not None
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "C1")
        assert "robin Ltd" in words_of(card)
        assert "dana Ltd" in words_of(card)
        assert "kim Ltd" not in words_of(card)

    async def test_totals_only_where_somebody_may_not(self, office: Office) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin"}))
        post(office, "max", channel="C1", channel_choice=CHANNEL)
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "C1")
        assert "Ltd" not in words_of(card)
        assert "2" in card.body
        assert office.say("audience.some_may_not", n=1) in card.footnote
        robins = office.press("robin", card, "button.open_list").card
        assert robins is not None
        assert "robin Ltd" in words_of(robins)
        assert "dana Ltd" not in words_of(robins)

    def test_says_at_once_who_sees_names(self, office: Office) -> None:
        form = office.ask("max", "view.schedule", pressed="no_step:0").form
        assert form is not None
        values = {one.name: getattr(one, "value", "") for one in form.fields}
        request = office.request("max", form.action, state=form.state,
                                 values=values | {"channel": CHANNEL})  # fmt: skip
        readers = Readers(Told.ALL, frozenset({"max", "robin"}))
        where = replace(request.conversation, readers=readers)
        reply = office.send(replace(request, conversation=where))
        assert reply.card is not None
        assert office.say("audience.some_may_not", n=1) in reply.card.body

    def test_reps_are_offered_no_channel_and_may_choose_none(self, office: Office) -> None:
        form = office.ask("robin", "view.schedule", pressed="no_step:0").form
        assert form is not None
        assert "channel" not in [one.name for one in form.fields]
        reply = office.submit("robin", form, channel=CHANNEL)
        assert "channel" in reply.errors
        others = office.ask("wes", "view.schedule", pressed="no_step:0").form
        assert others is not None
        assert "channel" in office.submit("wes", others, channel=CHANNEL).errors
        assert office.rows("view_posting") == []

    def test_my_leads_are_nobodys_in_a_channel(self, office: Office) -> None:
        query = encode(LeadQuery(mine=True, steps=(NextStep.NONE,)))
        form = office.ask("max", "view.save", pressed=query).form
        assert form is not None
        office.submit("max", form, name="Mine to plan")
        view = str(office.rows("saved_view")[0]["id"])
        reply = post(office, "max", view, channel_choice=CHANNEL)
        said = office.say("problem.view_mine_in_channel", name="Mine to plan")
        assert reply.errors == {"channel": said}

    async def test_a_view_that_becomes_ones_own_shows_nothing_there(self, office: Office) -> None:
        form = office.ask("max", "view.save", pressed="step=none").form
        assert form is not None
        team = f"team:{office.teams['East'].id}"
        name = office.say("view.builtin_no_step") + "!"
        office.submit("max", form, name=name, holder=team)
        view = str(office.rows("saved_view")[0]["id"])
        assert not post(office, "max", view, channel_choice=CHANNEL).errors
        form = office.ask("max", "view.save", pressed="step=none;owner=me").form
        assert form is not None
        assert not office.submit("max", form, replaces=view).errors
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "C1")
        assert "Ltd" not in words_of(card)
        assert card.body == office.say("view.each_their_own")

    async def test_no_act_redraws_what_the_channel_reads(self, office: Office) -> None:
        post(office, "max", channel_choice=CHANNEL)
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "C1")
        for button in buttons_of(card):
            reply = office.ask("max", button.action, pressed=button.value, channel="C1")
            assert reply.update is None, button.action
            if reply.form:
                saved = office.ask(
                    "max",
                    reply.form.action,
                    state=reply.form.state,
                    values={one.name: getattr(one, "value", "") for one in reply.form.fields},
                    channel="C1",
                )
                assert saved.update is None

    def test_is_on_record(self, office: Office) -> None:
        reply = post(office, "max", channel_choice=CHANNEL)
        assert reply.card is not None
        office.press("max", reply.card, "button.stop_posting")
        acts = [row["act"] for row in office.rows("audit") if row["act"].startswith("view.")]
        assert acts == ["view.post", "view.post_ended"]


class TestEnds:
    @pytest.mark.parametrize(
        "change",
        [
            {"active": False},
            {"role": Role.FINANCE},
        ],
    )
    async def test_with_its_readers_rights_and_a_leader_is_told(
        self, office: Office, change: dict[str, object]
    ) -> None:
        post(office, "robin")
        office.change_person("robin", lambda one: replace(one, **change))  # type: ignore[arg-type]
        await office.travel(2024, 3, 7, 9)
        assert lists_of(office, "robin") == []
        assert ended(office, "max")
        assert office.rows("view_posting")[0]["ended_why"] == "no_rights"

    async def test_of_a_channel_when_who_set_it_up_leads_no_more(self, office: Office) -> None:
        post(office, "max", channel_choice=CHANNEL)
        change_by_form(office, "max", role="rep")
        await office.settle()
        assert ended(office, "ada")
        await office.travel(2024, 3, 7, 9)
        assert lists_of(office, "C1") == []

    async def test_when_the_channel_is_bound_no_more(self, office: Office) -> None:
        post(office, "max", channel_choice=CHANNEL)
        office.ask("max", "channel.unbind", channel="C1")
        await office.travel(2024, 3, 7, 9)
        assert lists_of(office, "C1") == []
        assert ended(office, "max")

    async def test_when_the_view_is_deleted_and_its_reader_is_told(self, office: Office) -> None:
        form = office.ask("max", "view.save", pressed="step=none").form
        assert form is not None
        office.submit("max", form, name="Plan!", holder=f"team:{office.teams['East'].id}")
        view = str(office.rows("saved_view")[0]["id"])
        assert not post(office, "robin", view).errors
        office.ask("max", "view.delete", pressed=view)
        await office.travel(2024, 3, 7, 9)
        assert ended(office, "robin", "Plan!")
        assert not ended(office, "max", "Plan!")

    async def test_when_its_reader_moves_to_another_team(self, office: Office) -> None:
        form = office.ask("max", "view.save", pressed="step=none").form
        assert form is not None
        office.submit("max", form, name="Plan!", holder=f"team:{office.teams['East'].id}")
        view = str(office.rows("saved_view")[0]["id"])
        assert not post(office, "robin", view).errors
        west = office.teams["West"].id
        office.change_person("robin", lambda one: replace(one, team_id=west))
        await office.travel(2024, 3, 7, 9)
        assert "Plan!" not in [card.title for card in office.inbox("robin")]
        assert ended(office, "robin", "Plan!")


def ended(office: Office, account: str, name: str = "") -> list[Card]:
    title = office.say("view.ended_title", name=name or office.say("view.builtin_no_step"))
    return [card for card in office.inbox(account) if card.title == title]


def change_by_form(office: Office, account: str, **typed: str) -> None:
    person: Person = office.people[account]
    form = office.ask("ada", "people.edit", pressed=str(person.id)).form
    assert form is not None
    reply = office.submit("ada", form, **typed)
    assert not reply.errors, reply.errors


class TestLines:
    @pytest.mark.parametrize("action", ["lead_list.open", "help.unknown"])
    def test_a_line_opens_the_form_filled_in(self, office: Office, action: str) -> None:
        reply = office.ask("robin", action, text="every monday 9:30 no next step")
        assert reply.form is not None
        values = {one.name: getattr(one, "value", "") for one in reply.form.fields}
        assert values["weekdays"] == ("mon",)
        assert values["at"] == "09:30"
        assert not office.submit("robin", reply.form).errors

    def test_a_rhythm_there_is_none_of_is_said(self, office: Office) -> None:
        reply = office.ask("robin", "lead_list.open", text="every month no next step")
        assert reply.form is not None
        assert "every month" in reply.form.intro

    def test_a_customers_name_is_searched(self, office: Office) -> None:
        reply = office.ask("robin", "lead_list.open", text="daily foods")
        assert reply.form is None

    def test_a_sentence_is_no_posting(self, office: Office) -> None:
        reply = office.ask("robin", "help.unknown", text="the customer has meetings every day")
        assert reply.form is None


class TestButtons:
    async def test_open_change_and_stop(self, office: Office) -> None:
        post(office, "robin")
        await office.travel(2024, 3, 7, 9)
        (card,) = lists_of(office, "robin")
        assert button_of(card, office.say("button.open_list"))
        form = office.press("robin", card, "button.change_posting").form
        assert form is not None
        assert office.press("robin", card, "button.stop_posting").toast
