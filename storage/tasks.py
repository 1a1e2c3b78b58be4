"""Tasks, as far as an actor may see them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    select,
    text,
)

from sales.errors import Conflict, TaskNotFound
from sales.leads import lead_number
from sales.people import Role
from sales.permissions import Reach, Scope
from sales.tasks import Result, Task, TaskKind, TaskState
from storage.assignment.offers import why_from_json, why_to_json
from storage.database.types import keep_unreadable
from storage.leads.repository import decided, whose, within
from storage.tables import lead
from storage.tables import task as table

_PLAIN = (
    "lead_id", "assignee_id", "asked_by", "question", "created_at", "due_at", "answered_at",
    "done_at", "done_by", "version",
)  # fmt: skip
_RESULT = ("note", "problems", "satisfaction", "invoice")
# SQLite uses the partial index only for the literal predicate.
_OPEN = text("task.state = 'open'")
_NOT_CANCELLED = table.c.state != TaskState.CANCELLED.value

_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)


class TaskRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, task: Task) -> Task:
        return replace(task, id=self._connection.execute(_ADD, _row(task)).scalar_one())

    def get(self, task_id: int) -> Task:
        """Raises TaskNotFound."""
        query = _seen(self._scope.reach).where(table.c.id == bindparam("wanted"))
        found = self._all(query, task_id)
        if not found:
            raise TaskNotFound
        return found[0]

    def save(self, task: Task) -> Task:
        """Raises Conflict when somebody saved it in between."""
        before = self.get(task.id)
        known = {"wanted": task.id, "known_version": task.version}
        saved = replace(task, version=task.version + 1)
        row = keep_unreadable(_row(saved), _row(before))
        if self._connection.execute(_SAVE, row | known).rowcount == 0:
            raise Conflict(number=lead_number(task.lead_id))
        return saved

    def of_lead(self, lead_id: int) -> list[Task]:
        """What was not cancelled, newest first."""
        return self._all(_of_lead(self._scope.reach), lead_id)

    def open_of(self, person_id: int) -> list[Task]:
        """A person's open tasks, the first due first."""
        query = _open(self._scope.reach).where(table.c.assignee_id == bindparam("wanted"))
        return self._all(query, person_id)

    def open_for_leads_of(self, person_id: int) -> list[Task]:
        """The open tasks on the leads a person owns, whoever does them."""
        return self._all(
            _open(self._scope.reach).where(lead.c.owner_id == bindparam("wanted")), person_id
        )

    def open_of_others(self, person_id: int, limit: int) -> list[Task]:
        """The open tasks of everybody but one person, of leads that the actor leads, the first
        due first."""
        others = table.c.assignee_id.is_distinct_from(bindparam("wanted"))
        led = decided(self._scope.reach)
        return self._all(_open(self._scope.reach).where(led, others).limit(limit), person_id)

    def open_counts(self) -> Mapping[int, int]:
        """How many open tasks each person has, by person id; nobody with none."""
        query = select(table.c.assignee_id, func.count()).where(_OPEN)
        counted = self._connection.execute(
            query.where(table.c.assignee_id.is_not(None)).group_by(table.c.assignee_id)
        )
        return {person_id: int(count) for person_id, count in counted}

    def _all(self, query: Select[Any], wanted: int) -> list[Task]:
        rows = self._connection.execute(query, {"wanted": wanted} | whose(self._scope))
        return [task_from_row(row) for row in rows.mappings()]


def _visible(reach: Reach) -> ColumnElement[bool]:
    """Of a lead that the actor owns or leads, all; else only what is theirs to do."""
    match reach:
        case "all" | "team" | "own" | "none":
            return within(reach)
        case "tasks":
            mine = table.c.assignee_id == bindparam("scope_person", type_=Integer)
            return and_(mine, _NOT_CANCELLED)
        case _:
            assert_never(reach)


@cache
def _seen(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(_visible(reach))


@cache
def _of_lead(reach: Reach) -> Select[Any]:
    query = _seen(reach).where(table.c.lead_id == bindparam("wanted"), _NOT_CANCELLED)
    return query.order_by(table.c.id.desc())


@cache
def _open(reach: Reach) -> Select[Any]:
    return _seen(reach).where(_OPEN).order_by(table.c.due_at, table.c.id)


def task_from_row(row: RowMapping) -> Task:
    return Task(
        id=row["id"],
        kind=TaskKind(row["kind"]),
        role=Role(row["role"]) if row["role"] else None,
        why=why_from_json(row["why"]),
        state=TaskState(row["state"]),
        result=Result(**{name: row[name] for name in _RESULT}),
        **{name: row[name] for name in _PLAIN},
    )


def _row(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(task, name) for name in _PLAIN}
    row |= {name: getattr(task.result, name) for name in _RESULT}
    return row | {
        "kind": task.kind.value,
        "role": task.role.value if task.role else None,
        "state": task.state.value,
        "why": why_to_json(task.why),
    }
