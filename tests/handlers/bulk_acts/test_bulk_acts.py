"""Acting on several leads at once: previewed, carried out one by one, and undone for a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from handlers.bulk_acts import service
from handlers.core.ui import Card, Form, MultiChoice
from sales.lead_lists import LeadFigure, LeadQuery, encode
from sales.leads import Stage
from sales.people import Role
from sales.playbook import Pool, PoolMember, RoutingRule
from sales.reports import Number
from sales.tasks import TaskKind
from tests.furnished import Offices
from tests.handlers.collaboration.test_collaboration import at_once
from tests.handlers.test_hostile import assert_sound
from tests.office import EAST, SHANGHAI, Office, button_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))
BETWEEN = RoutingRule(
    name="all", pool=(PoolMember(person="Dana Example"), PoolMember(person="Lee Sample"))
)
COUNT = 5
OF_LEADS = ("reminder", "overdue", "clock", "offer", "revival", "unowned", "task", "nurture")
RULES = Pool(return_after=10, protect_days=0)
"""Nobody's time is protected, unless a test says so."""


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=five_leads_of_robins) as office:
        yield office


def five_leads_of_robins(office: Office) -> None:
    """Robin has accepted five leads; two have a next step, and Dana works on the second too."""
    office.hire("lee", "Lee Sample", Role.REP)
    office.rules(routing=(TO_ROBIN,), pool=RULES, quiet={"batch_seconds": 0})
    for number in range(1, COUNT + 1):
        office.log_lead("max", customer=f"Customer {number}", phone="", email="")
        office.ask("robin", "offer.accept", pressed=f"LX00{number}")
    for number in (1, 2):
        line = f"LX00{number} wechat likes it by 3/8 send the case"
        office.ask("robin", "followup.open", text=line)
    with office.world.new_uow() as uow:
        uow.collaborators.share(2, office.people["dana"].id)
        uow.commit()
    office.rules(routing=(BETWEEN,), pool=RULES, quiet={"batch_seconds": 0})


def chosen(office: Office, account: str, kind: str, *numbers: str, query: str = "") -> Form | Card:
    """The second form, or the preview where there is none."""
    form = office.ask(account, "bulk.choose", pressed=query).form
    assert form is not None
    reply = office.submit(account, form, kind=kind, leads=numbers)
    assert not reply.errors, reply.errors
    shown = reply.form or reply.card
    assert shown is not None, reply.toast
    return shown


def previewed(
    office: Office, account: str, kind: str, *numbers: str, query: str = "", **typed: str
) -> Card:
    shown = chosen(office, account, kind, *numbers, query=query)
    if isinstance(shown, Card):
        return shown
    reply = office.submit(account, shown, **typed)
    assert reply.card is not None, (reply.errors, reply.toast)
    return reply.card


def confirmed(office: Office, account: str, card: Card) -> Card:
    [button] = [one for one in card.buttons if one.action == "bulk.confirm"]
    reply = office.ask(account, button.action, pressed=button.value)
    assert reply.update is not None, reply.toast
    return reply.update


async def done(office: Office, account: str, kind: str, *numbers: str, **typed: str) -> Card:
    """Choose, preview, confirm; returns the card of the result."""
    confirmed(office, account, previewed(office, account, kind, *numbers, **typed))
    await office.settle()
    return result(office, account)


def result(office: Office, account: str, act: str = "1") -> Card:
    card = office.ask(account, "bulk.show", pressed=act).update
    assert card is not None
    return card


async def undone(office: Office, account: str, act: str = "1") -> Card:
    card = result(office, account, act)
    button = button_of(card, office.say("bulk.undo"))
    assert office.ask(account, button.action, pressed=button.value).update is not None
    await office.settle()
    return result(office, account, act)


def state_of(office: Office) -> dict[str, Any]:
    """All that an undo restores: rows without their counters, and the jobs that wait."""
    found: dict[str, Any] = {}
    for table in ("lead", "stage_interval", "pool_stay", "followup", "task", "collaborator"):
        rows = office.rows(table)
        found[table] = [{k: v for k, v in row.items() if k != "version"} for row in rows]
    found["offer"] = office.rows("offer")
    found["clock"] = [row for row in office.rows("clock") if not row["stopped_at"]]
    found["work"] = sorted(
        (row["kind"], row["subject"], str(row["due_at"]))
        for row in office.rows("work")
        if not row["done_at"] and row["kind"] not in ("event", "pool_brief")
    )
    found["share"] = [row for row in office.rows("share") if row["leads"]]
    return found


