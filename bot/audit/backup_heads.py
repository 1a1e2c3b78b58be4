"""The heads of the audit's hash chain in the manifests of backups.

A place that does not answer, or a backup that cannot be read, knows none: `genjin backup list` says
so.
"""

import structlog

from bot.backups.destinations import open_repositories
from bot.terminal import settings_or_exit
from sales.errors import KeysUnavailable
from storage.audit.check import KnownHead
from storage.backups.stores import StoreUnavailable

log = structlog.get_logger(__name__)


def heads_of_backups() -> list[KnownHead]:
    """Read the head of every backup in every place."""
    # Imported here: `genjin version` should not wait for the SDKs.
    from bot.app import open_storage

    settings = settings_or_exit()
    known: list[KnownHead] = []
    if not settings.backup_places:
        return []
    try:
        repositories = open_repositories(settings, open_storage(settings))
    except KeysUnavailable:
        return []
    for repository in repositories:
        try:
            known += [
                KnownHead.parse(one.manifest.contents.chain, one.id, one.taken_at)
                for one in repository.backups()
                if one.manifest and one.manifest.contents.chain
            ]
        except (StoreUnavailable, OSError, ValueError) as error:
            log.warning("audit.backups_not_read", where=repository.where, reason=str(error))
    return known
