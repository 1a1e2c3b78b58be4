"""No table that counts within a lead is forgotten when leads are merged."""

from sqlalchemy import Integer, UniqueConstraint

from storage.leads.merging import NUMBERS
from storage.tables import lead, metadata


def counts_within_a_lead(constraint: object) -> bool:
    """Whether it keeps a lead from having a number twice; what refers to another row is none."""
    if not isinstance(constraint, UniqueConstraint):
        return False
    columns = tuple(constraint.columns)
    of_lead = any(key.column.table is lead for one in columns for key in one.foreign_keys)
    return of_lead and any(
        isinstance(one.type, Integer) and not one.foreign_keys for one in columns
    )


def test_every_table_that_is_numbered_within_a_lead_is_named() -> None:
    numbered = {
        table.name
        for table in metadata.sorted_tables
        if any(counts_within_a_lead(constraint) for constraint in table.constraints)
    }
    assert numbered == set(NUMBERS)
