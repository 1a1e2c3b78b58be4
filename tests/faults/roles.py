"""What a replica does until it is killed: one function for each kind of work."""

from datetime import datetime
from pathlib import Path

from storage.audit_seals import seal_entries
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import parse_keyring
from storage.database.reseal import reseal
from storage.database.schema import migrate


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
