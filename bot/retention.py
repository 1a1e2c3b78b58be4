"""What is kept how long, for ``genjin retention`` and ``genjin doctor``."""

from datetime import datetime, timedelta
from typing import Final

from handlers.core.language import Language
from handlers.erasure.cards import kept_always, kept_by_rules
from sales.playbook.retention import Retention
from storage.database.engine import Database
from storage.database.retention import count_old

_LATE: Final = timedelta(days=2)
"""The daily job may have been missed once."""


def retention_lines(keep: Retention, language: Language) -> list[str]:
    """Every rule with its period, as the admins' card in chat lists them."""
    return [
        language.text("erasure.kept_rules"),
        *(f"  {line}" for line in kept_by_rules(keep, language)),
        language.text("erasure.kept_fixed"),
        *(f"  {line}" for line in kept_always(language)),
    ]


def overdue_rows(database: Database, keep: Retention, now: datetime) -> int:
    """Count the rows that the daily job should have deleted two days ago."""
    return sum(count_old(database, keep, now - _LATE).values())
