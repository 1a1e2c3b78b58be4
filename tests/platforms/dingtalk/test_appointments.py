"""Next steps with a time in people's own calendars, and what happens if that is not permitted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.platforms import Throttled, Unavailable, Unwanted
from bot.platforms.dingtalk import DingTalkPlatform
from handlers.core.ui import Appointment, Card
from tests.platforms.dingtalk.conftest import NOW, Office
from tests.platforms.dingtalk.test_post import PERSON

STARTS = datetime(2026, 11, 27, 7, tzinfo=UTC)
TIME = Appointment(STARTS, STARTS + timedelta(minutes=30), "Asia/Shanghai", "LX001")
CARD = Card("A科技：发送方案", body="LX001 的下一步", subject="followup:1", appointment=TIME)
OVER = replace(CARD, appointment=None)
DENIED = {
    "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "accessdenieddetail": {"requiredScopes": ["Calendar.Event.Write"]},
}


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[DingTalkPlatform]:
    office.user()
    async with office.running() as running:
        yield running


class TestAppointments:
    async def test_is_an_event_and_no_message(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await platform.post(PERSON, CARD, locale="zh_CN")
        [event] = office.world.events.values()
        assert (event["summary"], event["union"]) == ("A科技：发送方案", "union/u1")
        assert event["start"] == {
            "dateTime": "2026-11-27T15:00:00+08:00",
            "timeZone": "Asia/Shanghai",
        }
        assert event["end"]["dateTime"] == "2026-11-27T15:30:00+08:00"
        assert office.world.chat("u1") == []

    async def test_moves_and_goes_with_the_step(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        day = timedelta(days=1)
        moved = replace(TIME, starts_at=STARTS + day, ends_at=TIME.ends_at + day)
        for _ in range(2):
            await platform.edit(PERSON, ref, replace(CARD, appointment=moved), locale="zh_CN")
        [event] = office.world.events.values()
        assert event["start"]["dateTime"] == "2026-11-28T15:00:00+08:00"
        assert len(office.world.named("changeEvent")) == 1, "an equal one costs no call"
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert office.world.events == {}
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert len(office.world.named("deleteEvent")) == 1

    async def test_comes_back_when_the_step_is_reopened(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        await platform.edit(PERSON, ref, CARD, locale="zh_CN")
        assert len(office.world.events) == 1

    async def test_what_took_place_stays(self, office: Office, platform: DingTalkPlatform) -> None:
        past = replace(TIME, starts_at=NOW - timedelta(hours=1), ends_at=NOW)
        ref = await platform.post(PERSON, replace(CARD, appointment=past), locale="zh_CN")
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert len(office.world.events) == 1

    async def test_what_the_person_deleted_is_not_put_in_again(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        office.world.events.clear()
        for title in ("A科技：致电", "A科技：拜访"):
            await platform.edit(PERSON, ref, replace(CARD, title=title), locale="zh_CN")
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert office.world.events == {}
        assert len(office.world.named("changeEvent")) == 1

    async def test_posted_twice_it_is_one(self, office: Office, platform: DingTalkPlatform) -> None:
        for _ in range(2):
            await platform.post(PERSON, CARD, locale="zh_CN")
        assert len(office.world.named("createEvent")) == 1

    async def test_an_answer_that_broke_off_makes_no_second_event(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("createEvent", 200, drop=True, done_first=True)
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        assert len(office.world.events) == 1
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert office.world.events == {}

    async def test_taking_it_out_waits_when_dingtalk_is_busy(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        code = {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}
        office.world.fail_next("deleteEvent", 403, code)
        with pytest.raises(Throttled):
            await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert office.world.events == {}

    async def test_its_description_opens_the_lead(self, office: Office) -> None:
        office.user()
        async with office.running(chat_url="https://chat.example") as platform:
            await platform.post(PERSON, CARD, locale="zh_CN")
        [event] = office.world.events.values()
        assert event["description"] == "LX001 的下一步\nhttps://chat.example/#LX001"


class TestWithoutIt:
    async def test_says_once_what_is_missing(self, office: Office) -> None:
        office.user()
        office.world.fail_next("createEvent", 403, DENIED)
        async with office.running() as platform:
            for _ in range(2):
                with pytest.raises(Unwanted):
                    await platform.post(PERSON, CARD, locale="zh_CN")
            assert len(office.world.named("createEvent")) == 1, "not asked again for a day"
            assert platform.health().detail == "Calendar.Event.Write"
        assert office.told == [("calendar", "Calendar.Event.Write")]
        async with office.running() as platform:
            found = {one.part: one.state for one in await platform.optional_permissions()}
        assert found["calendar"] == "lacks"
        assert found["todo"] == "untried"

    @pytest.mark.parametrize("status", [400, 500])
    async def test_no_failure_holds_up_the_messages_behind_it(
        self, office: Office, platform: DingTalkPlatform, status: int
    ) -> None:
        for _ in range(2):
            office.world.fail_next("createEvent", status, {"code": "param.error"})
        with pytest.raises(Unwanted):
            await platform.post(PERSON, CARD, locale="zh_CN")
        assert platform.health().ok

    async def test_an_outage_is_waited_for(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("createEvent", 503)
        with pytest.raises(Unavailable):
            await platform.post(PERSON, CARD, locale="zh_CN")

    async def test_switched_off_nothing_is_put_in_but_taken_out(self, office: Office) -> None:
        office.user()
        async with office.running() as platform:
            ref = await platform.post(PERSON, CARD, locale="zh_CN")
        async with office.running(calendar=False) as platform:
            with pytest.raises(Unwanted):
                await platform.post(PERSON, replace(CARD, subject="followup:2"), locale="zh_CN")
            await platform.edit(PERSON, ref, OVER, locale="zh_CN")
        assert office.world.events == {}
