"""Files that take long to read: stored until a process of their own has read them."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from bot import file_reader
from bot.file_reader import FileReader
from handlers.core.replies import Reply
from handlers.core.requests import Upload
from handlers.core.spreadsheets import xlsx_bytes
from handlers.imports.actions import MOST_TRIES, MOST_UNREAD
from sales.imports import sheet
from sales.imports.sheet import Unreadable
from sales.imports.uploads import from_lines, is_quick, read_file, to_lines
from tests.furnished import Offices
from tests.office import SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
ROWS = 600
LARGE = ("Customer,Phone,Need\n" + "".join(
    f"Sample {n},138{n:08},{'wants a tool ' * 20}\n" for n in range(ROWS)
)).encode()  # fmt: skip
SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


def send(office: Office, content: bytes = LARGE, account: str = "max") -> Reply:
    return office.ask(account, "import.take", upload=Upload("large.csv", content))


def ends_by(signal: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import os, signal; os.kill(os.getpid(), signal.{signal})")


async def begun(reader: FileReader) -> None:
    """Returns once a file is being read."""
    while reader._reading is None:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)


def states(office: Office) -> list[str]:
    return [job["state"] for job in office.rows("import_job")]


class TestReading:
    async def test_a_large_file_is_kept_and_read_apart(self, office: Office) -> None:
        reply = send(office)
        assert reply.toast == office.say("import.put_by", name="large.csv")
        assert (states(office), len(office.rows("import_page"))) == (["reading"], 1)
        await office.settle()
        [job] = office.rows("import_job")
        assert (job["state"], job["rows"], job["tally"]["new"]) == ("checked", ROWS, ROWS)
        assert office.inbox("max")[-1].title == office.say("import.card_checked", name="large.csv")

    async def test_who_sent_what_cannot_be_read_hears_why(self, office: Office) -> None:
        send(office, LARGE + b'"never closed' + b"x" * 6_000)
        await office.settle()
        assert states(office) == ["unreadable"]
        assert office.rows("import_page") == []
        card = office.inbox("max")[-1]
        words = office.say("import.unreadable_cell", row=ROWS + 2, most=sheet.LONGEST_CELL)
        assert (card.title, card.body) == (office.say("import.unreadable", name="large.csv"), words)

    async def test_only_so_many_of_one_person_wait(self, office: Office) -> None:
        for _ in range(MOST_UNREAD):
            assert not send(office).errors
        assert send(office).errors or send(office).toast == office.say(
            "problem.file_busy", n=MOST_UNREAD
        )
        assert send(office, account="wes").toast == office.say("import.put_by", name="large.csv")
        assert len(states(office)) == MOST_UNREAD + 1

    def test_a_workbook_is_as_large_as_it_unpacks_to(self) -> None:
        assert is_quick(xlsx_bytes([("Customer",), ("Acme",)]))
        assert not is_quick(xlsx_bytes([("Customer",), *(("x" * 200,) for _ in range(5_000))]))
        assert not is_quick(LARGE)

    def test_what_another_process_read_is_the_same(self) -> None:
        read = read_file("客户,金额（万）\n甲示例,8\n".encode(), str)
        assert from_lines(list(to_lines(read))) == read
        told = from_lines(list(to_lines(Unreadable("cell", row=2, most=3))))
        assert isinstance(told, Unreadable)
        assert (told.problem, told.params) == ("cell", {"row": 2, "most": 3})

    def test_more_cells_than_allowed_name_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheet, "MOST_CELLS", 50)
        with pytest.raises(Unreadable) as refused:
            read_file(LARGE, str)
        assert (refused.value.problem, refused.value.params) == ("cells", {"most": 50})


class TestTrouble:
    async def test_a_worker_at_its_limits_is_told_of(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(file_reader, "_COMMAND", ends_by("SIGKILL"))
        send(office)
        await office.settle()
        assert office.inbox("max")[-1].body == office.say("import.unreadable_work")

    async def test_a_worker_that_was_told_to_end_leaves_the_file_where_it_is(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(office)
        with monkeypatch.context() as patch:
            patch.setattr(file_reader, "_COMMAND", ends_by("SIGTERM"))
            assert not await office.world.file_reader.read_next()
        assert states(office) == ["reading"]
        await office.settle()
        assert states(office) == ["checked"]

    async def test_a_file_with_which_the_process_died_each_time_is_given_up(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(office)
        with monkeypatch.context() as patch:
            patch.setattr(file_reader, "_COMMAND", ends_by("SIGTERM"))
            for _ in range(MOST_TRIES):
                assert not await office.world.file_reader.read_next()
        await office.settle()
        assert states(office) == ["unreadable"]

    async def test_stopped_while_it_reads_it_begins_anew(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(office)
        world = office.world
        reader = FileReader(world.new_uow, world.contexts)
        with monkeypatch.context() as patch:
            patch.setattr(file_reader, "_COMMAND", SLEEPS)
            await reader.start()
            async with asyncio.timeout(30):
                await begun(reader)
                await reader.stop()
        assert states(office) == ["reading"]
        await office.settle()
        assert states(office) == ["checked"]
