"""What a replica does until it is killed: one function for each kind of work."""

import asyncio
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.app import Genjin, Storage
from bot.clock import SystemClock
from storage.audit.seals import seal_entries
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import parse_keyring
from storage.database.reseal import reseal
from storage.database.schema import migrate
from tests.clock import MovableClock
from tests.world import TestSettings, World


def _open(url: str, keys: str) -> Database:
    database = open_database(url, Path())
    database.seal_with(Fields(parse_keyring(keys)))
    return database


def seal_audit(url: str, keys: str, now: datetime) -> None:
    seal_entries(_open(url, keys), now)


def reseal_all(url: str, keys: str) -> None:
    database = _open(url, keys)
    reseal(database, database.fields)


def migrate_it(url: str, keys: str) -> None:
    migrate(_open(url, keys))


def serve(url: str, keys: str, settings: dict[str, Any], ready: Connection) -> None:
    """The whole product on its platforms; reports when it is open to people."""
    asyncio.run(_serve(url, keys, settings, ready))


async def _serve(url: str, keys: str, settings: dict[str, Any], ready: Connection) -> None:
    storage = Storage(open_database(url, Path()), Fields(parse_keyring(keys)))
    genjin = Genjin(TestSettings.of(**settings), storage, SystemClock())
    await genjin.start()
    await genjin.ready.wait()
    await connected(genjin)
    ready.send("ready")
    await asyncio.Event().wait()


def tick(url: str, keys: str, settings: dict[str, Any], now: datetime) -> None:
    """Do and deliver what is due at a moment, on the platforms of the settings."""
    asyncio.run(_tick(url, keys, settings, now))


async def _tick(url: str, keys: str, settings: dict[str, Any], now: datetime) -> None:
    storage = Storage(open_database(url, Path()), Fields(parse_keyring(keys)))
    world = World(TestSettings.of(**settings), storage, MovableClock(now))
    async with world.listening():
        await connected(world)
        await world.settle()


async def connected(genjin: Genjin) -> None:
    """Wait until every platform is."""
    while not all(platform.health().ok for platform in genjin.platforms.values()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
