"""Leads: stored, found and counted, never beyond what the actor may see."""

from typing import Any

from sqlalchemy import RowMapping

from sales.leads import Authority, Clarity, Grade, Lead, Stage, Timeframe
from storage.fields import Fields

PHONE = "lead.phone"
EMAIL = "lead.email"
DOMAIN = "lead.email_domain"


def lead_from_row(row: RowMapping, fields: Fields) -> Lead:
    """The lead in a row of ``select(tables.lead)``, taken with ``.mappings()``."""
    known: dict[str, Any] = {
        name: row[name]
        for name in Lead.__slots__
        if name not in {"phone", "email", "authority", "clarity", "timeframe", "grade", "stage"}
    }
    return Lead(
        phone=fields.open(row["phone"], PHONE) if row["phone"] else "",
        email=fields.open(row["email"], EMAIL) if row["email"] else "",
        authority=Authority(row["authority"]),
        clarity=Clarity(row["clarity"]),
        timeframe=Timeframe(row["timeframe"]),
        grade=Grade(row["grade"]),
        stage=Stage(row["stage"]),
        **known,
    )
