"""Values of several parts: they come back as they went, from buttons of earlier versions, too."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.core.button_values import offset, pack, record_ids, strict_id, unpack
from handlers.core.requests import record_id
from handlers.core.ui import Card
from handlers.playbook.paths import names_draft
from handlers.pool.listing import parse_place
from sales.errors import LeadNotFound, PersonNotFound, UnknownAction
from sales.leads import lead_id_of
from sales.pool import PoolQuery
from sales.targets import Holder, Quarter
from tests.furnished import Offices
from tests.handlers.pool.test_pool import put
from tests.office import SHANGHAI, Office, buttons_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


def card_of(office: Office, action: str, pressed: str) -> Card:
    reply = office.ask("ada", action, pressed=pressed)
    card = reply.card or reply.update
    assert card is not None, reply
    return card


class TestUnpack:
    def test_reads_each_part(self) -> None:
        assert unpack(pack("LX001", 3), lead_id_of, strict_id) == (1, 3)
        assert unpack(pack("morning", [4, 5]), str, record_ids) == ("morning", (4, 5))
        assert unpack(pack(12, 30, 8, "x"), str, offset, offset, str) == ("12", 30, 8, "x")

    def test_reads_what_is_missing_as_empty(self) -> None:
        assert unpack("", str, record_id, offset) == ("", None, 0)

    def test_leaves_colons_to_the_last_part(self) -> None:
        assert unpack(pack("a:b", "c:d:e"), str, str) == ("a b", "c:d:e")

    @pytest.mark.parametrize("value", ["", "1", "1:", ":1", "1:x", "1:2:3", "1:-1", "1:٣", "1;2"])
    def test_refuses_what_no_button_carries(self, value: str) -> None:
        with pytest.raises(UnknownAction):
            unpack(value, strict_id, strict_id)
        with pytest.raises(PersonNotFound):
            unpack(value, strict_id, strict_id, refusal=PersonNotFound())

    def test_lets_a_part_refuse_for_itself(self) -> None:
        with pytest.raises(LeadNotFound):
            unpack("LX²:1", lead_id_of, strict_id)

    @settings(max_examples=50, deadline=None)
    @given(*[st.text(max_size=20)] * 3)
    def test_gives_back_any_texts_at_all(self, first: str, second: str, last: str) -> None:
        there = tuple(text.replace(":", " ") for text in (first, second))
        assert unpack(pack(first, second, last), str, str, str) == (*there, last)


class TestFormerButtons:
    """Posted by earlier versions, when other signs than the colon stood between the parts."""

    def test_on_targets(self, office: Office) -> None:
        former = "2024-Q1/team:1"
        parts = unpack(former, Quarter.parse, Holder.parse, former="/")
        assert parts == (Quarter(2024, 1), Holder.team(1))
        shown = card_of(office, "target.open", former)
        assert shown == card_of(office, "target.open", pack(*parts))

    def test_in_the_pool(self, office: Office) -> None:
        query = PoolQuery("north", "", "low", "Acme: the one")
        assert parse_place("3;north;;low;Acme: the one") == (query, 3)
        assert parse_place("3:north::low:Acme: the one") == (query, 3)
        assert parse_place("0;;;;") == parse_place("0::::") == (PoolQuery(), 0)
        office.log_lead("robin", owner="keep")
        put(office)
        reply = office.ask("kim", "pool.claim", pressed="LX001;0;;;;")
        assert reply.toast == office.say("pool.claimed", lead="LX001", customer="Acme Sample Ltd")

    def test_on_rules(self, office: Office) -> None:
        form = office.ask("ada", "playbook.edit", pressed="clocks.high").form
        assert form
        office.submit("ada", form, within="240")
        assert names_draft("clocks.high@1")
        assert names_draft("clocks.high:1")
        assert not names_draft("clocks.high")
        former = card_of(office, "playbook.show", "clocks.high@1")
        assert former == card_of(office, "playbook.show", "clocks.high:1")
        assert former != card_of(office, "playbook.show", "clocks.high")
        edit = next(one for one in buttons_of(former) if one.action == "playbook.edit")
        assert edit.value == "clocks.high:1"

    def test_for_channels(self, office: Office) -> None:
        for pressed in ("names:C1", "totals:C1", "C1"):
            assert office.ask("ada", "channel.bind", channel="C1", pressed=pressed).toast
            [bound] = office.rows("binding")
            assert bound["conversation"] == "C1"
            assert bound["with_names"] == pressed.startswith("names")
