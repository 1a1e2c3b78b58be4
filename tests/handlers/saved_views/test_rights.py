"""Every act on views and postings by everybody: nobody reads or changes what is not theirs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import cycle
from typing import Any

import pytest

from handlers.routes import ROUTES
from sales.people import Role
from tests.furnished import Offices
from tests.office import EAST, PLATFORM, SHANGHAI, WEST, Office

NOW = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
SELLERS = ("ada", "max", "robin", "dana", "wes", "kim")
ACTORS = (*SELLERS, "sam")
ACTIONS = tuple(action for action in ROUTES if action.startswith("view."))
DAYS = {"weekdays": ("mon",), "at": "9:00", "when_empty": "line"}
SEES: Mapping[str, frozenset[str]] = {
    "ada": frozenset({"canaryada", "canaryEast", "canaryWest"}),
    "sam": frozenset(),
    **{one: frozenset({f"canary{one}", "canaryEast"}) for one in ("max", "robin", "dana")},
    **{one: frozenset({f"canary{one}", "canaryWest"}) for one in ("wes", "kim")},
}
CHANGES: Mapping[str, frozenset[str]] = {
    **{one: frozenset({f"canary{one}"}) for one in ("robin", "dana", "kim")},
    "max": frozenset({"canarymax", "canaryEast"}),
    "wes": frozenset({"canarywes", "canaryWest"}),
    "ada": SEES["ada"],
    "sam": frozenset(),
}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(NOW, after=views_of_everybody) as office:
        yield office


def views_of_everybody(office: Office) -> None:
    """A view and a posting of each seller, and one of each team in its channel."""
    office.hire("sam", "Sam Sample", Role.SERVICE)
    for account, channel in (("max", "C-east"), ("wes", "C-west")):
        office.ask(account, "channel.bind", channel=channel)
    for account in SELLERS:
        office.ask(account, "view.create", pressed="step=none", values={"name": f"canary{account}"})
    for account, team, channel in (("max", EAST, "C-east"), ("wes", WEST, "C-west")):
        holder = f"team:{office.teams[team].id}"
        values = {"name": f"canary{team}", "holder": holder}
        office.ask(account, "view.create", pressed="step=none", values=values)
        value = f"0:{office.rows('saved_view')[-1]['id']}:"
        chosen = DAYS | {"channel": f"{PLATFORM}:{channel}"}
        assert not office.ask(account, "view.post", pressed=value, values=chosen).errors
    for account, row in zip(SELLERS, office.rows("saved_view"), strict=False):
        value = f"0:{row['id']}:"
        assert not office.ask(account, "view.post", pressed=value, values=DAYS).errors


def ways(
    action: str, view: Mapping[str, Any], posting: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """What buttons and forms about a view and a posting carry, made by hand."""
    channel = f"{posting['platform']}:{posting['conversation']}"
    values = DAYS | {"name": "Mine now", "holder": holder_of(view), "replaces": str(view["id"])}
    states = (
        f"{view['id']}", f"{view['id']}:up", f"{view['id']}:{posting['id']}",
        f"{posting['id']}:{view['id']}:", f"0:{view['id']}:", f"{posting['id']}", "step=none",
    )  # fmt: skip
    for value in states:
        yield {"pressed": value, "values": values}
        if action == "view.post":
            yield {"pressed": value, "values": values | {"channel": channel}}


def holder_of(view: Mapping[str, Any]) -> str:
    return f"team:{view['team_id']}" if view["team_id"] else f"person:{view['person_id']}"


def rows(office: Office, actor: str) -> list[Any]:
    """The views and postings that the actor may not change, and the channels' postings."""
    own = office.people[actor].id
    views = [row for row in office.rows("saved_view") if row["name"] not in CHANGES[actor]]
    kept = [row for row in views if row["person_id"] != own]
    led = {"max": EAST, "wes": WEST}
    teams = {office.teams[led[actor]].id} if actor in led else set()
    teams |= {team.id for team in office.teams.values()} if actor == "ada" else set()
    postings = [
        row
        for row in office.rows("view_posting")
        if row["person_id"] != own and not (row["person_id"] is None and row["team_id"] in teams)
    ]
    return [kept, postings]


class TestEveryAct:
    @pytest.mark.parametrize("actor", ACTORS)
    def test_reads_and_changes_nothing_of_others(self, office: Office, actor: str) -> None:
        views, postings = office.rows("saved_view"), office.rows("view_posting")
        before = rows(office, actor)
        hidden = {row["name"] for row in views} - SEES[actor]
        foreign = [row for row in views if row["name"] not in CHANGES[actor]]
        others = [one for one in postings if one["person_id"] != office.people[actor].id]
        for number, action in enumerate(ACTIONS):
            for view, posting in zip(foreign, cycle(others[number % len(others) :]), strict=False):
                for asked in ways(action, view, posting):
                    reply = office.ask(actor, action, **asked)
                    leaked = [name for name in hidden if name in repr(reply)]
                    assert not leaked, (action, asked)
        assert rows(office, actor) == before

    @pytest.mark.parametrize("actor", SELLERS)
    def test_what_is_ones_own_is_shown(self, office: Office, actor: str) -> None:
        shown = repr(office.ask(actor, "view.list").card)
        assert {row["name"] for row in office.rows("saved_view") if row["name"] in shown} == (
            SEES[actor]
        )
