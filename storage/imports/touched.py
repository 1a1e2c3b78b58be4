"""Whether anybody has worked with a lead since it was imported, as one SQL expression."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, case, cast, exists, literal, or_

from storage.tables import (
    audit,
    clock,
    imported,
    lead,
    metadata,
    pool_stay,
    posting,
    stage_interval,
)

# What an import itself makes beside a lead. Whoever claims one from the pool changes it.
_OWN = {clock, imported, pool_stay, stage_interval}
_SUBJECT = literal("lead:") + cast(lead.c.id, String)


def _references() -> Iterator[ColumnElement[bool]]:
    """Of every table that refers to leads, so that one which comes later is not forgotten."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is lead.c.id and table not in _OWN:
                yield exists().where(key.parent == lead.c.id)


WHY_KEPT: ColumnElement[str] = case(
    (lead.c.version > 0, "changed"),
    (or_(*_references()), "worked_on"),
    (exists().where(audit.c.subject == _SUBJECT), "looked_up"),
    (exists().where(posting.c.subject == _SUBJECT), "told_of"),
    else_="",
)
"""Why a lead stays when its import is undone (``import.kept_<why>``); "" when nothing keeps it."""
