"""Refusals by far sides, injected at the local servers and met by the real SDKs.

Each row of the table says what is answered, what ``/health`` and admins report about it, and what
is on the far side before and after it is fixed. Posts are counted there, not in our rows.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery_health import delivery_conditions
from sales.notices import AccountLinked, DigestReady
from sales.people import Role
from storage.channels import BoundChannel
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.dead_letters import DeadLetters, Tally
from tests.conversations.stages import FRIDAY, settings_for, slack_side
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.world import Fault as DingTalkFault
from tests.doubles.slack import Fault
from tests.world import TestSettings, World, open_world

ALWAYS = 10_000
PEOPLE = {"max": ("Max Manager", Role.MANAGER), "robin": ("Robin Sample", Role.REP)}
WEEK = "2024-W08"
DENIED = {
    "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "accessdenieddetail": {"requiredScopes": ["qyapi_robot_sendmsg"]},
}


@dataclass(frozen=True)
class Row:
    """``answers``: what the far side says from now on. ``told``: the condition, none for what
    passes by itself. ``lost``: nothing may be sent again, since it may have arrived."""

    platform: str
    to: str
    answers: Any
    told: str = ""
    name: str = ""
    once: bool = False
    lost: bool = False
    status: int = 400
    also: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.name or self.answers
        if isinstance(said, dict):
            said = str(said.get("code") or said.get("errcode") or "|".join(said) or self.status)
        return f"{self.platform}-{self.to}-{'once-' if self.once else ''}{said or self.status}"


def slack(to: str, code: str, told: str = "", **more: Any) -> Row:
    return Row("slack", to, code, f"delivery.{told}" if told else "", **more)


def dingtalk(to: str, body: dict[str, Any], told: str = "", status: int = 400, **more: Any) -> Row:
    told = f"delivery.{told}" if told else ""
    return Row("dingtalk", to, body, told, status=status, **more)


TABLE = [
    # Whom nothing reaches any more.
    slack("person", "user_disabled", "people_unreachable"),
    slack("person", "user_not_found", "people_unreachable"),
    slack("person", "channel_not_found", "people_unreachable"),
    slack("person", "cannot_dm_bot", "people_unreachable"),
    slack("person", "account_inactive", "people_unreachable"),
    dingtalk("person", {"invalidStaffIdList": ["robin"]}, "people_unreachable", 200),
    dingtalk("person", {"code": "staffId.notExisted"}, "people_unreachable"),
    # What an admin mends.
    slack("person", "token_revoked", "credentials"),
    slack("person", "invalid_auth", "credentials"),
    slack("person", "missing_scope", "scope"),
    slack("person", "message_limit_exceeded", "quota"),
    slack("person", "ekm_access_denied", "policy"),
    slack("person", "messages_tab_disabled", "direct_off"),
    dingtalk("person", {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, "quota", 403),
    dingtalk("person", {"errcode": 90020}, "quota", 200),
    dingtalk("person", DENIED, "scope", 403),
    dingtalk("person", {"errcode": 88, "sub_code": "60011"}, "scope", 200),
    dingtalk("person", {"code": "Forbidden.AccessDenied.IpNotInWhiteList"}, "policy", 403),
    dingtalk("person", {"code": "InvalidAuthentication"}, "credentials", 401),
    dingtalk("person", {"code": "invalidParameter.robotCode.notExsit"}, "direct_off"),
    dingtalk("channel", {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, "quota", 403),
    slack("channel", "token_revoked", "credentials"),
    # Words that nobody knows.
    slack("person", "never_heard_of_it", "unknown"),
    dingtalk("person", {"code": "never.heard.of.it"}, "unknown"),
    dingtalk("person", {}, "unknown", 404),
    # What passes by itself.
    slack("person", "ratelimited"),
    slack("person", "service_unavailable"),
    slack("person", "internal_error"),
    slack("channel", "team_added_to_org"),
    dingtalk("person", {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, status=403),
    dingtalk("person", {"flowControlledStaffIdList": ["robin"]}, status=200),
    dingtalk("person", {}, status=503),
    dingtalk("person", {}, status=200, name="nothing said"),
    dingtalk("channel", {"errcode": -1}, status=200),
    # What may have arrived is not sent twice.
    slack("channel", "internal_error", "lost", lost=True),
    dingtalk("channel", {}, "lost", 500, lost=True),
    dingtalk("channel", {}, "lost", 200, lost=True, name="nothing said"),
]

CHANNELS = [
    slack("channel", "is_archived", "channel_archived"),
    slack("channel", "not_in_channel", "channel_not_member"),
    slack("channel", "channel_not_found", "channel_missing"),
    slack("channel", "restricted_action", "channel_not_allowed"),
    dingtalk("channel", {"code": "invalidParameter.robotCode.notExsit"}, "channel_not_member"),
    dingtalk("channel", {"code": "group.disbanded"}, "channel_missing"),
    dingtalk("channel", {"code": "send.forbidden"}, "channel_not_allowed"),
]


@dataclass
class Scene:
    """A product on one far side. ``posts(address)`` is what stands in a conversation there."""

    world: World
    refuse: Callable[[Row], None]
    mend: Callable[[], None]
    posts: Callable[[str], list[str]]
    channel: str
    platform: str

    def put(self, to: str) -> None:
        """A reminder that must arrive for a person, a digest that may arrive once for a channel."""
        with self.world.new_uow() as uow:
            robin = next(one for one in uow.people.everyone() if one.role is Role.REP)
            if to == "person":
                uow.outbox.add(AccountLinked(robin.id, self.platform), robin.id)
            else:
                digest = DigestReady(robin.team_id, WEEK)
                uow.outbox.add(digest, (self.platform, self.channel))
            uow.commit()

    def bind(self) -> None:
        with self.world.new_uow() as uow:
            boss = next(one for one in uow.people.everyone() if one.role is Role.MANAGER)
            bound = BoundChannel(self.platform, self.channel, boss.team_id, "en", boss.id)
            uow.channels.bind(bound)
            uow.refusals.end(f"{self.platform}:channel:{self.channel}")
            uow.commit()

    def told(self) -> set[str]:
        found = delivery_conditions(self.world.database, self.world.clock.now())
        return {condition.key for condition in found}

    def tally(self) -> Tally:
        return DeadLetters(self.world.database).tally()

    async def pass_time(self, step: timedelta, times: int) -> None:
        for _ in range(times):
            await self.world.travel(self.world.clock.now() + step)


@asynccontextmanager
async def slack_scene(database: Database, fields: Fields) -> AsyncIterator[Scene]:
    async with slack_side(PEOPLE) as (server, settings):
        rooms = {"robin": server.space.direct("ROBIN").id, "max": server.space.direct("MAX").id}

        def refuse(row: Row) -> None:
            retry = 1 if row.answers == "ratelimited" else None
            fault = Fault(row.answers, retry_after=retry)
            server.faults["chat.postMessage"] = deque([fault] * ALWAYS)

        def posts(address: str) -> list[str]:
            room = rooms.get(address, address)
            return [repr(one.blocks) for one in server.space.messages if one.channel == room]

        async with open_world(TestSettings.of(**settings), database, fields, FRIDAY) as world:
            world.hire("slack", {a.upper(): given for a, given in PEOPLE.items()}, "en")
            yield Scene(world, refuse, server.faults.clear, posts, "C1", "slack")


@asynccontextmanager
async def dingtalk_scene(database: Database, fields: Fields) -> AsyncIterator[Scene]:
    async with DingTalkServer() as server:
        settings = TestSettings.of(
            **settings_for(server),
        )
        server.staff |= {account: name for account, (name, _) in PEOPLE.items()}

        def refuse(row: Row) -> None:
            name = "batchSend" if row.to == "person" else "send"
            server.world.faults[name] = [DingTalkFault(row.status, row.answers)] * ALWAYS

        def posts(address: str) -> list[str]:
            return [one.text for one in server.world.chat(address)]

        async with open_world(settings, database, fields, FRIDAY) as world:
            world.hire("dingtalk", PEOPLE, "en")
            mend = server.world.faults.clear
            yield Scene(world, refuse, mend, posts, "cid-managers", "dingtalk")


SCENES = {"slack": slack_scene, "dingtalk": dingtalk_scene}


@pytest.mark.in_turn
class TestTheTable:
    @pytest.mark.parametrize("row", TABLE, ids=str)
    async def test_waits_is_told_and_arrives(
        self, database: Database, fields: Fields, row: Row
    ) -> None:
        async with SCENES[row.platform](database, fields) as scene:
            if row.to == "channel":
                scene.bind()
            reader = "robin" if row.to == "person" else scene.channel
            scene.refuse(row)
            scene.put(row.to)
            await scene.world.jobs.tick()
            await scene.world.delivery.drain()
            tally = scene.tally()
            assert scene.posts(reader) == []
            assert scene.told() == ({row.told} if row.told else set())
            assert (tally.waiting, tally.dead, tally.unknown) == (
                (0, 0, 1) if row.lost else (1, 0, 0)
            )
            scene.world.clock.advance(timedelta(hours=3))
            scene.mend()
            await scene.pass_time(timedelta(minutes=15), 4)
            if row.told == "delivery.people_unreachable":
                await scene.pass_time(timedelta(hours=1), 24)
            posts = [
                post for post in scene.posts(reader) if row.to == "person" or "week of" in post
            ]
            assert len(posts) == (0 if row.lost else 1)
            assert all("comes late" in post for post in posts)
            assert scene.told() == ({row.told} if row.lost else set())

    @pytest.mark.parametrize("row", CHANNELS, ids=str)
    async def test_what_a_channel_refuses_stands_in_a_leaders_chat_once(
        self, database: Database, fields: Fields, row: Row
    ) -> None:
        async with SCENES[row.platform](database, fields) as scene:
            scene.bind()
            scene.refuse(row)
            scene.put("channel")
            await scene.world.delivery.drain()
            assert scene.told() == {row.told}
            scene.mend()
            if row.platform == "dingtalk":
                scene.refuse(row)
            await scene.world.settle()
            digest, why = scene.posts("max")
            assert "week of" in digest
            assert "nothing reaches the channel" in why
            assert scene.posts(scene.channel) == []
            scene.mend()
            scene.bind()
            assert scene.told() == set()
            scene.put("channel")
            await scene.pass_time(timedelta(minutes=15), 2)
            assert sum("week of" in post for post in scene.posts(scene.channel)) == 1


class TestARefusedToken:
    async def test_is_one_condition_of_the_platform_and_of_delivery(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_scene(database, fields) as scene:
            await scene.world.boot.run()
            scene.refuse(slack("person", "token_revoked"))
            scene.put("person")
            await scene.world.delivery.drain()
            health = scene.world.health()
            assert not health["platforms"]["slack"]["ok"]
            conditions = [one["condition"] for one in health["conditions"]]
            told = [one for one in conditions if one.startswith(("slack", "delivery"))]
            assert told == ["delivery.credentials:slack"]


class TestEveryDocumentedWord:
    def test_of_both_platforms_has_a_meaning(self) -> None:
        from bot.platforms.dingtalk import errors as of_dingtalk
        from bot.platforms.slack import errors as of_slack

        assert len(of_slack.ERRORS) > 90
        assert len(of_dingtalk.ERRORS) > 45
        assert all(code == code.lower() for code in of_dingtalk.ERRORS)
        for code in of_slack.ERRORS:
            error = of_slack.error_of(code, needed="chat:write")
            assert type(error) is of_slack.ERRORS[code][0]
            assert str(error) == code
