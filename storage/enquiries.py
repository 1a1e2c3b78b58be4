"""What known customers sent again from outside; sealed, since it holds contacts."""

import json
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from sales.errors import LeadNotFound
from sales.intake import Enquiry
from sales.unreadable import UnreadableText
from storage.fields import Fields
from storage.tables import enquiry as table

SAID = "enquiry.said"
_BY_ID = select(table).where(table.c.id == bindparam("enquiry"))


class EnquiryRepository:
    """Looks at all of them: read the lead with the actor's rights."""

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def add(self, enquiry: Enquiry) -> Enquiry:
        said = json.dumps(dict(enquiry.said), ensure_ascii=False)
        row = {
            "lead_id": enquiry.lead_id,
            "at": enquiry.at,
            "source": enquiry.source,
            "said": self._fields.seal(said, SAID),
        }
        insert = table.insert().returning(table.c.id)
        return replace(enquiry, id=self._connection.execute(insert, row).scalar_one())

    def get(self, enquiry_id: int) -> Enquiry:
        """Raises LeadNotFound."""
        row = self._connection.execute(_BY_ID, {"enquiry": enquiry_id}).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        told = self._fields.read(row["said"], SAID)
        said = {"need": told} if isinstance(told, UnreadableText) else json.loads(told)
        return Enquiry(
            id=row["id"], lead_id=row["lead_id"], at=row["at"], source=row["source"], said=said
        )
