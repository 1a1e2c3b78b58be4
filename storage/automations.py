"""Stores the events and runs of automations."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)

from sales.automations import Event, Run
from sales.errors import RunNotFound
from sales.leads import OPEN_STAGES, Stage
from sales.playbook import Automation, Trigger
from storage.database.rows import Codec, RowMapper
from storage.database.upsert import insert_into
from storage.scoping import IS_OPEN
from storage.tables import automation_event as event_table
from storage.tables import automation_run as table
from storage.tables import lead

_EVENTS = RowMapper(Event)
_RULE = Codec(Automation.model_validate, lambda rule: rule.model_dump(mode="json"))
_RUNS = RowMapper(Run, given=("event",), rule=_RULE)
_OPEN = [stage.value for stage in OPEN_STAGES if stage is not Stage.NURTURE]


class AutomationRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_event(self, event: Event) -> Event | None:
        """Store an event; None when its key exists already."""
        insert = insert_into(event_table, self._connection.dialect.name)
        once = insert.on_conflict_do_nothing(index_elements=["key"]).returning(event_table.c.id)
        event_id = self._connection.scalar(once, _EVENTS.write(event))
        return None if event_id is None else replace(event, id=event_id)

    def event(self, event_id: int) -> Event:
        query = select(event_table).where(event_table.c.id == event_id)
        return _EVENTS.read(self._connection.execute(query).mappings().one())

    def add(self, run: Run) -> Run:
        insert = table.insert().values(_run_row(run)).returning(table.c.id)
        return replace(run, id=self._connection.execute(insert).scalar_one())

    def save(self, run: Run) -> None:
        self._connection.execute(table.update().where(table.c.id == run.id).values(_run_row(run)))

    def get(self, run_id: int) -> Run:
        """Return a run. Raises RunNotFound."""
        runs = self._all(select(table).where(table.c.id == run_id))
        if not runs:
            raise RunNotFound
        return runs[0]

    def of_lead(self, lead_id: int) -> list[Run]:
        """List a lead's runs, oldest first."""
        return self._all(select(table).where(table.c.lead_id == lead_id).order_by(table.c.id))

    def of_task(self, task_id: int) -> Run | None:
        """Find the run that created a task."""
        return next(iter(self._all(select(table).where(table.c.task_id == task_id))), None)

    def newest(self, limit: int) -> list[Run]:
        return self._all(select(table).order_by(table.c.id.desc()).limit(limit))

    def silent_since(
        self, moment: datetime, rule_key: str, limit: int
    ) -> list[tuple[int, datetime]]:
        """List owned open leads whose last contact (or arrival) was before the moment, and when it
        was. Leaves out those the rule has noticed since; latest first."""
        kind = lead.c.created_at.type
        heard = func.coalesce(lead.c.last_contact_at, lead.c.created_at, type_=kind)
        noticed = _noticed(Trigger.SILENT, rule_key, heard)
        query = select(lead.c.id, heard).where(
            IS_OPEN,
            lead.c.stage.in_(_OPEN),
            lead.c.owner_id.is_not(None),
            heard <= moment,
            ~noticed,
        )
        rows = self._connection.execute(query.order_by(heard.desc(), lead.c.id).limit(limit))
        return [(lead_id, at) for lead_id, at in rows]

    def long_in_stage(
        self, entered_before: Mapping[Stage, datetime], rule_key: str, limit: int
    ) -> list[tuple[int, Stage, datetime]]:
        """List owned open leads that entered their stage before that stage's moment, and when.
        Leaves out those the rule has noticed in the stage; latest first."""
        since = lead.c.stage_since
        too_long = or_(
            *(
                and_(lead.c.stage == stage.value, since < moment)
                for stage, moment in entered_before.items()
            )
        )
        noticed = _noticed(Trigger.LONG_IN_STAGE, rule_key, since)
        query = select(lead.c.id, lead.c.stage, since).where(
            IS_OPEN, too_long, lead.c.owner_id.is_not(None), ~noticed
        )
        rows = self._connection.execute(query.order_by(since.desc(), lead.c.id).limit(limit))
        return [(lead_id, Stage(stage), at) for lead_id, stage, at in rows]

    def _all(self, query: Select[Any]) -> list[Run]:
        rows = self._connection.execute(query).mappings().all()
        event_ids = {row["event_id"] for row in rows}
        events = self._connection.execute(
            select(event_table).where(event_table.c.id.in_(event_ids))
        ).mappings()
        event_by_id = {row["id"]: _EVENTS.read(row) for row in events}
        return [_RUNS.read(row, event=event_by_id[row["event_id"]]) for row in rows]


def _noticed(trigger: Trigger, rule_key: str, since: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        event_table.c.lead_id == lead.c.id,
        event_table.c.trigger == trigger.value,
        event_table.c.rule_key == rule_key,
        event_table.c.at > since,
    )


def _run_row(run: Run) -> dict[str, Any]:
    return _RUNS.write(run) | {"event_id": run.event.id, "rule_key": run.rule.key}
