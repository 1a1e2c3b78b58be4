"""Measures how fast one process drains the outbox.

2,000 notices to 200 conversations, on both databases. The platform answers at once and asks for no
pause, and every notice has the same card: what is measured is leasing, sending and recording. Run
with ``python -m bench.delivery``.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot.clock import SystemClock
from bot.delivery import Delivery
from handlers.core.ui import Card
from sales.notices import LeadOffered, Notice
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import new_key, parse_keyring
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWorkFactory
from tests.databases import Databases, Kind
from tests.delivery.platform import ScriptedPlatform

NOTICES, CONVERSATIONS = 2_000, 200


def main() -> int:
    """Print the table; return 1 if a notice was lost, duplicated or overtaken."""
    print(f"{NOTICES:,} notices to {CONVERSATIONS} conversations, one process\n")
    print(f"{'database':<12}{'notices/s':>10}{'in order, each once':>22}")
    wrong = False
    kinds: tuple[Kind, ...] = ("sqlite", "postgresql")
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as name:
        databases = Databases(Path(name))
        for kind in kinds:
            rate, right = asyncio.run(drained(open_database(databases.new(kind), Path(name))))
            wrong |= not right
            print(f"{kind:<12}{rate:>10.0f}{'yes' if right else 'NO':>22}")
        databases.stop()
    return int(wrong)


async def drained(database: Database) -> tuple[float, bool]:
    """Notices per second, and whether each conversation got its own in order."""
    clock, platform = SystemClock(), ScriptedPlatform()
    fill(database, clock)
    delivery = Delivery(database, {platform.name: platform}, compose, clock)
    began = time.perf_counter()
    await delivery.start()
    while len(platform.posts) < NOTICES:  # noqa: ASYNC110 - what is measured runs beside
        await asyncio.sleep(0.01)
    took = time.perf_counter() - began
    await delivery.stop()
    database.dispose()
    return NOTICES / took, all(
        [title for to, title in platform.posts if to == f"C{conversation}"]
        == [str(number) for number in range(conversation, NOTICES, CONVERSATIONS)]
        for conversation in range(CONVERSATIONS)
    )


def fill(database: Database, clock: SystemClock) -> None:
    fields = Fields(parse_keyring(new_key("bench")))
    units = UnitOfWorkFactory(database, fields, now=clock.now)
    with units() as uow:
        for number in range(NOTICES):
            uow.outbox.add(LeadOffered(number), ("slack", f"C{number % CONVERSATIONS}"))
        uow.commit()


def compose(notice: Notice, to: Recipient, **how: object) -> tuple[Card, str]:
    del to, how
    assert isinstance(notice, LeadOffered)
    return Card(title=str(notice.offer_id)), ""


if __name__ == "__main__":
    sys.exit(main())
