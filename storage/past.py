"""What happened, as ``sales.ports.Past``: for trying rules on it. Opens no contacts."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from sales.followups import FollowUp, Method
from sales.routing import BY_RULES
from sales.trial import PastLead
from storage.fields import Fields
from storage.leads import lead_from_row
from storage.reasons import why_from_json
from storage.tables import followup, lead, offer

_SEALED = {"phone": None, "email": None}
_COLUMNS = [column for column in lead.c if column.name not in _SEALED]


class PastRows:
    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def leads(self, since: datetime, until: datetime) -> list[PastLead]:
        window = and_(lead.c.created_at >= since, lead.c.created_at <= until)
        kept, contacts = self._first_offers(window), self._contacts(window)
        query = select(*_COLUMNS).where(window).order_by(lead.c.created_at, lead.c.id)
        found = []
        for row in self._connection.execute(query).mappings():
            known = lead_from_row({**row, **_SEALED}, self._fields)
            kept_by = kept.get(known.id, known.owner_id)
            found.append(PastLead(known, kept_by, tuple(contacts[known.id])))
        return found

    def _first_offers(self, window: ColumnElement[bool]) -> dict[int, int | None]:
        """Who had a lead at first without any rule, by lead; None where a rule decided."""
        query = (
            select(offer.c.lead_id, offer.c.person_id, offer.c.why)
            .join(lead, lead.c.id == offer.c.lead_id)
            .where(window)
            .order_by(offer.c.id)
        )
        first: dict[int, int | None] = {}
        for lead_id, person_id, why in self._connection.execute(query):
            if lead_id not in first:
                by_rules = why_from_json(why).reason in BY_RULES
                first[lead_id] = None if by_rules else person_id
        return first

    def _contacts(self, window: ColumnElement[bool]) -> dict[int, list[FollowUp]]:
        query = (
            select(followup.c.lead_id, followup.c.person_id, followup.c.at, followup.c.method)
            .join(lead, lead.c.id == followup.c.lead_id)
            .where(window)
            .order_by(followup.c.lead_id, followup.c.at)
        )
        found: defaultdict[int, list[FollowUp]] = defaultdict(list)
        for lead_id, person_id, at, method in self._connection.execute(query):
            contact = FollowUp(
                lead_id=lead_id, person_id=person_id, at=at, method=Method(method), summary=""
            )
            found[lead_id].append(contact)
        return found
