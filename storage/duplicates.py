"""Finds a lead that is there already, whoever's it is. Whose, its caller must not tell."""

from sqlalchemy import Connection, or_, select

from sales.leads import Lead
from storage.fields import Fields
from storage.leads import DOMAIN, EMAIL, PHONE, lead_from_row
from storage.tables import lead as table

_MOST = 50


class DuplicateRows:
    """``sales.ports.Duplicates``."""

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def by_contact(self, phone: str, email: str, *, but: int = 0) -> Lead | None:
        same = []
        if phone:
            same.append(table.c.phone_index == self._fields.index(phone, PHONE))
        if email:
            same.append(table.c.email_index == self._fields.index(email, EMAIL))
        if not same:
            return None
        query = select(table).where(or_(*same), table.c.id != but).order_by(table.c.id).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else lead_from_row(row, self._fields)

    def by_domain(self, email: str, *, but: int = 0) -> list[Lead]:
        domain = self._fields.domain_index(email, DOMAIN)
        if domain is None:
            return []
        query = select(table).where(table.c.email_domain_index == domain, table.c.id != but)
        rows = self._connection.execute(query.order_by(table.c.id.desc()).limit(_MOST))
        return [lead_from_row(row, self._fields) for row in rows.mappings()]
