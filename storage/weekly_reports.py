"""Stores weekly reports, and whom they were asked of.

Knows no rights: a report is read by its person and by the leaders of their team, which callers
check.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, bindparam, select

from sales.reports import RepWeek
from sales.weekly_reports import AskedReport, WeeklyReport
from storage.database.among import among
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.tables import followup, person
from storage.tables import weekly_report as table

_FIGURES: Final = tuple(
    field.name for field in fields(RepWeek) if field.name not in ("person_id", "name")
)
_ASKED = RowMapper(AskedReport)
_THOSE = and_(table.c.week == bindparam("of_week"), among(table.c.person_id, "people"))
_ASKED_OF = select(*(table.c[name] for name in _ASKED.names)).where(_THOSE)
_SUBMITTED = (
    select(table, person.c.name)
    .join(person, person.c.id == table.c.person_id)
    .where(_THOSE, table.c.submitted_at.is_not(None))
)
_KEPT_FOCUS = select(table.c.focus).where(
    table.c.week == bindparam("of_week"),
    table.c.person_id == bindparam("person"),
    table.c.submitted_at.is_(None),
)
_ACTIVE = (
    select(followup.c.person_id)
    .where(
        followup.c.at >= bindparam("start", type_=Instant),
        followup.c.at < bindparam("end", type_=Instant),
    )
    .distinct()
)
_KEY: Final = ("week", "person_id")
_NOTHING_YET: Final[Mapping[str, Any]] = dict.fromkeys(_FIGURES, 0) | {
    "won_amount": Decimal(0),
    "focus": "",
    "late": False,
}


class WeeklyReportRepository:
    """The weekly reports of any people; at most one for each person and week."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_people(self, people: Collection[int], week: str) -> dict[int, WeeklyReport]:
        """Return the reports that were submitted, by person; ``people`` are ids."""
        rows = self._connection.execute(_SUBMITTED, _of(people, week)).mappings()
        return {row["person_id"]: _report(row) for row in rows}

    def asked_of(self, people: Collection[int], week: str) -> dict[int, AskedReport]:
        """Return, by person, whether and when each was asked, reminded and reported."""
        rows = self._connection.execute(_ASKED_OF, _of(people, week)).mappings()
        return {row["person_id"]: _ASKED.read(row) for row in rows}

    def ask(self, person_id: int, week: str, at: datetime) -> bool:
        """Note that the person is asked; False when they were, or have reported already.

        The row decides, so that two processes never ask twice.
        """
        row = {**_NOTHING_YET, "person_id": person_id, "week": week, "asked_at": at}
        insert = insert_into(table, self._connection.dialect.name).values(row)
        asked = insert.on_conflict_do_update(
            index_elements=_KEY,
            set_={"asked_at": at},
            where=and_(table.c.asked_at.is_(None), table.c.submitted_at.is_(None)),
        )
        return self._connection.scalar(asked.returning(table.c.id)) is not None

    def keep_focus(self, person_id: int, week: str, focus: str) -> None:
        """Keep a focus for a report that is not written yet."""
        row = {**_NOTHING_YET, "person_id": person_id, "week": week, "focus": focus}
        insert = insert_into(table, self._connection.dialect.name).values(row)
        unwritten = table.c.submitted_at.is_(None)
        self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=_KEY, set_={"focus": focus}, where=unwritten
            )
        )

    def kept_focus(self, person_id: int, week: str) -> str:
        """Return the focus kept for a report that is not written yet; empty without one."""
        params = {"person": person_id, "of_week": week}
        return self._connection.execute(_KEPT_FOCUS, params).scalar_one_or_none() or ""

    def active_people(self, start: datetime, end: datetime) -> set[int]:
        """Return the ids of the people who logged a contact in ``[start, end)``."""
        window = {"start": start, "end": end}
        return set(self._connection.execute(_ACTIVE, window).scalars())

    def remind(self, person_id: int, week: str, at: datetime) -> bool:
        """Note that the bot reminds the person; False when it did, or when nothing is owed."""
        return self._note(person_id, week, table.c.reminded_at.is_(None), reminded_at=at)

    def nudge(self, person_id: int, week: str, by: int, at: datetime) -> bool:
        """Note that a leader has the person reminded; False when one did, or nothing is owed."""
        unasked = table.c.nudged_at.is_(None)
        return self._note(person_id, week, unasked, nudged_at=at, nudged_by=by)

    def submit(self, report: WeeklyReport) -> None:
        """Store a report: the first of the week, or its correction."""
        row = {
            "person_id": report.person_id,
            "week": report.week,
            "submitted_at": report.submitted_at,
            "corrected_at": report.corrected_at,
            "late": report.late,
            "focus": report.focus,
            **{name: getattr(report.figures, name) for name in _FIGURES},
        }
        insert = insert_into(table, self._connection.dialect.name).values(row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=row))

    def _note(self, person_id: int, week: str, condition: Any, **noted: Any) -> bool:
        update = table.update().where(
            table.c.person_id == person_id,
            table.c.week == week,
            table.c.asked_at.is_not(None),
            table.c.submitted_at.is_(None),
            condition,
        )
        return bool(self._connection.execute(update.values(noted)).rowcount)


def _of(people: Collection[int], week: str) -> dict[str, Any]:
    return {"of_week": week, "people": list(people)}


def _report(row: RowMapping) -> WeeklyReport:
    figures = {name: row[name] for name in _FIGURES}
    return WeeklyReport(
        person_id=row["person_id"],
        week=row["week"],
        figures=RepWeek(person_id=row["person_id"], name=row["name"], **figures),
        focus=row["focus"],
        submitted_at=row["submitted_at"],
        corrected_at=row["corrected_at"],
        late=row["late"],
    )
