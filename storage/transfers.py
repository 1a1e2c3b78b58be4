"""Stores transfers of people's work, with what went to whom."""

from dataclasses import replace

from sqlalchemy import Connection, select

from sales.errors import PersonNotFound
from sales.transfers import Part, Transfer
from storage.assignment.offers import WHY
from storage.database.rows import RowMapper
from storage.tables import transfer as table
from storage.tables import transfer_part as part_table

_TRANSFERS = RowMapper(Transfer, given=("parts",))
_PARTS = RowMapper(Part, why=WHY)


class TransferRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, transfer: Transfer) -> Transfer:
        insert = table.insert().values(_TRANSFERS.write(transfer)).returning(table.c.id)
        transfer_id = self._connection.execute(insert).scalar_one()
        rows = [_PARTS.write(part) | {"transfer_id": transfer_id} for part in transfer.parts]
        self._connection.execute(part_table.insert(), rows)
        return replace(transfer, id=transfer_id)

    def get(self, transfer_id: int) -> Transfer:
        """Return a transfer. Raises PersonNotFound."""
        query = select(table).where(table.c.id == transfer_id)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            raise PersonNotFound
        parts = self._connection.execute(
            select(part_table)
            .where(part_table.c.transfer_id == transfer_id)
            .order_by(part_table.c.id)
        )
        return _TRANSFERS.read(row, parts=tuple(_PARTS.read(part) for part in parts.mappings()))
