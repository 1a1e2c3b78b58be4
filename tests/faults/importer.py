"""One replica that does due work until it is killed; says so after each piece."""

from multiprocessing.connection import Connection
from pathlib import Path

from bot.app import Genjin, Storage
from bot.clock import SystemClock
from storage.engine import open_database
from storage.fields import Fields
from storage.keyring import parse_keyring
from tests.world import TestSettings


def main(url: str, keys: str, said: Connection) -> None:
    database = open_database(url, Path())
    settings = TestSettings.of(genjin_web_chat="off")
    replica = Genjin(settings, Storage(database, Fields(parse_keyring(keys))), SystemClock())
    while replica.jobs._do_next():
        said.send("a piece")
    said.send("all")
