"""Events of the organisation: who left it, told once."""

import pytest

from bot.platforms.dingtalk.organisation import left_people
from handlers.core.requests import Request
from sales.errors import StorageStarting
from tests.platforms.dingtalk.conftest import Office

LEAVERS = {"timeStamp": "1700000000000", "userId": ["u1", "u2"], "optStaffId": "u9"}


class TestLeavers:
    async def test_are_passed_on_as_people_who_are_no_members(self, office: Office) -> None:
        async with office.running():
            frame = await office.gateway.push_event("user_leave_org", LEAVERS)
            assert await office.gateway.event_status(frame) == "SUCCESS"
        senders = [request.sender for request in office.script.asked]
        assert [(one.platform, one.id, one.standing) for one in senders] == [
            ("dingtalk", "u1", "outsider"),
            ("dingtalk", "u2", "outsider"),
        ]

    async def test_the_same_event_twice_is_one(self, office: Office) -> None:
        async with office.running():
            for _ in range(2):
                frame = await office.gateway.push_event("user_leave_org", LEAVERS, "event-a")
                assert await office.gateway.event_status(frame) == "SUCCESS"
        assert len(office.script.asked) == 2

    async def test_nobody_else_is_touched(self, office: Office) -> None:
        async with office.running():
            frame = await office.gateway.push_event("user_modify_org", LEAVERS)
            assert await office.gateway.event_status(frame) == "SUCCESS"
        assert office.script.asked == []

    async def test_without_a_database_it_comes_again(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_: object) -> None:
            raise StorageStarting

        async with office.running():
            monkeypatch.setattr(office.memory, "get", away)
            frame = await office.gateway.push_event("user_leave_org", LEAVERS, "event-a")
            assert await office.gateway.event_status(frame) == "LATER"
            monkeypatch.undo()
            frame = await office.gateway.push_event("user_leave_org", LEAVERS, "event-a")
            assert await office.gateway.event_status(frame) == "SUCCESS"
        asked: list[Request] = office.script.asked
        assert [request.sender.id for request in asked] == ["u1", "u2"]


class TestPermissions:
    async def test_what_only_reads_is_tried(self, office: Office) -> None:
        office.server.departments = {"1": "Sample Ltd"}
        async with office.running() as platform:
            frame = await office.gateway.push_event("user_leave_org", LEAVERS)
            await office.gateway.event_status(frame)
            found = {one.part: one.state for one in await platform.optional_permissions()}
            assert platform.health().ok
        assert found == {
            "card": "untried",
            "button_card": "untried",
            "read_status": "untried",
            "work_notice": "untried",
            "todo": "untried",
            "calendar": "untried",
            "departments": "works",
            "members": "lacks",
            "leavers": "works",
        }


@pytest.mark.parametrize(
    ("data", "people"),
    [
        ({"userId": ["a", "a", "b"]}, ("a", "b")),
        ({"UserId": ["a"]}, ("a",)),
        ({"userId": "a"}, ("a",)),
        ({"userId": [None, 3, ""]}, ()),
        ({"userId": {"a": 1}}, ()),
        ({}, ()),
    ],
)
def test_of_an_event_only_ids_are_read(data: dict[str, object], people: tuple[str, ...]) -> None:
    assert left_people(data) == people
