"""Saved views: made from a list, opened by name, filtered by whoever asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.core.ui import Card, Form
from sales.lead_lists import LeadQuery, LeadSort, NextStep, encode
from sales.lead_lists.description import label_of_sort
from sales.leads import Grade
from sales.playbook import Playbook
from sales.saved_views import MOST_VIEWS
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, buttons_of, words_of

WEDNESDAY = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
NO_STEP = encode(LeadQuery(steps=(NextStep.NONE,)))
EAST = encode(LeadQuery(regions=("east",)))


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(WEDNESDAY, after=three_leads) as office:
        yield office


def three_leads(office: Office) -> None:
    """Robin's and Dana's are the East's; Kim's is the West's."""
    for account in ("robin", "dana", "kim"):
        office.log_lead(account, customer=f"{account} Ltd", phone="", email="", owner="keep")


def form_of(office: Office, account: str, query: str = NO_STEP) -> Form:
    form = office.ask(account, "view.save", pressed=query).form
    assert form is not None
    return form


def save(office: Office, account: str, name: str, query: str = NO_STEP, **typed: str) -> Card:
    reply = office.submit(account, form_of(office, account, query), name=name, **typed)
    assert not reply.errors, reply.errors
    assert reply.card is not None
    return reply.card


def for_team(office: Office, team: str = "East") -> str:
    return f"team:{office.teams[team].id}"


def opened(office: Office, account: str, words: str) -> Card:
    card = office.ask(account, "lead_list.open", text=words).card
    assert card is not None
    return card


class TestSave:
    def test_opens_by_its_name_under_its_name(self, office: Office) -> None:
        card = save(office, "robin", "To plan")
        assert card.title == "To plan"
        for name in ("To plan", "to  PLAN", "Ｔｏ plan"):
            list_card = opened(office, "robin", name)
            assert list_card.title.startswith("To plan · ")
            assert "robin Ltd" in words_of(list_card)

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("", "view_name_missing"),
            ("·", "view_name_missing"),
            ("x" * 41, "view_name_long"),
            ("call 138 1234 5678", "view_name_contact"),
            ("a@b.example", "view_name_contact"),
            ("LX001", "view_name_taken_word"),
            ("我的视图", "view_name_taken_word"),
            ("every day", "view_name_taken_word"),
        ],
    )
    def test_refuses_what_is_no_name(self, office: Office, name: str, problem: str) -> None:
        reply = office.submit("robin", form_of(office, "robin"), name=name)
        assert reply.errors == {"name": office.say(f"problem.{problem}", n=40)}

    def test_refuses_a_name_that_is_taken(self, office: Office) -> None:
        save(office, "robin", "To plan")
        reply = office.submit("robin", form_of(office, "robin"), name="ＴＯ  plan")
        assert "name" in reply.errors
        save(office, "dana", "To plan")
        save(office, "max", "To plan", holder=for_team(office))

    def test_changes_the_filters_of_a_view(self, office: Office) -> None:
        save(office, "robin", "Mine")
        form = form_of(office, "robin", EAST)
        view = next(one for one in form.fields if one.name == "replaces")
        reply = office.submit("robin", form, replaces=view.options[0].value)  # type: ignore[union-attr]
        assert reply.card is not None
        assert reply.card.title == "Mine"
        assert office.rows("saved_view")[0]["query"] == EAST

    def test_stops_at_the_limit(self, office: Office) -> None:
        for number in range(MOST_VIEWS):
            save(office, "robin", f"View {number}")
        reply = office.submit("robin", form_of(office, "robin"), name="One more")
        assert reply.errors["name"] == office.say("problem.view_too_many", n=MOST_VIEWS)
        card = office.ask("robin", "view.list").card
        assert card is not None
        assert len(card.sections[0].rows) == 10

    def test_is_encrypted_where_it_holds_a_customer(self, office: Office) -> None:
        save(office, "robin", "That one", encode(LeadQuery(text="Acme")))
        assert b"Acme" not in office.sealed("saved_view", "query")[0]


class TestTeam:
    def test_shows_everybody_their_own_leads(self, office: Office) -> None:
        save(office, "max", "East to plan", holder=for_team(office))
        assert "dana Ltd" in words_of(opened(office, "max", "East to plan"))
        robins = words_of(opened(office, "robin", "East to plan"))
        assert "robin Ltd" in robins
        assert "dana Ltd" not in robins

    def test_is_hidden_from_other_teams(self, office: Office) -> None:
        save(office, "max", "East to plan", holder=for_team(office))
        view = str(office.rows("saved_view")[0]["id"])
        for action in ("view.show", "view.open", "view.rename", "view.delete"):
            reply = office.ask("kim", action, pressed=view)
            assert reply.toast == office.say("error.view_not_found")
        assert "East to plan" not in words_of(office.ask("kim", "view.list").card)

    def test_reps_change_no_view_of_the_team(self, office: Office) -> None:
        save(office, "max", "East to plan", holder=for_team(office))
        view = str(office.rows("saved_view")[0]["id"])
        for action in ("view.rename", "view.delete", "view.move"):
            reply = office.ask("robin", action, pressed=view)
            assert "Max Manager" in reply.toast
        form = form_of(office, "robin")
        refused = office.submit("robin", form, name="Sneaky", holder=for_team(office))
        assert "holder" in refused.errors
        assert len(office.rows("saved_view")) == 1

    def test_is_on_record(self, office: Office) -> None:
        save(office, "max", "East to plan", holder=for_team(office))
        save(office, "max", "My own")
        view = str(office.rows("saved_view")[0]["id"])
        form = office.ask("max", "view.rename", pressed=view).form
        assert form is not None
        assert office.submit("max", form, name="Plan!").toast
        office.ask("max", "view.delete", pressed=view)
        acts = [row["act"] for row in office.rows("audit") if row["act"].startswith("view.")]
        assert acts == ["view.create", "view.update", "view.delete"]