def person(office: Office, account: str) -> str:
    return str(office.people[account].id)


ACTS = {
    "person": {"person": "dana"},
    "rules": {},
    "pool": {"reason": "busy"},
    "lost": {"reason": "price", "note": "too dear"},
    "nurture": {},
    "step": {"day": "2024-03-12"},
}


def count_of(kind: str) -> int:
    """How many of Robin's leads an act takes: two have a next step."""
    return 2 if kind == "step" else COUNT


def typed_of(office: Office, kind: str) -> dict[str, str]:
    typed = dict(ACTS[kind])
    if "person" in typed:
        typed["person"] = person(office, typed["person"])
    return typed


def titles_of(office: Office, account: str) -> list[str]:
    return [card.title for card in office.inbox(account)]


class TestChoosing:
    def test_offers_the_leads_of_the_list(self, office: Office) -> None:
        form = office.ask("max", "bulk.choose", pressed="owner=me").form
        assert form is None
        form = office.ask("max", "bulk.choose", pressed="").form
        assert form is not None
        [ticks] = [one for one in form.fields if isinstance(one, MultiChoice)]
        assert {one.value for one in ticks.options} == {f"LX00{n}" for n in range(1, COUNT + 1)}

    def test_a_rep_is_not_offered_what_leaders_decide(self, office: Office) -> None:
        form = office.ask("robin", "bulk.choose", pressed="").form
        assert form is not None
        assert office.submit("robin", form, kind="person").errors
        state = {"query": "", "kind": "person", "leads": ""}
        reply = office.ask("robin", "bulk.preview", state=state, values={"person": "3"})
        assert office.say("error.bulk_act_not_found") in words_of(reply)

    def test_of_a_long_list_the_first_are_taken_and_that_is_said(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "CHOICES", 2)
        monkeypatch.setattr(service, "MOST", 3)
        form = office.ask("max", "bulk.choose", pressed="").form
        assert form is not None
        [ticks] = [one for one in form.fields if isinstance(one, MultiChoice)]
        assert len(ticks.options) == 2
        reply = office.submit("max", form, kind="rules")
        assert reply.toast == office.say("bulk.too_many", n=3)
        assert len(office.rows("bulk_lead")) == 3

    def test_ticked_leads_that_one_does_not_see_any_more_are_named(self, office: Office) -> None:
        state = {"query": "", "kind": "lost", "leads": "1,2,999"}
        card = office.ask("robin", "bulk.preview", state=state, values=ACTS["lost"]).card
        assert card is not None
        assert card.title == office.say("bulk.preview_title", n=2)
        assert "LX999" in words_of(card)
        assert office.say("bulk.left_gone") in words_of(card)

    def test_the_leads_of_a_digests_number(self, office: Office) -> None:
        figure = LeadFigure(Number.NEW, office.teams[EAST].id, "2024-W09")
        form = office.ask("max", "bulk.choose", pressed=encode(LeadQuery.of_figure(figure))).form
        assert form is not None
        assert office.say("bulk.intro", n=COUNT, shown=str(COUNT)) in form.intro

    def test_an_empty_list_says_so(self, office: Office) -> None:
        assert office.ask("kim", "bulk.choose", pressed="").toast == office.say("bulk.empty")


