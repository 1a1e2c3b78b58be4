"""The process that takes one scheduled backup: settings in, outcomes out as JSON.

It is a process of its own so that copying, compressing and encrypting slow down no request; its
priority is below theirs.
"""

import contextlib
import os
import sys
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from bot.app import open_storage
from bot.backups.destinations import open_repositories, prove_keys, without_verified
from bot.clock import SystemClock
from bot.log import configure_logging
from bot.settings import read_settings
from storage.backups.manifests import BackupOutcome
from storage.backups.scratch import BackupUnderWay
from storage.backups.service import back_up
from storage.database.private_files import create_privately

UNDER_WAY: Final = 3
"""Exit status when another process is at it."""
OUTCOMES: Final = TypeAdapter(list[BackupOutcome])


def main(since: str) -> int:
    """Take and verify the backup of every place that has none since; returns the exit status."""
    create_privately()
    configure_logging(level=50)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    settings = read_settings()
    storage = open_storage(settings)
    prove_keys(storage)
    places = without_verified(open_repositories(settings, storage), datetime.fromisoformat(since))
    try:
        outcomes = (
            back_up(storage.database, places, settings.genjin_data_dir, SystemClock().now)
            if places
            else []
        )
    except BackupUnderWay:
        return UNDER_WAY
    sys.stdout.buffer.write(OUTCOMES.dump_json(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
