"""What went wrong with a backup, in words, with what to do about it and an example of that."""

from collections.abc import Mapping
from typing import Final

from handlers.core.language import Language

_ANOTHER: Final = "GENJIN_BACKUP_TO={place},/mnt/backups"
_EXAMPLES: Final[Mapping[str, str]] = {
    "store_full": _ANOTHER,
    "store_denied": "chown -R genjin {place}",
    "store_read_only": "GENJIN_BACKUP_TO=/mnt/backups",
    "store_not_directory": "GENJIN_BACKUP_TO=/mnt/backups",
    "store_no_bucket": "GENJIN_BACKUP_TO=s3://my-bucket/genjin, "
    "AWS_ENDPOINT_URL=https://s3.oss-cn-hangzhou.aliyuncs.com",
    "store_credentials": "AWS_ACCESS_KEY_ID=…, AWS_SECRET_ACCESS_KEY=…, AWS_REGION=cn-hangzhou",
    "store_unreachable": "AWS_ENDPOINT_URL=https://s3.oss-cn-hangzhou.aliyuncs.com",
    "store": "genjin doctor",
    "damaged": "genjin backup verify --all",
    "unreadable": "genjin backup list",
    "audit": "genjin audit verify, genjin audit begin-again",
    "key": "GENJIN_SECRET_KEYS=2026-11:…=,2026-03:…=",
    "denied": "sudo -u genjin genjin backup list",
    "no_room": "GENJIN_DATA_DIR=/var/lib/genjin",
}
_FIXES: Final[Mapping[str, str]] = {
    "role": "ALTER ROLE genjin REPLICATION",
    "connection": "pg_hba.conf",
    "summaries": "ALTER SYSTEM SET summarize_wal = on",
}
CONDITION: Final[Mapping[str, str]] = {
    "command": "genjin backup now",
    "setting": "GENJIN_BACKUP_TO",
    "keys": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY",
}
"""What the texts of conditions name that nobody translates."""


def problem_text(problem: str, reason: str, language: Language) -> str:
    """Say what went wrong; ``problem`` and ``reason`` are those of a ``BackupOutcome``."""
    return language.text(f"backup.problem_{problem}", reason=reason)


def advice_text(problem: str, where: str, language: Language) -> str:
    """Say what to do about it, with an example; empty where nothing is to be done."""
    example = _EXAMPLES.get(problem, "").format(place=where)
    if not example:
        return ""
    return language.text(f"backup.advice_{problem}", example=example, file="secret.keys")


def dump_text(reason: str, language: Language) -> str:
    """Say why a server of PostgreSQL is only dumped: a ``DumpReason``."""
    fix = _FIXES.get(reason, "")
    return language.text(f"backup.dump_{reason}", server="PostgreSQL", fix=fix)