class TestPreview:
    def test_changes_nothing(self, office: Office) -> None:
        before = state_of(office)
        for kind in ACTS:
            card = previewed(office, "max", kind, **typed_of(office, kind))
            assert card.title == office.say("bulk.preview_title", n=count_of(kind))
        assert state_of(office) == before

    def test_says_who_gets_how_many_and_who_is_passed_over(self, office: Office) -> None:
        office.change_person("lee", lambda one: replace(one, away_until=date(2024, 4, 1)))
        office.change_person("dana", lambda one: replace(one, capacity=3))
        card = previewed(office, "max", "rules")
        said = words_of(card)
        assert office.say("bulk.preview_title", n=3) == card.title
        assert office.say("leaver.gets", name="Dana Example", n=3) in said
        assert office.say("why.skip_absent") in said
        assert office.say("bulk.left_nobody") in said

    def test_names_what_is_left_out_and_why(self, office: Office) -> None:
        office.log_lead("max", customer="Just offered", phone="", email="")
        office.change_lead(3, lambda lead: replace(lead, stage=Stage.LOST))
        card = previewed(office, "max", "person", query="is=all", person=person(office, "robin"))
        assert card.title == office.say("bulk.preview_nothing")
        card = previewed(office, "max", "person", query="is=all", person=person(office, "lee"))
        said = words_of(card)
        assert card.title == office.say("bulk.preview_title", n=4)
        assert "LX003 · Customer 3" in said
        assert office.say("bulk.left_closed") in said
        assert office.say("bulk.left_offered") in said

    def test_protects_the_owners_time_from_others_only(self, office: Office) -> None:
        rules = Pool(return_after=10, protect_days=3)
        office.rules(routing=(BETWEEN,), pool=rules)
        card = previewed(office, "max", "pool", reason="busy")
        assert card.title == office.say("bulk.preview_nothing")
        assert office.say("bulk.left_protected") in words_of(card)
        card = previewed(office, "robin", "pool", reason="busy")
        assert card.title == office.say("bulk.preview_title", n=COUNT)


