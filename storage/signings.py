"""What became of contracts, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from sales.errors import LeadNotFound
from sales.permissions import Reach, Scope
from sales.quotes import Edition
from sales.signing import Signing, SigningState, Verdict
from storage.leads import whose, within
from storage.tables import lead
from storage.tables import signing as table

_ENUMS = {"state": SigningState, "verdict": Verdict}
_PLAIN = tuple(field.name for field in fields_of(Signing) if field.name not in (*_ENUMS, "edition"))
_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(table.c.id == bindparam("wanted"))


class SigningRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, signing: Signing) -> Signing:
        return replace(signing, id=self._connection.execute(_ADD, _row(signing)).scalar_one())

    def get(self, signing_id: int) -> Signing:
        """Raises LeadNotFound."""
        asked = {"wanted": signing_id} | whose(self._scope)
        row = self._connection.execute(_one(self._scope.reach), asked).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        return _signing(row)

    def save(self, signing: Signing) -> Signing:
        self.get(signing.id)
        self._connection.execute(_SAVE, _row(signing) | {"wanted": signing.id})
        return signing


@cache
def _one(reach: Reach) -> Select[Any]:
    query = select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))
    return query.where(table.c.id == bindparam("wanted"))


def _signing(row: RowMapping) -> Signing:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    known |= {name: kind(row[name]) for name, kind in _ENUMS.items()}
    return Signing(edition=Edition(row["edition"]) if row["edition"] else None, **known)


def _row(signing: Signing) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(signing, name) for name in _PLAIN if name != "id"}
    row["edition"] = signing.edition.value if signing.edition else None
    return row | {name: getattr(signing, name).value for name in _ENUMS}
