"""What customers need, of the leads an actor may see and of no others; sealed, version by
version."""

import json
from dataclasses import asdict, replace
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from sales.discovery import Discovery, Needs
from sales.permissions import Reach, Scope
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.leads.repository import require_seen, whose, within
from storage.tables import discovery as table
from storage.tables import lead

NEEDS = "discovery.needs"
_PLAIN = ("lead_id", "version", "written_by", "written_at")
_AMOUNTS = ("budget_low", "budget_high")
_ADD = table.insert().returning(table.c.id)


class DiscoveryRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, fields: Fields, scope: Scope) -> None:
        self._connection = connection
        self._fields = fields
        self._scope = scope

    def add(self, discovery: Discovery) -> Discovery:
        """Store one more version. Raises LeadNotFound for a lead the actor may not see."""
        require_seen(self._connection, self._scope, discovery.lead_id)
        row: dict[str, Any] = {name: getattr(discovery, name) for name in _PLAIN}
        row["needs"] = self._fields.seal(_to_json(discovery.needs), NEEDS)
        return replace(discovery, id=self._connection.execute(_ADD, row).scalar_one())

    def latest(self, lead_id: int) -> Discovery | None:
        return next(iter(self.versions(lead_id, 1)), None)

    def versions(self, lead_id: int, limit: int) -> list[Discovery]:
        """Newest first."""
        query = _of_lead(self._scope.reach).limit(limit)
        rows = self._connection.execute(query, {"wanted": lead_id} | whose(self._scope))
        return [self._discovery(row) for row in rows.mappings()]

    def _discovery(self, row: RowMapping) -> Discovery:
        known: dict[str, Any] = {name: row[name] for name in ("id", *_PLAIN)}
        needs = self._fields.read(row["needs"], NEEDS)
        if isinstance(needs, UnreadableText):
            return Discovery(needs=Needs(situation=needs), **known)
        return Discovery(needs=_from_json(needs), **known)


@cache
def _of_lead(reach: Reach) -> Select[Any]:
    query = select(table).join(lead, lead.c.id == table.c.lead_id)
    query = query.where(table.c.lead_id == bindparam("wanted"), within(reach))
    return query.order_by(table.c.version.desc())


def _to_json(needs: Needs) -> str:
    return json.dumps(asdict(needs), ensure_ascii=False, default=str)


def _from_json(text: str) -> Needs:
    known = json.loads(text)
    amounts = {name: Decimal(known[name]) if known[name] else None for name in _AMOUNTS}
    return Needs(**known | amounts | {"pains": tuple(known["pains"])})