class TestOrder:
    def test_moves_up_and_down(self, office: Office) -> None:
        for name in ("One", "Two", "Three"):
            save(office, "robin", name)
        third = str(office.rows("saved_view")[2]["id"])
        office.ask("robin", "view.move", pressed=f"{third}:up")
        office.ask("robin", "view.move", pressed=f"{third}:up")
        office.ask("robin", "view.move", pressed=f"{third}:up")
        card = office.ask("robin", "view.list").card
        assert card is not None
        assert [row.button.label for row in card.sections[0].rows] == ["Three", "One", "Two"]


class TestWhatIsGone:
    def test_one_value_of_several_is_named_and_left_out(self, office: Office) -> None:
        save(office, "robin", "Two regions", encode(LeadQuery(regions=("east", "north"))))
        lose_region(office, "north")
        card = opened(office, "robin", "Two regions")
        assert "robin Ltd" in words_of(card)
        assert "north" in card.body

    @pytest.mark.parametrize("query", ["region=north", "-region=north", "step=none;nonsense=1"])
    def test_never_shows_a_longer_list_unasked(self, office: Office, query: str) -> None:
        save(office, "robin", "North only", encode(LeadQuery(regions=("north",))))
        with office.world.new_uow() as uow:
            views = uow.saved_views(office.people["robin"])
            (view,) = views.all()
            uow.commit()
        store_query(office, view.id, query)
        lose_region(office, "north")
        card = opened(office, "robin", "North only")
        assert "Ltd" not in words_of(card)
        assert office.say("view.shows_more") in card.body
        anyway = office.press("robin", card, "button.open_anyway").card
        assert anyway is not None
        assert "robin Ltd" in words_of(anyway)
        assert office.say("view.shown_anyway") in anyway.body

    def test_an_owner_who_left_is_named(self, office: Office) -> None:
        dana = office.people["dana"].id
        save(office, "max", "Dana's", encode(LeadQuery(owners=(dana,))))
        office.change_person("dana", lambda person: replace(person, active=False))
        said = office.say("view.owners_left", names="Dana Example")
        assert said in opened(office, "max", "Dana's").body


def store_query(office: Office, view_id: int, query: str) -> None:
    with office.world.new_uow() as uow:
        views = uow.saved_views(office.people["robin"])
        views.save(replace(views.get(view_id), query=query))
        uow.commit()


def lose_region(office: Office, key: str) -> None:
    regions = Playbook().vocabulary.regions
    left = [term.model_dump() for term in regions if term.key != key]
    office.rules(vocabulary={"regions": left})


class TestBuiltIn:
    def test_are_there_for_everybody(self, office: Office) -> None:
        for account in ("robin", "max", "ada"):
            card = office.ask(account, "view.list").card
            assert card is not None
            labels = [button.label for button in buttons_of(card)]
            assert office.say("view.builtin_overdue") in labels
            for row in card.sections[0].rows:
                shown = office.ask(account, row.button.action, pressed=row.button.value).card
                assert shown is not None
                assert office.press(account, shown, "button.open_list").card

    def test_show_what_they_say(self, office: Office) -> None:
        office.change_lead(1, lambda lead: lead)
        assert "robin Ltd" in words_of(opened(office, "robin", office.say("view.builtin_no_step")))
        assert "robin Ltd" not in words_of(opened(office, "robin", office.say("view.builtin_hot")))


class TestOrderOfLeads:
    def test_is_kept(self, office: Office) -> None:
        query = encode(LeadQuery(grades=(Grade.HIGH,)), LeadSort.VALUE)
        card = save(office, "robin", "Big ones", query)
        assert label_of_sort(LeadSort.VALUE, "en") in card.body


class TestOnePersonWithTwoAccounts:
    def test_keeps_the_views_of_both(self, office: Office) -> None:
        save(office, "robin", "Round")
        save(office, "dana", "Round", EAST)
        ids = {name: str(office.people[name].id) for name in ("robin", "dana")}
        joined = office.ask(
            "ada", "identity.join", values={"kept": ids["robin"], "gone": ids["dana"]}
        )
        assert not joined.errors
        with office.world.new_uow(read_only=True) as uow:
            views = uow.saved_views(office.people["robin"]).all()
        assert [view.name for view in views] == ["Round", "Round"]
        assert "robin Ltd" in words_of(opened(office, "robin", "Round"))
