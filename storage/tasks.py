"""Tasks; limited to what the actor may see."""

from collections.abc import Mapping
from functools import cache
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, select, text

from sales.errors import TaskNotFound
from sales.permissions import Reach
from sales.tasks import Task, TaskState
from storage.assignment.offers import WHY
from storage.database.rows import RowMapper
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import decided, within
from storage.tables import lead
from storage.tables import task as table

# SQLite uses the partial index only for the literal predicate.
_OPEN = text("task.state = 'open'")
_NOT_CANCELLED = table.c.state != TaskState.CANCELLED.value

TASKS = RowMapper(Task, why=WHY)


class TaskRepository(EditableLeadScoped[Task]):
    """Tasks. A lead's list leaves out cancelled ones, newest first."""

    table = table
    rows = TASKS
    by_rules = True
    order = (table.c.id.desc(),)
    not_found = TaskNotFound

    @classmethod
    def visible_to(cls, reach: Reach) -> ColumnElement[bool]:
        """The condition for visible tasks: all on leads the actor owns or leads, else only their
        own."""
        match reach:
            case "all" | "team" | "own" | "none":
                return within(reach)
            case "tasks":
                mine = table.c.assignee_id == bindparam("scope_person", type_=Integer)
                return and_(mine, _NOT_CANCELLED)
            case _:
                assert_never(reach)

    @classmethod
    @cache
    def all_of_lead(cls, reach: Reach) -> Select[Any]:
        return super().all_of_lead(reach).where(_NOT_CANCELLED)

    def open_of(self, person_id: int) -> list[Task]:
        """List a person's open tasks, earliest due first."""
        query = _open(self._scope.reach).where(table.c.assignee_id == bindparam("wanted"))
        return self._all(query, person_id)

    def open_for_leads_of(self, person_id: int) -> list[Task]:
        """List the open tasks on leads a person owns, whoever does them."""
        return self._all(
            _open(self._scope.reach).where(lead.c.owner_id == bindparam("wanted")), person_id
        )

    def open_of_others(self, person_id: int, limit: int) -> list[Task]:
        """List the open tasks of everybody but one person, on leads that the actor leads, earliest
        due first."""
        others = table.c.assignee_id.is_distinct_from(bindparam("wanted"))
        led = decided(self._scope.reach)
        return self._all(_open(self._scope.reach).where(led, others).limit(limit), person_id)

    def open_counts(self) -> Mapping[int, int]:
        """Count each person's open tasks, by person id; people with none are left out."""
        query = select(table.c.assignee_id, func.count()).where(_OPEN)
        counted = self._connection.execute(
            query.where(table.c.assignee_id.is_not(None)).group_by(table.c.assignee_id)
        )
        return {person_id: int(count) for person_id, count in counted}


@cache
def _open(reach: Reach) -> Select[Any]:
    return TaskRepository.visible(reach).where(_OPEN).order_by(table.c.due_at, table.c.id)
