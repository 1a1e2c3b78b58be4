"""What is wrong with the secret keys and the files, as conditions."""

from collections.abc import Iterable
from pathlib import Path

from bot.health import Condition, ConditionSource
from storage.database.engine import Database
from storage.database.keys import Keys
from storage.database.private_files import exposed


def file_conditions(data_dir: Path, database: Database) -> ConditionSource:
    """Files that others on this machine can read."""

    def look() -> Iterable[Condition]:
        for path in exposed(data_dir, database.path):
            yield Condition("files_exposed", str(path), {"path": str(path)}, serious=False)

    return look


def key_conditions(keys: Keys) -> ConditionSource:
    """Missing, wrong or unusable keys, and how many values could not be opened. The source raises
    StorageUnavailable."""
    return lambda: [Condition(one.key, "", one.params, one.serious) for one in keys.problems()]
