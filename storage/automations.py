"""Events and runs of automations."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
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
from storage.database.upsert import insert_into
from storage.tables import automation_event as event_table
from storage.tables import automation_run as table
from storage.tables import lead

_EVENT = ("lead_id", "at", "satisfaction", "objection", "rule_key", "depth", "cause", "key")
_RUN = (
    "lead_id", "at", "refused", "task_id", "was_owner_id", "overruled_at", "overruled_by",
)  # fmt: skip
_STAGES = ("from_stage", "to_stage")
_OPEN = [stage.value for stage in OPEN_STAGES if stage is not Stage.NURTURE]


class AutomationRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_event(self, event: Event) -> Event | None:
        """None when one with its key is there already."""
        insert = insert_into(event_table, self._connection.dialect.name).values(_event_row(event))
        event_id = self._connection.scalar(
            insert.on_conflict_do_nothing(index_elements=["key"]).returning(event_table.c.id)
        )
        return None if event_id is None else replace(event, id=event_id)

    def event(self, event_id: int) -> Event:
        query = select(event_table).where(event_table.c.id == event_id)
        return _event(self._connection.execute(query).mappings().one())

    def add(self, run: Run) -> Run:
        insert = table.insert().values(_run_row(run)).returning(table.c.id)
        return replace(run, id=self._connection.execute(insert).scalar_one())

    def save(self, run: Run) -> None:
        self._connection.execute(table.update().where(table.c.id == run.id).values(_run_row(run)))

    def get(self, run_id: int) -> Run:
        """Raises RunNotFound."""
        found = self._all(select(table).where(table.c.id == run_id))
        if not found:
            raise RunNotFound
        return found[0]

    def of_lead(self, lead_id: int) -> list[Run]:
        """The oldest first."""
        return self._all(select(table).where(table.c.lead_id == lead_id).order_by(table.c.id))

    def of_task(self, task_id: int) -> Run | None:
        """The run that gave a task."""
        return next(iter(self._all(select(table).where(table.c.task_id == task_id))), None)

    def newest(self, limit: int) -> list[Run]:
        return self._all(select(table).order_by(table.c.id.desc()).limit(limit))

    def silent_since(
        self, moment: datetime, rule_key: str, limit: int
    ) -> list[tuple[int, datetime]]:
        """Open leads of somebody whose last contact, or arrival, was before the moment, with
        when that was; those that the rule has not noticed since, the latest first."""
        kind = lead.c.created_at.type
        heard = func.coalesce(lead.c.last_contact_at, lead.c.created_at, type_=kind)
        noticed = _noticed(Trigger.SILENT, rule_key, heard)
        query = select(lead.c.id, heard).where(
            lead.c.stage.in_(_OPEN), lead.c.owner_id.is_not(None), heard <= moment, ~noticed
        )
        rows = self._connection.execute(query.order_by(heard.desc(), lead.c.id).limit(limit))
        return [(lead_id, at) for lead_id, at in rows]

    def long_in_stage(
        self, entered_before: Mapping[Stage, datetime], rule_key: str, limit: int
    ) -> list[tuple[int, Stage, datetime]]:
        """Open leads of somebody that entered their stage before its moment, with when that
        was; those that the rule has not noticed there, the latest first."""
        since = lead.c.stage_since
        too_long = or_(
            *(
                and_(lead.c.stage == stage.value, since < moment)
                for stage, moment in entered_before.items()
            )
        )
        noticed = _noticed(Trigger.LONG_IN_STAGE, rule_key, since)
        query = select(lead.c.id, lead.c.stage, since).where(
            too_long, lead.c.owner_id.is_not(None), ~noticed
        )
        rows = self._connection.execute(query.order_by(since.desc(), lead.c.id).limit(limit))
        return [(lead_id, Stage(stage), at) for lead_id, stage, at in rows]

    def _all(self, query: Select[Any]) -> list[Run]:
        rows = self._connection.execute(query).mappings().all()
        wanted = {row["event_id"] for row in rows}
        events = self._connection.execute(
            select(event_table).where(event_table.c.id.in_(wanted))
        ).mappings()
        known = {row["id"]: _event(row) for row in events}
        return [_run(row, known[row["event_id"]]) for row in rows]


def _noticed(trigger: Trigger, rule_key: str, since: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        event_table.c.lead_id == lead.c.id,
        event_table.c.trigger == trigger.value,
        event_table.c.rule_key == rule_key,
        event_table.c.at > since,
    )


def _event(row: RowMapping) -> Event:
    known: dict[str, Any] = {name: row[name] for name in _EVENT}
    known |= {name: Stage(row[name]) if row[name] else None for name in _STAGES}
    return Event(id=row["id"], trigger=Trigger(row["trigger"]), **known)


def _event_row(event: Event) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(event, name) for name in _EVENT}
    stages = {name: getattr(event, name) for name in _STAGES}
    row |= {name: stage.value if stage else None for name, stage in stages.items()}
    return row | {"trigger": event.trigger.value}


def _run(row: RowMapping, event: Event) -> Run:
    return Run(
        id=row["id"],
        event=event,
        rule=Automation.model_validate(row["rule"]),
        was_stage=Stage(row["was_stage"]) if row["was_stage"] else None,
        **{name: row[name] for name in _RUN},
    )


def _run_row(run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(run, name) for name in _RUN}
    return row | {
        "event_id": run.event.id,
        "rule_key": run.rule.key,
        "rule": run.rule.model_dump(mode="json"),
        "was_stage": run.was_stage.value if run.was_stage else None,
    }
