"""No table that counts within a lead is forgotten when leads are merged."""

from sqlalchemy import UniqueConstraint

from storage.renumbering import NUMBERS
from storage.tables import lead, metadata


def test_every_table_that_is_numbered_within_a_lead_is_named() -> None:
    numbered = {
        table.name
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
        and any(key.column.table is lead for one in constraint.columns for key in one.foreign_keys)
    }
    assert numbered == set(NUMBERS)
