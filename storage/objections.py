"""Objections; limited to leads the actor may see."""

from sqlalchemy import case

from sales.errors import ObjectionNotFound
from sales.objections import Objection, ObjectionState
from storage.database.rows import RowMapper
from storage.lead_scoped import EditableLeadScoped
from storage.tables import objection as table


class ObjectionRepository(EditableLeadScoped[Objection]):
    """Objections; a lead's open ones come first, then by age."""

    table = table
    rows = RowMapper(Objection)
    order = (case((table.c.state == ObjectionState.ACCEPTED.value, 1), else_=0), table.c.id)
    not_found = ObjectionNotFound
