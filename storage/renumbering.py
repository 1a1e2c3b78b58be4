"""Rows that are numbered within a lead, when two leads become one and two again.

Both leads' rows are numbered through before they come together, so that none has to make room for
another. Knows the order in which they count, and nothing of what is in them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from sales.proposals import ProposalState
from storage.images import Row
from storage.tables import discovery, metadata, proposal

NUMBERS: Mapping[str, str] = {proposal.name: "number", discovery.name: "version"}
"""The column that counts within a lead, by the name of its table."""


def number_through(connection: Connection, winner: int, loser: int) -> list[Row]:
    """Number what both leads have in one row. Proposals count by when they were written, and what
    is still a draft last, since the newest is the one that is worked on; of notes, those of the
    lead that stays are the newer ones. Gives the winner's former numbers."""
    orders: dict[Table, Callable[[Row], Any]] = {
        proposal: lambda row: (
            row["state"] == ProposalState.DRAFT.value, row["written_at"], row["id"],
        ),
        discovery: lambda row: (row["lead_id"] == winner, row["version"]),
    }  # fmt: skip
    former = []
    for table, order in orders.items():
        found = select(table).where(table.c.lead_id.in_((winner, loser)))
        rows = [dict(row) for row in connection.execute(found).mappings()]
        if len({row["lead_id"] for row in rows}) < 2:
            continue
        name = NUMBERS[table.name]
        ids = [row["id"] for row in sorted(rows, key=order)]
        _set(connection, table, {row_id: number for number, row_id in enumerate(ids, 1)})
        former += [
            {"table": table.name, "id": row["id"], "number": row[name]}
            for row in rows
            if row["lead_id"] == winner
        ]
    return former


def number_back(connection: Connection, winner: int, former: Iterable[Row]) -> None:
    """The winner's rows have their former numbers; the loser's are the loser's again. What was
    added since has higher ones."""
    wanted: dict[Table, dict[int, int]] = {}
    for row in former:
        wanted.setdefault(metadata.tables[row["table"]], {})[row["id"]] = row["number"]
    for table, numbers in wanted.items():
        there = select(table.c.id).where(table.c.lead_id == winner, table.c.id.in_(numbers))
        ids = connection.scalars(there).all()
        _set(connection, table, {row_id: numbers[row_id] for row_id in ids})


def _set(connection: Connection, table: Table, numbers: Mapping[int, int]) -> None:
    """By way of numbers that no row has: two rows may want each other's."""
    column = NUMBERS[table.name]
    for sign in (-1, 1):
        for row_id, number in numbers.items():
            here = table.update().where(table.c.id == row_id)
            connection.execute(here.values({column: sign * number}))
