"""Hand-overs of people's work, with what went to whom."""

from dataclasses import replace

from sqlalchemy import Connection, select

from sales.errors import PersonNotFound
from sales.transfers import Part, Transfer, TransferRule
from storage.assignment.offers import why_from_json, why_to_json
from storage.tables import transfer as table
from storage.tables import transfer_part as part_table


class TransferRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, transfer: Transfer) -> Transfer:
        row = {
            "from_id": transfer.from_id,
            "by_id": transfer.by_id,
            "at": transfer.at,
            "rule": transfer.rule.value,
        }
        insert = table.insert().values(row).returning(table.c.id)
        transfer_id = self._connection.execute(insert).scalar_one()
        rows = [_row(part) | {"transfer_id": transfer_id} for part in transfer.parts]
        self._connection.execute(part_table.insert(), rows)
        return replace(transfer, id=transfer_id)

    def get(self, transfer_id: int) -> Transfer:
        """Raises PersonNotFound."""
        row = self._connection.execute(select(table).where(table.c.id == transfer_id)).first()
        if row is None:
            raise PersonNotFound
        parts = self._connection.execute(
            select(part_table)
            .where(part_table.c.transfer_id == transfer_id)
            .order_by(part_table.c.id)
        )
        return Transfer(
            id=row.id,
            from_id=row.from_id,
            by_id=row.by_id,
            at=row.at,
            rule=TransferRule(row.rule),
            parts=tuple(
                Part(
                    lead_id=part.lead_id,
                    task_id=part.task_id,
                    to_id=part.to_id,
                    why=why_from_json(part.why),
                )
                for part in parts
            ),
        )


def _row(part: Part) -> dict[str, object]:
    return {
        "lead_id": part.lead_id,
        "task_id": part.task_id,
        "to_id": part.to_id,
        "why": why_to_json(part.why),
    }
