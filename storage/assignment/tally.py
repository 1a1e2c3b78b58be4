"""A tally of the leads each person got per day, so that routing need not count offers.

Counting the offers themselves would take longer with every lead that comes in.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache

from sqlalchemy import Connection, Date, bindparam, func, select

from storage.database.upsert import Insert, insert_into
from storage.tables import share as table

_SINCE = (
    select(table.c.person_id, func.sum(table.c.leads))
    .where(table.c.day >= bindparam("first_day", type_=Date))
    .group_by(table.c.person_id)
)


_BY_DAY = select(table.c.person_id, table.c.day, table.c.leads).where(
    table.c.day >= bindparam("first_day", type_=Date)
)


class ShareRepository:
    """The tally within one unit of work.

    Changes are written at the commit, in a fixed order, so that two units of work never deadlock
    and none waits for long.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changed: Counter[tuple[int, date]] = Counter()

    def move(self, person_id: int, before: datetime | None, after: datetime | None) -> None:
        """Move a lead from the day of ``before`` to that of ``after``."""
        if before is not None:
            self._changed[person_id, day_of(before)] -= 1
        if after is not None:
            self._changed[person_id, day_of(after)] += 1

    def add(self, person_id: int, day: date, leads: int) -> None:
        """Add a number of leads on a day."""
        self._changed[person_id, day] += leads

    def since(self, moment: datetime) -> Mapping[int, int]:
        """Count leads from the start of the moment's day (UTC), by person id; people with none are
        left out."""
        first_day = day_of(moment)
        rows = self._connection.execute(_SINCE, {"first_day": first_day})
        leads = Counter({person_id: int(total) for person_id, total in rows})
        for (person_id, day), more in self._changed.items():
            leads[person_id] += more if day >= first_day else 0
        return +leads

    def by_day(self, moment: datetime) -> Mapping[int, Mapping[date, float]]:
        """Leads from the start of the moment's day (UTC), by person id and day."""
        first_day = day_of(moment)
        leads: dict[int, Counter[date]] = {}
        for person_id, day, count in self._connection.execute(_BY_DAY, {"first_day": first_day}):
            leads.setdefault(person_id, Counter())[day] += count
        for (person_id, day), more in self._changed.items():
            if day >= first_day:
                leads.setdefault(person_id, Counter())[day] += more
        return {person_id: dict(days) for person_id, days in leads.items()}

    def flush(self) -> None:
        for (person_id, day), more in sorted(self._changed.items()):
            if more:
                added = {"person_id": person_id, "day": day, "leads": more}
                self._connection.execute(_raised(self._connection.dialect.name), added)
        self._changed.clear()


def day_of(moment: datetime) -> date:
    """The day (UTC) on which the tally counts what happened at a moment."""
    return moment.astimezone(UTC).date()


@cache
def _raised(dialect: str) -> Insert:
    insert = insert_into(table, dialect)
    more = table.c.leads + insert.excluded.leads
    return insert.on_conflict_do_update(index_elements=["person_id", "day"], set_={"leads": more})
