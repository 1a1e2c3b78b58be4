"""Merges two leads, whatever refers to them, and can undo it exactly.

The row of the lead that is given up is removed, so that no figure counts it; everything that refers
to it moves, found by its foreign keys. What an undo needs is stored, encrypted, until the undo
period is over.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from sales.errors import Conflict, LeadNotFound
from sales.leads import lead_number
from sales.merging import Merge
from sales.proposals import ProposalState
from storage.assignment.offers import OfferRepository
from storage.database import row_snapshots
from storage.database.encryption import Fields
from storage.database.row_snapshots import Row
from storage.database.rows import RowMapper
from storage.leads.repository import (
    EMAIL,
    OTHERS,
    PHONE,
    WECHAT,
    sealed_contacts,
    sealed_others,
)
from storage.tables import discovery, lead, lead_alias, metadata, offer, proposal, stage_interval
from storage.tables import merge as merge_table

NUMBERS: Mapping[str, str] = {proposal.name: "number", discovery.name: "version"}
"""The column that numbers records within a lead, by table name."""


def number_through(connection: Connection, winner: int, loser: int) -> list[Row]:
    """Renumber the records of both leads in one series. Returns the winner's former numbers.

    Proposals are ordered by when they were written, drafts last, since the newest is the one being
    worked on; of discovery notes, those of the winner come last.
    """
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
    """Restore the winner's former numbers; the loser's rows go back to the loser.

    Rows added since have higher numbers.
    """
    numbers_by_table: dict[Table, dict[int, int]] = {}
    for row in former:
        numbers_by_table.setdefault(metadata.tables[row["table"]], {})[row["id"]] = row["number"]
    for table, numbers in numbers_by_table.items():
        there = select(table.c.id).where(table.c.lead_id == winner, table.c.id.in_(numbers))
        ids = connection.scalars(there).all()
        _set(connection, table, {row_id: numbers[row_id] for row_id in ids})


def _set(connection: Connection, table: Table, numbers: Mapping[int, int]) -> None:
    """Set numbers by way of negative ones, which no row has: rows may swap numbers."""
    column = NUMBERS[table.name]
    for sign in (-1, 1):
        for row_id, number in numbers.items():
            here = table.update().where(table.c.id == row_id)
            connection.execute(here.values({column: sign * number}))


KEPT = "merge.kept"
_MERGES = RowMapper(Merge)
_CONTACTS = (
    "phone", "phone_index", "email", "email_index", "email_domain_index", "wechat", "others",
)  # fmt: skip
_LATEST = (
    select(*(merge_table.c[name] for name in _MERGES.names))
    .where(merge_table.c.winner_id == bindparam("winner"), merge_table.c.undone_at.is_(None))
    .order_by(merge_table.c.id.desc())
    .limit(1)
)


class MergeRepository:
    """Merges leads. Both are to be locked by the caller (``Leads.get``)."""

    def __init__(self, connection: Connection, fields: Fields, offers: OfferRepository) -> None:
        self._connection = connection
        self._fields = fields
        self._offers = offers

    def begin(self, merge: Merge) -> Merge:
        """Store a snapshot of both leads, for an undo."""
        before = {
            "winner": self._lead_snapshot(merge.winner_id),
            "loser": self._lead_snapshot(merge.loser_id),
            "rows": [
                {
                    "table": column.table.name,
                    "column": column.name,
                    "row": row_snapshots.to_json(row),
                }
                for column in _moving()
                for row in row_snapshots.rows_where(self._connection, column, merge.loser_id)
            ],
        }
        insert = merge_table.insert().returning(merge_table.c.id)
        row = _MERGES.write(merge) | {"kept": self._sealed({"before": before, "gone": []})}
        return replace(merge, id=self._connection.execute(insert, row).scalar_one())

    def move(self, merge: Merge) -> None:
        """Move everything of the loser to the winner, and redirect the loser's number to it."""
        winner, loser = merge.winner_id, merge.loser_id
        self._connection.execute(select(lead.c.id).where(lead.c.id == loser).with_for_update())
        self._join_intervals(winner, loser)
        offers = select(offer.c.id).where(offer.c.lead_id == loser)
        self._offers.attach(list(self._connection.scalars(offers)), loser, winner)
        kept = self._kept(merge.id)
        kept["numbers"] = number_through(self._connection, winner, loser)
        for number, moved in enumerate(kept["before"]["rows"]):
            column = _column(moved)
            if column.table in (offer, stage_interval):
                continue
            row = row_snapshots.from_json(moved["row"])
            if not row_snapshots.move_row(self._connection, column, row, winner):
                kept["gone"].append(number)
        self._keep(merge, kept)
        self._connection.execute(lead.delete().where(lead.c.id == loser))
        self._connection.execute(lead_alias.insert(), {"lead_id": loser, "winner_id": winner})

    def finish(self, merge: Merge, joined_notes: int | None) -> None:
        """Store a snapshot of the result, to detect later changes.

        ``joined_notes`` is the discovery combined from both leads; an undo removes it.
        """
        kept = self._kept(merge.id)
        kept["joined_notes"] = joined_notes
        kept["winner"] = self._lead_snapshot(merge.winner_id)
        kept["after"] = [
            None if number in kept["gone"] else self._standing(moved, merge.winner_id)
            for number, moved in enumerate(kept["before"]["rows"])
        ]
        self._keep(merge, kept)

    def get(self, merge_id: int) -> Merge:
        """Return a merge. Raises LeadNotFound."""
        row = self._connection.execute(
            select(merge_table).where(merge_table.c.id == merge_id)
        ).mappings()
        merge_row = row.first()
        if merge_row is None:
            raise LeadNotFound(number="")
        return _MERGES.read(merge_row)

    def latest(self, lead_id: int) -> Merge | None:
        """Find the winner's newest merge that was not undone."""
        row = self._connection.execute(_LATEST, {"winner": lead_id}).mappings().first()
        return None if row is None else _MERGES.read(row)

    def undo(self, merge: Merge, now: datetime) -> None:
        """Restore both leads, except for later changes.

        Raises Conflict when one of them was merged again, or its contact was given to another lead.
        """
        kept = self._kept(merge.id)
        self._restore_winner(kept)
        self._part_notes(kept.get("joined_notes"), merge.winner_id)
        self._connection.execute(lead_alias.delete().where(lead_alias.c.lead_id == merge.loser_id))
        try:
            with self._connection.begin_nested():
                self._connection.execute(lead.insert(), self._row(kept["before"]["loser"]))
        except IntegrityError as error:
            # Their phone or e-mail has been given to another lead since.
            raise Conflict(number=lead_number(merge.loser_id)) from error
        for moved, after in zip(kept["before"]["rows"], kept["after"], strict=True):
            self._move_back(moved, after, merge)
        number_back(self._connection, merge.winner_id, kept.get("numbers", ()))
        done = merge_table.update().where(merge_table.c.id == merge.id)
        self._connection.execute(done.values(undone_at=now, kept=None))

    def _join_intervals(self, winner: int, loser: int) -> None:
        """Make one stage history: the loser's until the winner came in, the winner's from then
        on."""
        began = self._connection.scalar(
            select(func.min(stage_interval.c.entered_at)).where(stage_interval.c.lead_id == winner)
        )
        for row in row_snapshots.rows_where(self._connection, stage_interval.c.lead_id, loser):
            here = stage_interval.c.id == row["id"]
            if began is None or row["entered_at"] < began:
                ends = [moment for moment in (row["left_at"], began) if moment]
                values = {"lead_id": winner, "left_at": min(ends, default=None)}
                self._connection.execute(stage_interval.update().where(here).values(**values))
            else:
                self._connection.execute(stage_interval.delete().where(here))

    def _part_notes(self, joined: int | None, winner: int) -> None:
        """Remove the discovery that the merge combined, unless somebody built on it."""
        newest = select(func.max(discovery.c.version)).where(discovery.c.lead_id == winner)
        untouched = (discovery.c.id == joined, discovery.c.version == newest.scalar_subquery())
        self._connection.execute(discovery.delete().where(*untouched))

    def _standing(self, moved: Row, winner: int) -> Row | None:
        """Return the present state of a row that was the loser's; None if it was deleted."""
        column = _column(moved)
        before = row_snapshots.from_json(moved["row"])
        key = row_snapshots.key_of(column.table, before)
        if column.name in key:
            key[column.name] = winner
        row = row_snapshots.row_at(self._connection, column.table, key)
        return None if row is None else row_snapshots.to_json(row)

    def _move_back(self, moved: Row, after: Row | None, merge: Merge) -> None:
        """Move rows back to the loser. People's later changes stay; the rest is restored."""
        column, before = _column(moved), row_snapshots.from_json(moved["row"])
        if after is None:
            self._bring_back(column.table, before)
            return
        then = row_snapshots.from_json(after)
        key = row_snapshots.key_of(column.table, then)
        now = row_snapshots.row_at(self._connection, column.table, key)
        if now is None or now[column.name] != merge.winner_id:
            return
        back = {column.name: before[column.name]}
        if counts := NUMBERS.get(column.table.name):
            back[counts] = before[counts]
        if now == then:
            back |= {name: value for name, value in before.items() if then[name] != value}
        if column.table is offer:
            # Updates the tally too; the caller reopens one that the merge withdrew.
            self._offers.attach([now["id"]], merge.winner_id, merge.loser_id)
            return
        here = row_snapshots.at(column.table, key)
        self._connection.execute(column.table.update().where(*here).values(back))

    def _bring_back(self, table: Table, row: Row) -> None:
        """Insert a row that the merge deleted. SQLite gives the last number again: where a later
        row has it, this one gets another."""
        key = row_snapshots.key_of(table, row)
        if key.keys() == {"id"} and row_snapshots.row_at(self._connection, table, key):
            row = {name: value for name, value in row.items() if name != "id"}
        self._connection.execute(table.insert(), row)

    def _restore_winner(self, kept: Row) -> None:
        before, then = kept["before"]["winner"], kept["winner"]
        now = self._lead_snapshot(before["id"])
        if now is None:
            raise Conflict(number=lead_number(before["id"]))
        back = {name: before[name] if now[name] == then[name] else now[name] for name in now}
        back["version"] = now["version"] + 1
        row = self._row(back)
        self._connection.execute(lead.update().where(lead.c.id == row["id"]).values(row))

    def _lead_snapshot(self, lead_id: int) -> Row | None:
        """Snapshot a lead with its contacts in clear text, since keys may rotate before an undo."""
        row = row_snapshots.row_at(self._connection, lead, {"id": lead_id})
        if row is None:
            return None
        phone = self._fields.open(row["phone"], PHONE) if row["phone"] else ""
        email = self._fields.open(row["email"], EMAIL) if row["email"] else ""
        plain = {name: value for name, value in row.items() if name not in _CONTACTS}
        wechat = self._fields.open(row["wechat"], WECHAT) if row["wechat"] else ""
        others = self._fields.open(row["others"], OTHERS) if row["others"] else "[]"
        contacts = {"phone": phone, "email": email, "wechat": wechat, "others": others}
        return row_snapshots.to_json(plain) | contacts

    def _row(self, image: Row) -> Row:
        phone, email = image["phone"], image["email"]
        # Snapshots from before there were further contacts lack them.
        wechat, others = image.get("wechat", ""), json.loads(image.get("others", "[]"))
        row = row_snapshots.from_json(image) | sealed_contacts(phone, email, self._fields)
        return row | sealed_others(wechat, others, self._fields)

    def _keep(self, merge: Merge, kept: Row) -> None:
        update = merge_table.update().where(merge_table.c.id == merge.id)
        values = {"kept": self._sealed(kept), "shared_with": merge.shared_with}
        self._connection.execute(update, values)

    def _sealed(self, kept: Row) -> bytes:
        return self._fields.seal(json.dumps(kept, ensure_ascii=False), KEPT)

    def _kept(self, merge_id: int) -> Row:
        sealed = self._connection.scalar(
            select(merge_table.c.kept).where(merge_table.c.id == merge_id)
        )
        if sealed is None:
            raise Conflict(number="")
        kept: Row = json.loads(self._fields.open(sealed, KEPT))
        return kept


def _moving() -> Iterator[Column[Any]]:
    return row_snapshots.references(lead)


def _column(moved: Row) -> Column[Any]:
    return lead.metadata.tables[moved["table"]].c[moved["column"]]
