"""The members of a channel, as Slack returns them page by page."""

import pytest

from bot.platforms.slack import SlackPlatform
from sales.channel_privacy import Readers, Told
from tests.doubles.slack import LocalSlack
from tests.doubles.slack.server import Fault
from tests.doubles.slack.workspace import BOT_USER
from tests.platforms.slack.conftest import becomes

FAILED = Readers(Told.FAILED)


def calls(slack: LocalSlack, method: str) -> int:
    return len([call for call in slack.journal if call.method == method])


class TestReaders:
    async def test_are_read_to_the_last_page_and_bots_left_out(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        people = {f"UX{n}" for n in range(7)}
        for one in people:
            slack.add_user(one, f"Sample {one}")
        slack.add_user("UOTHERBOT", "Another bot")
        slack.space.people["UOTHERBOT"].bot = True
        slack.add_channel("C9", "leaders", people | {BOT_USER, "UOTHERBOT"})
        found = await platform.readers("C9", known=people)
        assert found == Readers(Told.ALL, frozenset(people))
        assert calls(slack, "conversations.members") == 3
        assert calls(slack, "users.info") == 1

    async def test_who_is_unknown_counts_as_a_person(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.add_channel("C9", "leaders", {"U1", "UGUEST"})
        assert (await platform.readers("C9", known={"U1"})).accounts == {"U1", "UGUEST"}

    @pytest.mark.parametrize(
        ("faults", "told"),
        [
            ((Fault(error="missing_scope"), 1), "missing_scope"),
            ((Fault(error="fetch_members_failed"), 1), "fetch_members_failed"),
            ((Fault(status=429, retry_after=30), 1), "ratelimited"),
            ((Fault(status=503), 3), ""),
            ((Fault(error="internal_error"), 3), "internal_error"),
        ],
    )
    async def test_a_look_that_failed_is_told_until_one_does_not(
        self, platform: SlackPlatform, slack: LocalSlack, faults: tuple[Fault, int], told: str
    ) -> None:
        fault, tries = faults
        slack.faults["conversations.members"].extend([fault] * tries)
        assert await platform.readers("C1", known={"U1", "U2"}) == FAILED
        health = platform.health()
        assert (health.ok, health.problem) == (True, "health.slack.members")
        assert health.advice == "health.slack.members.advice"
        assert told in health.detail
        found = await platform.readers("C1", known={"U1", "U2"})
        assert found == Readers(Told.ALL, frozenset({"U1", "U2"}))
        assert platform.health().problem == ""

    @pytest.mark.parametrize("fault", [Fault(status=500), Fault(retry_after=0), Fault(lost=True)])
    async def test_a_look_that_failed_once_is_repeated(
        self, platform: SlackPlatform, slack: LocalSlack, fault: Fault
    ) -> None:
        slack.add_user("UOTHERBOT", "Another bot", bot=True)
        slack.space.rooms["C1"].members.add("UOTHERBOT")
        for method in ("conversations.members", "users.info"):
            slack.fault(method, fault)
        found = await platform.readers("C1", known={"U1", "U2"})
        assert found == Readers(Told.ALL, frozenset({"U1", "U2"}))

    async def test_a_channel_that_the_bot_is_not_in(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        assert await platform.readers("C2", known=set()) == Readers(Told.ABSENT)
        slack.space.rooms["C2"].members.add(BOT_USER)
        assert (await platform.readers("C2", known=set())).told is Told.ALL
        slack.fault("conversations.members", Fault(error="channel_not_found"))
        assert await platform.readers("C1", known=set()) == Readers(Told.ABSENT)

    async def test_an_app_of_an_older_manifest_is_told_what_it_lacks(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        lacking = ("channels:read", "groups:read", "usergroups:read")
        granted = [one for one in slack.scopes.split(",") if one not in lacking]
        slack.scopes = ",".join(granted)
        await becomes(lambda: platform.health().problem == "health.slack.missing_scope")
        assert platform.health().detail == "channels:read, groups:read"
