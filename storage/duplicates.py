"""Finds a lead that is there already, whoever's it is. Whose, its caller must not tell."""

from sqlalchemy import Connection, bindparam, or_, select

from sales.leads import Lead
from storage.fields import Fields
from storage.leads import DOMAIN, EMAIL, PHONE, lead_from_row
from storage.tables import lead as table

_MOST = 50
_SAME_CONTACT = (
    select(table)
    .where(
        or_(
            table.c.phone_index == bindparam("phone"),
            table.c.email_index == bindparam("email"),
        ),
        table.c.id != bindparam("but"),
    )
    .order_by(table.c.id)
    .limit(1)
)
_SAME_CONTRACT = (
    select(table)
    .where(table.c.contract == bindparam("contract"))
    .order_by(table.c.id.desc())
    .limit(_MOST)
)
_SAME_DOMAIN = (
    select(table)
    .where(table.c.email_domain_index == bindparam("domain"), table.c.id != bindparam("but"))
    .order_by(table.c.id.desc())
    .limit(_MOST)
)


class DuplicateRows:
    """``sales.ports.Duplicates``."""

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def by_contact(self, phone: str, email: str, *, but: int = 0) -> Lead | None:
        wanted = {
            "phone": self._fields.index(phone, PHONE) if phone else None,
            "email": self._fields.index(email, EMAIL) if email else None,
            "but": but,
        }
        row = self._connection.execute(_SAME_CONTACT, wanted).mappings().first()
        return None if row is None else lead_from_row(row, self._fields)

    def by_contract(self, contract: str) -> list[Lead]:
        rows = self._connection.execute(_SAME_CONTRACT, {"contract": contract}).mappings()
        return [lead_from_row(row, self._fields) for row in rows] if contract else []

    def by_domain(self, email: str, *, but: int = 0) -> list[Lead]:
        domain = self._fields.domain_index(email, DOMAIN)
        if domain is None:
            return []
        rows = self._connection.execute(_SAME_DOMAIN, {"domain": domain, "but": but})
        return [lead_from_row(row, self._fields) for row in rows.mappings()]
