"""Notices: what DingTalk receives, and what each of its responses means for delivery."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.platforms import (
    Address,
    AddressRefused,
    Platform,
    Refused,
    Suspended,
    Throttled,
    Unavailable,
    Unclear,
    Unrecognised,
)
from bot.platforms.dingtalk import DingTalkPlatform, transport
from bot.platforms.dingtalk.health import Conditions
from handlers.core.ui import Button, Card, Chart, DrawnChart, Section, Series
from tests.chart_samples import all_samples
from tests.conversations.dingtalk_reading import PICTURE, links_of
from tests.platforms.dingtalk.conftest import Office, new_language

PERSON = Address("dingtalk", "person", "u1")
GROUP = Address("dingtalk", "channel", "cidG")
CARD = Card("周报", summary="周报出来了")
CHART = Chart("bar", "漏斗", ("线索", "成交"), (Series("数量", (9, 2)),), "9 条线索，成交 2 条")
QPS = {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[DingTalkPlatform]:
    office.user()
    async with office.running() as running:
        yield running


async def post(platform: Platform, to: Address = PERSON, card: Card = CARD) -> str:
    return await platform.post(to, card, locale="zh_CN")


class TestPost:
    async def test_writes_to_a_person_and_gives_the_key(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await post(platform)
        (entry,) = office.world.chat("u1")
        assert (entry.kind, entry.text, entry.ref) == ("markdown", "### 周报", ref)
        body = office.world.named("batchSend")[0].body
        assert "周报出来了" in body["msgParam"]
        assert (body["userIds"], body["msgKey"]) == (["u1"], "sampleMarkdown")

    async def test_writes_to_a_group(self, office: Office, platform: DingTalkPlatform) -> None:
        ref = await post(platform, GROUP)
        assert [(one.via, one.ref) for one in office.world.chat("cidG")] == [("groupSend", ref)]

    async def test_anybody_may_press_a_button_in_a_group(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await post(platform, GROUP, Card("LX001", buttons=(Button("pool.claim", "领取", "1"),)))
        (words,) = links_of(office.world.chat("cidG")[0].text).values()
        frame = await office.server.write("u1", f"@genjin {words}", group="cidG")
        await office.gateway.ack_of(frame)
        assert office.script.of("pool.claim")[0].sender.id == "u1"

    async def test_sends_a_chart_inside_its_message(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        """Each message counts: a board with its picture is one, not two."""
        await post(platform, card=Card("周报", chart=CHART))
        (entry,) = office.world.chat("u1")
        assert "9 条线索，成交 2 条" in entry.text
        assert len(PICTURE.findall(entry.text)) == 1
        assert office.drawn == [(CHART, "zh_CN")]

    async def test_sends_a_picture_for_each_chart(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        funnel = all_samples("zh_CN")["funnel"]
        sections = (Section("漏斗", chart=funnel),)
        await post(platform, card=Card("周报", sections=sections, chart=CHART))
        (entry,) = office.world.chat("u1")
        assert "线索获取 180" in entry.text
        assert len(PICTURE.findall(entry.text)) == 2
        assert office.drawn == [(CHART, "zh_CN"), (funnel, "zh_CN")]

    async def test_a_chart_is_stored_once_however_often_it_is_sent(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        for to in (PERSON, GROUP, PERSON):
            await post(platform, to, Card("周报", chart=CHART))
        assert len(office.world.named("upload")) == 1
        (entry,) = office.world.chat("cidG")
        assert PICTURE.search(entry.text)

    async def test_figures_without_a_picture_are_written_out(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        """Also those that open nothing, which no button names: what came in, and rates."""
        bridge = all_samples("zh_CN")["bridge"]
        assert isinstance(bridge, DrawnChart)
        opens = (Button("digest.show", "成交 3", "won:1:2026-W47"),)
        office.world.fail_next("upload", 500)
        sections = (Section("变化", chart=replace(bridge, opens=opens)),)
        await post(platform, card=Card("周报", sections=sections))
        (entry,) = office.world.chat("u1")
        assert all(row[0] in entry.text and row[1] in entry.text for row in bridge.table.rows)
        assert "成交 3" in links_of(entry.text)

    async def test_a_message_refused_for_its_picture_is_sent_with_the_figures(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        bridge = all_samples("zh_CN")["bridge"]
        assert isinstance(bridge, DrawnChart)
        office.world.fail_next("batchSend", 400, {"code": "invalid.picture"})
        await post(platform, card=Card("周报", chart=bridge))
        (words,) = office.world.chat("u1")
        assert all(row[0] in words.text and row[1] in words.text for row in bridge.table.rows)
        assert not PICTURE.search(words.text)

    async def test_words_go_out_when_the_picture_is_refused(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("upload", 200, {"errcode": 60011, "errmsg": "no permission"})
        await post(platform, card=Card("周报", chart=CHART))
        assert [one.kind for one in office.world.chat("u1")] == ["markdown"]

    @pytest.mark.parametrize("status", [500, 503])
    async def test_words_go_out_when_the_picture_is_not_stored(
        self, office: Office, platform: DingTalkPlatform, status: int
    ) -> None:
        office.world.fail_next("upload", status)
        await post(platform, card=Card("周报", chart=CHART))
        assert [one.kind for one in office.world.chat("u1")] == ["markdown"]

    @pytest.mark.parametrize("failure", [NotImplementedError(), MemoryError(), None])
    async def test_words_go_out_when_the_chart_is_not_drawn(
        self, office: Office, platform: DingTalkPlatform, failure: Exception | None
    ) -> None:
        office.fail_to_draw(failure)
        await post(platform, card=Card("周报", chart=CHART))
        (entry,) = office.world.chat("u1")
        assert "9 条线索，成交 2 条" in entry.text

    async def test_nothing_is_out_when_the_picture_was_throttled(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("upload", 429)
        with pytest.raises(Throttled):
            await post(platform, card=Card("周报", chart=CHART))
        assert office.world.chat("u1") == []

    async def test_a_long_card_comes_in_parts_that_dingtalk_takes(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        lines = tuple(f'{number} 一行很长的字"引号"' * 8 for number in range(200))
        await post(platform, card=Card("长", sections=(Section(lines=lines),)))
        parts = [one.text for one in office.world.chat("u1")]
        assert len(parts) > 3
        assert all(len(part) <= 3500 for part in parts)
        whole = "\n".join(parts)
        assert all(line in whole for line in lines)

    async def test_cannot_edit(self, platform: DingTalkPlatform) -> None:
        assert platform.can_edit is False
        with pytest.raises(Refused):
            await platform.edit(PERSON, "process-1", CARD, locale="en")


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (403, QPS, Throttled),
            (400, {"code": "send.too.fast"}, Throttled),
            (500, {"code": "system.busy"}, Throttled),
            (429, {}, Throttled),
            (200, {"flowControlledStaffIdList": ["u1"]}, Throttled),
            (200, {"invalidStaffIdList": ["u1"]}, AddressRefused),
            (200, {"filteredStaffIdList": ["u1"]}, AddressRefused),
            (400, {"code": "staffId.notExisted"}, AddressRefused),
            (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, Suspended),
            (200, {"errcode": 90020}, Suspended),
            (200, {"errcode": 88, "sub_code": "60011"}, Suspended),
            (403, {"code": "Forbidden.AccessDenied.IpNotInWhiteList"}, Suspended),
            (400, {"code": "invalidParameter.robotCode.notExsit"}, Suspended),
            (400, {"code": "invalidParameter.msgParam.tooLong"}, Refused),
            (400, {"code": "never.heard.of.it"}, Unrecognised),
            (404, {}, Unrecognised),
            (302, {}, Unrecognised),
            (400, {"code": "unknown.send.result"}, Unclear),
            (200, {}, Unclear),
            (200, {"processQueryKey": ""}, Unclear),
            (503, {}, Unavailable),
            (502, {}, Unclear),
            (500, {"code": "unknownError"}, Unclear),
        ],
    )
    async def test_reads_dingtalks_answers(
        self,
        office: Office,
        platform: DingTalkPlatform,
        status: int,
        body: dict[str, Any],
        error: type[Exception],
    ) -> None:
        office.world.fail_next("batchSend", status, body)
        with pytest.raises(error):
            await post(platform)
        assert office.world.chat("u1") == []

    async def test_waits_as_long_as_it_is_told(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("batchSend", 429, headers={"Retry-After": "7"})
        with pytest.raises(Throttled) as caught:
            await post(platform)
        assert caught.value.retry_after == 7
        office.world.fail_next(
            "batchSend", 403, {"code": "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"}
        )
        with pytest.raises(Throttled) as caught:
            await post(platform)
        assert caught.value.retry_after == 60

    async def test_a_lost_reply_is_unclear(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("batchSend", 200, drop=True, done_first=True)
        with pytest.raises(Unclear):
            await post(platform)
        assert len(office.world.chat("u1")) == 1

    async def test_a_refused_line_means_nothing_was_sent(self, office: Office) -> None:
        platform = office.platform(api_url="http://127.0.0.1:9")
        with pytest.raises(Unavailable):
            await post(platform)
        await platform.stop()

    async def test_a_long_message_that_breaks_in_the_middle_is_unclear(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        lines = tuple("很长的一行" * 40 for _ in range(30))
        office.world.fail_next("batchSend", 400, {"code": "robot.stopped"}, after=1)
        with pytest.raises(Unclear):
            await post(platform, card=Card("长", sections=(Section(lines=lines),)))
        assert len(office.world.chat("u1")) == 1


class TestToken:
    async def test_is_fetched_once_for_many_callers(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await asyncio.gather(*(post(platform) for _ in range(5)))
        assert len(office.world.named("accessToken")) == 1

    async def test_is_renewed_once_when_it_was_revoked(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await post(platform)
        office.server.expire_tokens()
        await post(platform)
        assert len(office.world.named("accessToken")) == 2
        assert len(office.world.chat("u1")) == 2

    async def test_is_renewed_for_the_older_api_too(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await post(platform)
        office.server.expire_tokens()
        await post(platform, card=Card("周报", chart=CHART))
        assert [one.kind for one in office.world.chat("u1")] == ["markdown", "markdown"]

    async def test_a_refused_secret_is_no_lost_message(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("accessToken", 400, {"code": "invalidClientIdOrSecret"})
        with pytest.raises(Suspended):
            await post(platform)
        assert platform.health().problem == "health.dingtalk.credentials"
        await post(platform)
        assert platform.health().problem == ""

    async def test_a_token_that_stays_refused_is_asked_for_only_once_more(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await post(platform)
        for _ in range(2):
            office.world.fail_next("batchSend", 401, {"code": "InvalidAuthentication"})
        with pytest.raises(Suspended):
            await post(platform)
        assert len(office.world.named("accessToken")) == 2


class TestHealth:
    async def test_names_the_permission_that_is_missing(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next(
            "batchSend",
            403,
            {
                "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                "message": "应用尚未开通所需的权限：[qyapi_robot_sendmsg]",
            },
        )
        with pytest.raises(Refused):
            await post(platform)
        health = platform.health()
        assert (health.ok, health.problem) == (False, "health.dingtalk.scope")
        assert health.detail == "qyapi_robot_sendmsg"
        await post(platform)
        assert platform.health().ok

    async def test_warns_before_the_month_is_spent(self, office: Office) -> None:
        office.user()
        async with office.running(monthly_calls=5) as platform:
            for _ in range(4):
                await post(platform)
            near = platform.health()
            await post(platform)
            spent = platform.health()
        assert (near.ok, near.problem, near.detail) == (True, "health.dingtalk.calls_near", "4/5")
        assert (spent.ok, spent.problem) == (False, "health.dingtalk.calls_spent")

    async def test_counts_by_month_across_restarts(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await user.type("/lead")
        async with office.running():
            await user.type("/lead")
        counts = {key: total for key, total in office.memory.counts.items() if "2026-11" in key}
        # Two heard, two answered; the directory is asked for a person once, not at every start.
        assert sorted(counts.values()) == [1, 4]

    async def test_every_problem_has_words_in_both_languages(self) -> None:
        for locale in ("en", "zh_CN"):
            language = new_language(locale)
            for name in (
                "connecting",
                "unreachable",
                "credentials",
                "scope",
                "card",
                "calls_near",
                "calls_spent",
                "messages_near",
                "messages_spent",
            ):
                found = Conditions()
                found.report("stream", name)
                assert language.text(found.health().problem)
                assert language.text(found.health().advice)


class TestPace:
    async def test_keeps_under_twenty_calls_a_second_across_conversations(self) -> None:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        pace = transport.CallPace(sleep=sleep, clock=lambda: 100.0)
        await asyncio.gather(*(pace.wait("batchSend") for _ in range(40)))
        assert waited[-1] == pytest.approx(39 / 18)
        await pace.wait("another interface")
        assert len(waited) == 39


def test_httpx_still_logs_urls_where_the_filter_looks_for_them() -> None:
    """The filter takes the query off ``httpx.URL`` arguments; should httpx change, notice."""
    record = logging.LogRecord(
        "httpx",
        logging.INFO,
        "",
        0,
        "%s %s",
        ("GET", httpx.URL("https://a.example/p?access_token=x")),
        None,
    )
    assert transport.HideQueries().filter(record)
    assert record.getMessage() == "GET https://a.example/p"
