"""Measures how large a database gets, and projects it over years.

A week of fifty people at work, through the handlers and the delivery, on both databases. Run with
``python -m bench.size``. Assumed of each of fifty sellers, on each of five days: one new lead, ten
logged follow-ups with a next step, one move or change of a lead, one remark; and that all their
notices are delivered.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from sales.people import Role
from sales.playbook.retention import Retention
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database, sqlite_module
from storage.database.keyring import new_key, parse_keyring
from storage.tables import metadata
from tests.databases import Databases, Kind
from tests.office import LEAD, SHANGHAI, Office, open_office

PEOPLE, DAYS, FOLLOWUPS = 50, 5, 10
MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
WEEKS = 50
"""Working weeks of a year."""
SAID = (
    "Went through the offer with purchasing; they compare it with two others until the end of May."
)
KEPT: Mapping[str, int] = {
    "work": Retention().work,
    "message": Retention().notices,
    "posting": Retention().cards,
    "transcript": Retention().chat,
    "reminder": Retention().reminders,
    "automation_run": Retention().automations,
    "automation_event": Retention().automations,
    "audit": Retention().audit,
    "inbound": 7,
}
"""Days; tables that are not named are kept as long as the customer."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as name:
        databases = Databases(Path(name))
        try:
            kinds: tuple[Kind, ...] = ("sqlite", "postgresql")
            for kind in kinds:
                database = open_database(databases.new(kind), Path(name))
                before = sizes(database)
                asyncio.run(week(database))
                show(kind, before, sizes(database))
                database.dispose()
        finally:
            databases.stop()
    return 0


async def week(database: Database) -> None:
    fields = Fields(parse_keyring(new_key()))
    with open_office(database, fields, MONDAY) as office:
        sellers = [f"rep{number}" for number in range(PEOPLE)]
        for seller in sellers:
            office.hire(seller, f"{seller.title()} Sample", Role.REP)
        for day in range(DAYS):
            for number, seller in enumerate(sellers):
                work_a_day(office, seller, 1 + day * PEOPLE + number)
            await office.settle()
            office.desk.posted.clear()
            await office.world.travel(MONDAY + timedelta(days=day + 1))
        office.unfit.clear()


def work_a_day(office: Office, seller: str, number: int) -> None:
    lead = f"LX{number:03d}"
    contacts = {"phone": f"+86138{number:08d}", "email": f"buyer{number}@firm{number}.example"}
    named = {"customer": f"Sample Works {number}", "owner": "keep"}
    reply = office.ask(seller, "lead.create", values=dict(LEAD) | contacts | named)
    if reply.form:
        office.submit(seller, reply.form, different="other")
    for step in range(FOLLOWUPS):
        values = {
            "lead": lead, "method": "call", "summary": f"{SAID} ({step})", "feedback": SAID[:60],
            "next_step": "Send the comparison", "next_on": f"{MONDAY:%Y-%m}-{9 + step:02d}",
        }  # fmt: skip
        office.ask(seller, "followup.create", values=values)
    office.ask(seller, "remark.create", values={"text": SAID}, state={"lead": lead})
    form = office.ask(seller, "lead.edit", pressed=lead).form
    if form:
        office.submit(seller, form, need=SAID)


def sizes(database: Database) -> dict[str, tuple[int, int]]:
    """Rows and bytes of each table, including its indexes."""
    with database.read() as connection:
        sizes_by_table = {}
        for table in metadata.sorted_tables:
            rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
            sizes_by_table[table.name] = (rows, 0)
        for name, size in bytes_of(database):
            sizes_by_table[name] = (sizes_by_table[name][0], sizes_by_table[name][1] + size)
    return sizes_by_table


def bytes_of(database: Database) -> Iterator[tuple[str, int]]:
    if database.path:
        yield from bytes_in_file(database.path)
        return
    query = (
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    with database.read() as connection:
        for name, size in connection.execute(text(query)).all():
            if name in metadata.tables:
                yield name, int(size)


def bytes_in_file(path: Path) -> Iterator[tuple[str, int]]:
    """What dropping each table would free; nothing is dropped in the end."""
    link = sqlite_module().connect(path, isolation_level=None)
    page = link.execute("PRAGMA page_size").fetchone()[0]
    link.execute("BEGIN IMMEDIATE")
    for name in metadata.tables:
        before = link.execute("PRAGMA freelist_count").fetchone()[0]
        link.execute(f'DROP TABLE "{name}"')
        yield name, page * (link.execute("PRAGMA freelist_count").fetchone()[0] - before)
    link.execute("ROLLBACK")
    link.close()


def show(
    kind: Kind, before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]
) -> None:
    """Print each table that grew: MB after one and after five years, all kept and purged."""
    head = f"{'rows a week':>12}{'bytes each':>12}{'1 year':>9}{'5 years':>9}{'1, purged':>11}"
    print(f"\n{kind:<20}{head}{'5, purged':>11}   (MB)")
    sums = [0.0] * 4
    grown = sorted(after, key=lambda name: before[name][1] - after[name][1])
    for name in grown:
        rows = after[name][0] - before[name][0]
        if rows < DAYS * PEOPLE:
            continue
        each = max(after[name][1] - before[name][1], 0) / rows
        yearly = each * rows * WEEKS / 1e6
        years_kept = KEPT.get(name, 365 * 100) / 365
        columns = [yearly, 5 * yearly, min(1, years_kept) * yearly, min(5, years_kept) * yearly]
        sums = [total + size for total, size in zip(sums, columns, strict=True)]
        print(
            f"{name:<20}{rows:>12}{each:>12.0f}"
            + "".join(
                f"{size:>{width}.0f}" for size, width in zip(columns, (9, 9, 11, 11), strict=True)
            )
        )
    print(
        f"{'all':<44}"
        + "".join(f"{size:>{width}.0f}" for size, width in zip(sums, (9, 9, 11, 11), strict=True))
    )


if __name__ == "__main__":
    sys.exit(main())
