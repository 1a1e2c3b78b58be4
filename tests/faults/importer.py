"""One replica that does due work until it is killed; reports after each piece."""

import asyncio
import itertools
import sys
import time
from functools import reduce
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot import file_reader
from bot.app import Genjin, Storage
from bot.clock import SystemClock
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import parse_keyring
from tests.world import TestSettings


def main(url: str, keys: str, said: Connection) -> None:
    database = open_database(url, Path())
    settings = TestSettings.of(genjin_web_chat="off")
    replica = Genjin(settings, Storage(database, Fields(parse_keyring(keys))), SystemClock())
    while replica.jobs._do_next():
        said.send("a piece")
    said.send("all")


def read(url: str, keys: str, said: Connection) -> None:
    """Start a replica that begins to read a file and never gets to its end."""
    waits = "import os, time\nparent = os.getppid()\nwhile os.getppid() == parent: time.sleep(0.05)"
    file_reader._COMMAND = (sys.executable, "-c", waits)  # type: ignore[misc]
    database = open_database(url, Path())
    settings = TestSettings.of(genjin_web_chat="off")
    replica = Genjin(settings, Storage(database, Fields(parse_keyring(keys))), SystemClock())

    async def begin() -> None:
        reading = asyncio.create_task(replica.file_reader.read_next())
        while replica.file_reader._reading is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        said.send("reading")
        await reading

    asyncio.run(begin())


def stop_at(url: str, keys: str, said: Connection, point: str, count: int) -> None:
    """Do due work until a function, named like ``module:Class.name``, is called for the
    ``count``-th time; then wait there to be killed."""
    module, _, path = point.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    real, calls = getattr(owner, name), itertools.count(1)

    def waiting(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == count:
            said.send(point)
            time.sleep(600)
        return real(*args, **kwargs)

    setattr(owner, name, waiting)
    main(url, keys, said)
