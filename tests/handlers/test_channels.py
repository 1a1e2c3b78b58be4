"""Binding a channel that the bot is not in, and its first words in one that it was added to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from sales.channel_privacy import Readers, Told
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
ABSENT, ALL = Readers(Told.ABSENT), Readers(Told.ALL, frozenset({"ada", "max"}))


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale) as office:
        yield office


def ask(
    office: Office, account: str, action: str, readers: Readers, pressed: str | None = None
) -> Reply:
    request = office.request(account, action, channel="sales", pressed=pressed)
    where = replace(request.conversation, readers=readers)
    return office.send(replace(request, conversation=where))


class TestAbsent:
    def test_is_told_before_and_after_the_press_and_nothing_is_bound(self, office: Office) -> None:
        offered = ask(office, "max", "help.open", ABSENT).card
        assert offered
        assert office.say("bind.absent") in words_of(offered)
        [again] = [one for one in buttons_of(offered) if one.action == "channel.bind"]
        assert again.label == office.say("button.bind_again")
        refused = ask(office, "max", "channel.bind", ABSENT, again.value)
        assert refused.toast == office.say("bind.absent")
        assert office.rows("binding") == []
        bound = ask(office, "max", "channel.bind", ALL, again.value)
        assert bound.toast != office.say("bind.absent")
        assert len(office.rows("binding")) == 1

    def test_a_bound_channel_that_the_bot_has_left(self, office: Office) -> None:
        ask(office, "max", "channel.bind", ALL, "sales")
        shown = ask(office, "max", "help.open", ABSENT).card
        assert shown
        assert office.say("bind.absent") in words_of(shown)


class TestHello:
    def test_a_leader_can_bind_the_channel_at_once(self, office: Office) -> None:
        card = ask(office, "max", "hello.show", ALL).card
        assert card
        assert "channel.bind" in [one.action for one in buttons_of(card)]

    def test_others_are_told_who_can(self, office: Office) -> None:
        card = ask(office, "robin", "hello.show", ALL).card
        assert card
        assert "channel.bind" not in [one.action for one in buttons_of(card)]
        assert card.body == office.say("hello.channel_leader")

    def test_in_the_1_to_1_who_is_known_was_welcomed_before(self, office: Office) -> None:
        assert office.ask("robin", "hello.show") == Reply()
