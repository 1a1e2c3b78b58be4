"""People's own phones and e-mails, sealed, and making one person of two."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from sales.people import Person
from sales.unreadable import UnreadableText
from storage import images
from storage.fields import Fields
from storage.people import PEOPLE, person_of
from storage.shares import ShareRepository
from storage.tables import person as table
from storage.tables import share

PHONE = "person.phone"
EMAIL = "person.email"
_CONTACTS = select(table.c.phone, table.c.email).where(table.c.id == bindparam("person"))
_SAME = PEOPLE.where(
    or_(table.c.phone_index == bindparam("phone"), table.c.email_index == bindparam("email"))
).order_by(table.c.id)


class PersonContactRepository:
    """``absorbed`` is called when one became of two people."""

    def __init__(
        self, connection: Connection, fields: Fields, absorbed: Callable[[], None]
    ) -> None:
        self._absorbed = absorbed
        self._connection = connection
        self._fields = fields

    def get(self, person_id: int) -> tuple[str, str]:
        """Phone (E.164) and e-mail; "" for what is not known."""
        row = self._connection.execute(_CONTACTS, {"person": person_id}).one_or_none()
        if row is None:
            return "", ""
        phone = self._fields.read(row.phone, PHONE) if row.phone else ""
        return phone, self._fields.read(row.email, EMAIL) if row.email else ""

    def save(self, person_id: int, phone: str, email: str) -> None:
        """Nobody else may have them: see ``find``."""
        values: dict[str, Any] = {}
        for name, value, place in (("phone", phone, PHONE), ("email", email, EMAIL)):
            if not isinstance(value, UnreadableText):  # else it stays
                values[name] = self._fields.seal(value, place) if value else None
                values[f"{name}_index"] = self._fields.index(value, place) if value else None
        if not values:
            return
        self._connection.execute(table.update().where(table.c.id == person_id).values(values))

    def find(self, phone: str, email: str) -> list[Person]:
        """Who has this phone, or this e-mail: at most two."""
        wanted = {
            "phone": self._fields.index(phone, PHONE) if phone else None,
            "email": self._fields.index(email, EMAIL) if email else None,
        }
        rows = self._connection.execute(_SAME, wanted).mappings()
        return [person_of(row) for row in rows]

    def absorb(self, kept: Person, gone: Person) -> None:
        """Two that are one person: all that was the one's is the other's, accounts included."""
        phone, email = self.get(gone.id)
        known_phone, known_email = self.get(kept.id)
        self.save(gone.id, "", "")
        self.save(kept.id, known_phone or phone, known_email or email)
        shares = ShareRepository(self._connection)
        for row in images.rows_where(self._connection, share.c.person_id, gone.id):
            shares.add(kept.id, row["day"], row["leads"])
        shares.flush()
        self._connection.execute(share.delete().where(share.c.person_id == gone.id))
        for column in images.references(table):
            for row in images.rows_where(self._connection, column, gone.id):
                images.move_row(self._connection, column, row, kept.id)
        self._absorbed()