class TestCarryingOut:
    async def test_gives_leads_to_a_person_with_one_notice(self, office: Office) -> None:
        await office.settle()
        card = await done(office, "max", "person", **typed_of(office, "person"))
        assert card.title == office.say("bulk.done_title", n=COUNT)
        assert {office.owner(n) for n in range(1, COUNT + 1)} == {"dana"}
        got = [one for one in office.inbox("dana") if "Max" in one.title]
        assert [office.say("bulk.told_given", name="Max Manager", n=COUNT)] == [
            one.title for one in got
        ]
        assert "Customer 3" in words_of(got)
        lost = [one for one in office.inbox("robin") if "Max" in one.title]
        assert len(lost) == 1
        assert "Customer 3" not in words_of(lost)
        assert "LX003" in words_of(lost)
        assert_sound(office)

    async def test_does_what_the_single_act_does(self, office: Office) -> None:
        """Clocks, stage intervals, steps and the audit: as if each had been done by hand."""
        await office.settle()
        form = office.ask("max", "pool.ask", pressed="LX001").form
        assert form is not None
        assert not office.submit("max", form, reason="busy").errors
        await done(office, "max", "pool", "LX002", **ACTS["pool"])
        one, two = (_traces(office, number) for number in (1, 2))
        assert one == two

    async def test_leaves_out_what_changed_and_never_grows(self, office: Office) -> None:
        card = previewed(office, "max", "lost", **ACTS["lost"])
        office.ask("robin", "followup.open", text="LX003 wechat wants to buy")
        office.log_lead("max", customer="Later", phone="", email="")
        confirmed(office, "max", card)
        await office.settle()
        card = result(office, "max")
        assert card.title == office.say("bulk.done_title", n=COUNT - 1)
        assert office.say("bulk.left_changed") in words_of(card)
        assert office.lead(3).stage is not Stage.LOST
        assert office.lead(6).stage is not Stage.LOST
        assert office.lead(1).lost_reason == "price-too dear"

    async def test_confirmed_twice_is_done_once(self, office: Office) -> None:
        card = previewed(office, "max", "lost", **ACTS["lost"])
        confirmed(office, "max", card)
        confirmed(office, "max", card)
        await office.settle()
        confirmed(office, "max", card)
        await office.settle()
        moves = [row for row in office.rows("audit") if row["act"] == "stage.move"]
        assert len(moves) == COUNT
        assert len([row for row in office.rows("audit") if row["act"] == "bulk.act"]) == COUNT

    async def test_shows_its_progress_now_and_then(self, office: Office) -> None:
        """Each lead takes 0.4 seconds here, with its automations: every third one is shown."""
        for number in range(20):
            office.log_lead("max", customer=f"More {number}", phone="", email="")
        await office.settle()
        confirmed(office, "max", previewed(office, "max", "lost", **ACTS["lost"]))
        while office.world.jobs._do_next():
            await office.world.delivery.drain()
            office.world.clock.advance(0.2)
        await office.settle()
        count = COUNT + 20
        working = office.say("bulk.now_done")
        [message] = [one for one in office.desk.posted if working in words_of(one.card)]
        assert count / 5 <= message.redrawn <= count / 2
        assert titles_of(office, "max").count(office.say("bulk.done_title", n=count)) == 1

    async def test_dropped_stays_dropped(self, office: Office) -> None:
        card = previewed(office, "max", "lost", **ACTS["lost"])
        office.press("max", card, "bulk.drop")
        confirmed(office, "max", card)
        await office.settle()
        assert not [row for row in office.rows("audit") if row["act"] == "bulk.act"]

    async def test_a_lead_that_fails_again_and_again_is_left_out(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        carry_out = service._carry_out

        def fail(lead: Any, *args: Any) -> None:
            if lead.id == 3:
                raise ZeroDivisionError
            carry_out(lead, *args)

        monkeypatch.setattr(service, "_carry_out", fail)
        confirmed(office, "max", previewed(office, "max", "lost", **ACTS["lost"]))
        for _ in range(5):
            await office.settle()
            office.world.clock.advance(120)
        card = result(office, "max")
        assert card.title == office.say("bulk.done_title", n=COUNT - 1)
        assert office.say("bulk.left_failed") in words_of(card)
        assert office.lead(3).stage is not Stage.LOST

    async def test_who_lost_the_right_does_nothing_more(self, office: Office) -> None:
        confirmed(office, "max", previewed(office, "max", "lost", **ACTS["lost"]))
        office.change_person("max", lambda one: replace(one, role=Role.REP))
        await office.settle()
        assert {one.stage for one in office.leads()} == {Stage.CAPTURED}


def drain(office: Office) -> None:
    while office.world.jobs._do_next():
        pass


@pytest.mark.every_way
class TestAtTheSameMoment:
    def test_two_leaders_act_on_the_same_leads(self, office: Office) -> None:
        """Each lead goes to one of the two, and the other is told which were not theirs."""
        cards = {
            account: previewed(office, account, "person", person=person(office, to))
            for account, to in (("max", "dana"), ("ada", "lee"))
        }
        at_once(*(lambda a=a, c=c: confirmed(office, a, c) for a, c in cards.items()))
        at_once(lambda: drain(office), lambda: drain(office))
        owners = [office.owner(number) for number in range(1, COUNT + 1)]
        assert set(owners) <= {"dana", "lee"}
        for act, to in ((1, "dana"), (2, "lee")):
            rows = [row for row in office.rows("bulk_lead") if row["act_id"] == act]
            got = [row for row in rows if row["done_at"]]
            assert len(got) == owners.count(to)
            assert {row["left_out"] for row in rows if not row["done_at"]} <= {"changed"}
        assert_sound(office)

    def test_undone_while_others_work_on_the_leads(self, office: Office) -> None:
        """What is logged in that moment stays, whoever owns the lead then."""
        confirmed(office, "max", previewed(office, "max", "person", person=person(office, "dana")))
        drain(office)
        office.ask("max", "bulk.undo", pressed="1")
        lines = [f"LX00{number} wechat wants to buy" for number in range(1, COUNT + 1)]
        logging = [lambda one=one: office.ask("dana", "followup.open", text=one) for one in lines]
        at_once(lambda: drain(office), *logging)
        drain(office)
        # The second lead is shared with Dana again once it is Robin's: she may log on it then.
        for number in (1, 3, 4, 5):
            logged = [one for one in office.history(number) if "wants" in one.summary]
            assert office.owner(number) == ("dana" if logged else "robin")
        assert_sound(office)


class TestUndo:
    @pytest.mark.parametrize("kind", ACTS)
    async def test_restores_everything(self, office: Office, kind: str) -> None:
        await office.settle()
        before = state_of(office)
        card = await done(office, "max", kind, **typed_of(office, kind))
        assert card.title == office.say("bulk.done_title", n=count_of(kind))
        assert state_of(office) != before
        card = await undone(office, "max")
        assert card.title == office.say("bulk.undone_title", n=count_of(kind))
        assert state_of(office) == before
        assert_sound(office)

    async def test_leaves_what_somebody_changed_since(self, office: Office) -> None:
        await done(office, "max", "person", **typed_of(office, "person"))
        office.ask("dana", "followup.open", text="LX003 wechat wants to buy")
        card = await undone(office, "max")
        assert card.title == office.say("bulk.undone_title", n=COUNT - 1)
        history = office.ask("robin", "lead.history", pressed="LX004").card
        assert office.say("history.taken_back") in words_of(history)
        assert office.say("bulk.kept_changed") in words_of(card)
        assert office.owner(3) == "dana"
        assert office.owner(4) == "robin"

    async def test_cancels_what_automations_gave_because_of_it(self, office: Office) -> None:
        """A lead lost after its proposal calls the manager; taken back, nobody is called."""
        office.change_lead(3, lambda lead: replace(lead, stage=Stage.PROPOSAL))
        await done(office, "max", "lost", **ACTS["lost"])
        assert [task.kind for task in office.tasks(3)] == [TaskKind.STEP_IN]
        await undone(office, "max")
        assert not [task for task in office.tasks(3) if task.is_open]
        assert office.lead(3).stage is Stage.PROPOSAL

    async def test_is_over_after_a_day(self, office: Office) -> None:
        await done(office, "max", "lost", **ACTS["lost"])
        previewed(office, "robin", "lost", query="is=lost", **ACTS["lost"])
        await office.travel(2024, 3, 2, 11)
        assert office.ask("max", "bulk.undo", pressed="1").toast == office.say("bulk.too_late")
        await office.world.jobs._purge()
        assert [row["state"] for row in office.rows("bulk_act")] == ["done"]
        assert {row["changes"] for row in office.rows("bulk_lead")} == {None}

    async def test_is_the_actors_and_their_leaders(self, office: Office) -> None:
        await done(office, "robin", "lost", **ACTS["lost"])
        refused = office.say("error.bulk_act_not_found")
        for account in ("dana", "wes", "kim"):
            for action in ("bulk.undo", "bulk.show", "bulk.left", "bulk.confirm"):
                assert office.ask(account, action, pressed="1").toast == refused
        card = await undone(office, "max")
        assert card.title == office.say("bulk.undone_title", n=COUNT)
        told = [one for one in office.inbox("robin") if "Max" in one.title]
        assert [one.title for one in told] == [
            office.say("bulk.told_undone", name="Max Manager", n=COUNT)
        ]

    async def test_leaves_leads_whose_owner_is_gone(self, office: Office) -> None:
        await done(office, "max", "person", **typed_of(office, "person"))
        office.change_person("robin", lambda one: replace(one, active=False))
        card = await undone(office, "max")
        assert card.title == office.say("bulk.undone_title", n=0)
        assert office.say("bulk.kept_owner") in words_of(card)
        assert office.owner(1) == "dana"


def _traces(office: Office, lead_id: int) -> dict[str, Any]:
    """What is stored about a lead, but for its own words and numbers."""
    traces: dict[str, Any] = {}
    for table in ("clock", "stage_interval", "pool_stay", "followup", "offer", "collaborator"):
        rows = [row for row in office.rows(table) if row["lead_id"] == lead_id]
        traces[table] = [
            {k: v for k, v in row.items() if k not in ("id", "lead_id", "person_id")}
            for row in rows
            if table != "collaborator"
        ]
    lead = {k: v for k, v in office.rows("lead")[lead_id - 1].items() if "customer" not in k}
    traces["lead"] = {k: v for k, v in lead.items() if k != "id"}
    subject = f"lead:{lead_id}"
    traces["audit"] = [
        (row["act"], row["detail"])
        for row in office.rows("audit")
        if row["subject"] == subject and not row["act"].startswith(("bulk.", "access."))
    ]
    traces["work"] = sorted(
        row["kind"]
        for row in office.rows("work")
        if row["subject"] == str(lead_id) and not row["done_at"] and row["kind"] in OF_LEADS
    )
    return traces
