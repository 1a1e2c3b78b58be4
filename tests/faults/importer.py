"""One replica that does due work until it is killed."""

import asyncio
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from bot import file_reader
from bot.app import Genjin, Storage
from bot.clock import SystemClock
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import parse_keyring
from tests.world import TestSettings


def main(url: str, keys: str, said: Connection) -> None:
    replica = _replica(url, keys)
    while replica.jobs._do_next():
        said.send("a piece")
    said.send("all")


def work(url: str, keys: str) -> None:
    """Do due work until there is none, without a report."""
    replica = _replica(url, keys)
    while replica.jobs._do_next():
        pass


def _replica(url: str, keys: str) -> Genjin:
    database = open_database(url, Path())
    settings = TestSettings.of(genjin_web_chat="off")
    return Genjin(settings, Storage(database, Fields(parse_keyring(keys))), SystemClock())


def read(url: str, keys: str, said: Connection) -> None:
    """Start a replica that begins to read a file and never gets to its end."""
    waits = "import os, time\nparent = os.getppid()\nwhile os.getppid() == parent: time.sleep(0.05)"
    file_reader._COMMAND = (sys.executable, "-c", waits)  # type: ignore[misc]
    replica = _replica(url, keys)

    async def begin() -> None:
        reading = asyncio.create_task(replica.file_reader.read_next())
        while replica.file_reader._reading is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        said.send("reading")
        await reading

    asyncio.run(begin())
