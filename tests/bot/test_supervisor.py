"""The supervisor: no task of the process ends silently."""

import asyncio

import pytest

from bot.supervisor import CannotGoOn, Supervisor
from sales.errors import StorageUnavailable


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor(pause=lambda _: 0.0)


class TestSupervisor:
    async def test_begins_a_task_anew_that_failed_and_says_so(self, supervisor: Supervisor) -> None:
        attempts = 0

        async def work() -> None:
            nonlocal attempts
            attempts += 1
            if attempts < 3:
                raise ZeroDivisionError
            await asyncio.Event().wait()

        supervisor.start("sums", work)
        while attempts < 3:  # noqa: ASYNC110 - the loop only has to turn
            await asyncio.sleep(0)
        [condition] = supervisor.conditions()
        assert (condition.key, condition.subject) == ("task_failed", "sums")
        assert condition.params == {"task": "sums", "error": "ZeroDivisionError"}
        await supervisor.stop()
        assert supervisor.conditions() == []

    async def test_is_content_once_it_has_come_to_its_end(self, supervisor: Supervisor) -> None:
        outcomes = iter([ValueError("odd"), None])

        async def work() -> None:
            if error := next(outcomes):
                raise error

        supervisor.start("once", work)
        await supervisor.finish("once")
        supervisor.start("twice", work)
        await supervisor.stop()
        assert supervisor.conditions() == []

    async def test_leaves_the_database_to_its_own_conditions(self, supervisor: Supervisor) -> None:
        outcomes = iter([StorageUnavailable(), None])
        done = asyncio.Event()

        async def work() -> None:
            if error := next(outcomes):
                raise error
            done.set()
            await asyncio.Event().wait()

        supervisor.start("rows", work)
        await done.wait()
        assert supervisor.conditions() == []
        await supervisor.stop()

    async def test_gives_the_reason_why_the_process_has_to_end(
        self, supervisor: Supervisor
    ) -> None:
        async def work() -> None:
            raise CannotGoOn("newer_schema", revision="9999")

        supervisor.start("boot", work)
        reason = await supervisor.cannot_go_on()
        assert (reason.key, dict(reason.params)) == ("newer_schema", {"revision": "9999"})
        await supervisor.stop()

    async def test_one_that_waits_for_its_next_attempt_can_be_ended(self) -> None:
        supervisor = Supervisor(pause=lambda _: 3600.0)

        async def work() -> None:
            raise ZeroDivisionError

        supervisor.start("sums", work)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await supervisor.finish("sums")
        assert list(supervisor.conditions()) != []
