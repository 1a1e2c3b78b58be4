"""``python -m bench.hostile_input``: measures what one outsider costs everybody else.

How long parsing worst-case texts of 10 kB takes, how long another person's write waits for a form
with such a text, and what a person waits for their board while two files are read.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from itertools import count
from pathlib import Path

from bot.app import Genjin, build
from bot.clock import SystemClock
from bot.settings import Settings
from handlers.core.requests import Conversation, Request, Sender, Upload
from handlers.core.spreadsheets import xlsx_bytes
from handlers.intake import LeadArrival, Via
from sales.amounts import parse_budget
from sales.capture import read_message
from sales.contacts import holds_contact, parse_phone, without_contacts
from sales.errors import InvalidInput
from sales.people import Identity, Person, Role, Team
from sales.quick_followup import parse_line
from storage.tables import import_job
from tests.world import TestSettings

KB = 10_000
SHAPES = ("1", " ", "1 ", "1.", "(1", "+1 ", "11-", "a@", "a.", "一", "今天", "1234567;",
          "13812345678 ", "U’", "的王", "\n ")  # fmt: skip
UPLOAD = 290_000
"""Bytes of each of the two files."""
DONE = ("read", "checked", "unreadable")
SLOWEST = 120


def main() -> int:
    print(f"{'10 kB of text':<24}{'worst, ms':>12}   shape")
    for name, parse in (
        ("parse_phone", parse_phone),
        ("parse_budget", parse_budget),
        ("holds_contact", holds_contact),
        ("without_contacts", without_contacts),
        ("read_message", read_message),
        ("parse_line", lambda text: parse_line(text, date(2026, 11, 28))),
    ):
        worst, shape = max((_cost(parse, shape), shape) for shape in SHAPES)
        print(f"{name:<24}{1000 * worst:>12.1f}   {shape!r}")
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as directory:
        asyncio.run(_beside(Path(directory)))
    return 0


def _cost(parse: Callable[[str], object], shape: str) -> float:
    text = "1" + shape * (KB // len(shape)) + "1"
    began = time.process_time()
    with suppress(ValueError):
        parse(text)
    return time.process_time() - began


async def _beside(directory: Path) -> None:
    settings: Settings = TestSettings.of(genjin_data_dir=directory, genjin_web_chat="off")
    genjin = build(settings)
    await genjin.start()
    await genjin.ready.wait()
    try:
        _hire(genjin)
        await _form(genjin)
        await _uploads(genjin)
    finally:
        await genjin.stop()


def _hire(genjin: Genjin) -> None:
    with genjin.new_uow() as uow:
        team = uow.people.add_team(Team(name="East"))
        for name, role in (("max", Role.MANAGER), ("wes", Role.MANAGER), ("robin", Role.REP)):
            person = uow.people.add(Person(name=name.title(), role=role, team_id=team.id))
            uow.people.link(Identity("desk", name, person.id), SystemClock().now())
        uow.commit()


def _request(name: str, action: str, number: int, upload: Upload | None = None) -> Request:
    where = Conversation("desk", name, private=True)
    return Request(f"desk:{number}", action, Sender("desk", name), where, upload=upload)


async def _form(genjin: Genjin) -> None:
    """An anonymous form with 10 kB as its phone: how long another person's write waits."""
    values = {"customer": "Acme Sample Ltd", "phone": "1" + " " * (KB - 10) + "1"}
    arrival = LeadArrival(via=Via.FORM, ids=("form:1",), values={**values, "source": "ads"})

    async def taken() -> None:
        with suppress(InvalidInput):
            await genjin.receive(arrival)

    def write() -> None:
        with genjin.new_uow() as uow:
            uow.people.everyone()

    waits = await _measured(lambda: asyncio.to_thread(write), taken())
    print(f"\n{'another write beside a form with a phone of 10 kB':<52}{_figures(waits)}")


async def _uploads(genjin: Genjin) -> None:
    content = _workbook()
    numbers = count(1)

    async def read() -> None:
        files = [
            genjin.dispatch(_request(name, "import.take", next(numbers), Upload("a.xlsx", content)))
            for name in ("max", "wes")
        ]
        began = time.monotonic()
        await asyncio.gather(*files)
        for _ in range(SLOWEST):
            if await asyncio.to_thread(_over, genjin):
                break
            await asyncio.sleep(1)
        print(f"\n{f'two files of {len(content) // 1000} kB read after':<52}"
              f"{time.monotonic() - began:>8.1f} s")  # fmt: skip

    waits = await _measured(
        lambda: genjin.dispatch(_request("robin", "board.open", next(numbers))), read()
    )
    print(f"{'another person opens the board meanwhile':<52}{_figures(waits)}")


def _over(genjin: Genjin) -> bool:
    with genjin.database.read() as connection:
        states = [row.state for row in connection.execute(import_job.select())]
    # A file that was refused at once leaves no row.
    return all(state in DONE for state in states)


def _workbook() -> bytes:
    """As many cells as fit into the size; they compress well."""
    rows = 1_000
    while True:
        header = ("Customer", *(f"Column {n}" for n in range(98)))
        content = xlsx_bytes([header, *([f"{n}", *["x"] * 98] for n in range(rows))])
        if len(content) >= UPLOAD:
            return content
        rows = max(rows + 500, rows * UPLOAD // len(content))


async def _measured(ask: Callable[[], Awaitable[object]], beside: Awaitable[None]) -> list[float]:
    """Seconds of each request of a person, one after the other, while ``beside`` runs."""
    waits: list[float] = []
    happening = asyncio.ensure_future(beside)
    while not happening.done() or not waits:
        began = time.monotonic()
        await ask()
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    await happening
    return sorted(waits)


def _figures(waits: list[float]) -> str:
    middle, late = waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    return (
        f"p50 {1000 * middle:>8.1f} ms  p99 {1000 * late:>8.1f} ms  "
        f"longest {1000 * waits[-1]:>8.1f} ms  ({len(waits)})"
    )


if __name__ == "__main__":
    sys.exit(main())
