"""Discovery notes (what customers need), versioned; limited to leads the actor may see."""

import json
from dataclasses import asdict
from decimal import Decimal

from sales.discovery import Discovery, Needs
from sales.unreadable import UnreadableText
from storage.database.rows import Codec, RowMapper
from storage.lead_scoped import LeadScoped
from storage.tables import discovery as table

_AMOUNTS = ("budget_low", "budget_high")


def _to_json(needs: Needs) -> str:
    return json.dumps(asdict(needs), ensure_ascii=False, default=str)


def _from_json(text: str) -> Needs:
    if isinstance(text, UnreadableText):
        return Needs(situation=text)
    stored = json.loads(text)
    amounts = {name: Decimal(stored[name]) if stored[name] else None for name in _AMOUNTS}
    return Needs(**stored | amounts | {"pains": tuple(stored["pains"])})


class DiscoveryRepository(LeadScoped[Discovery]):
    """Discovery notes: each record is a new version; a lead's newest comes first."""

    table = table
    rows = RowMapper(Discovery, needs=Codec(_from_json, _to_json))
    order = (table.c.version.desc(),)

    def latest(self, lead_id: int) -> Discovery | None:
        return next(iter(self.of_lead(lead_id, 1)), None)
