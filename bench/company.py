"""Seeds a sales company with years of history by bulk insert, for ``bench.scale`` and
``bench.reports``.

The same open leads of the same reps whatever the history; closed ones at so many a day back from
today, each with its intervals, follow-ups, clock, offer, and its share of tasks and objections.
What the playbook forgets after a while (jobs, notices, reminders) is there for that while.

Rows are written as the database stores them, without SQLAlchemy: two million take a minute so.
PostgreSQL gets a copy of what SQLite has, or the rows themselves (``copied_into``).
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import sql

from sales.duplicates import head_of
from sales.lead_lists.order import customer_order, source_key
from sales.leads import WORKED_STAGES, Stage
from sales.people import Person, Role
from sales.targets import Holder, Measure, Quarter
from sales.text_search import search_words
from storage.database.encryption import Fields
from storage.database.engine import Database, sqlite_module
from storage.tables import metadata
from tests.office import SHANGHAI, Office

NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
REPS: Final = 30
OPEN: Final = 2_000
RARE: Final = "沐澜峪"
"""Part of the name of three old customers."""
COMMON: Final = "科技"
"""Part of a sixth of all names."""

_CITIES = ("华东", "江州", "临海", "北川", "云城", "青原", "南屿", "西岭", "东港", "平湖")
_BRANDS = (
    "晨曦远航星河蓝鲸青松明月长风金石玉泉天元海纳百川瑞祥宏图锦程新锐卓越启明聚力鼎盛华彩凌云浩宇"
)
_TRADES = ("科技", "贸易", "制造", "医药", "物流", "教育")
_WORDS = ("Bright", "North", "River", "Stone", "Silver", "Maple", "Harbor", "Summit")
_NEEDS = (
    "想要一套客户管理工具", "需要与现有的订单系统对接", "请提供五十个账号的报价",
    "目前用表格管理客户，经常撞单", "需要移动端和审批流程", "wants a customer tool for two teams",
    "asks for a trial before the end of the month",
)  # fmt: skip
_CONTACTS = ("样例经理", "示例主任", "Sample Buyer", "样例总监", "Example Lead")
_SAID = "电话沟通了方案和报价，采购与另外两家比较到月底。"
_SOURCES = ("ads", "fair", "referral")
_REASONS = ("price", "price", "timing", "competitor")
_STAGES = (*WORKED_STAGES, Stage.NURTURE)
_LONG_AGO = timedelta(days=1)
_ANSWERED_AFTER = tuple(timedelta(minutes=after) for after in (2, 20, 45, 200, 1_000, 3_000))


@dataclass(frozen=True, slots=True)
class Size:
    """A company of so many leads in all, of which ``open`` are open, with so many follow-ups each;
    the name is part of the file's. ``kept``: jobs and notices that the playbook does not forget
    yet."""

    name: str
    leads: int
    open: int = OPEN
    kept: int = 50_000
    closed_a_day: int = 55
    followups: int = 4


Sink: TypeAlias = Callable[[str, tuple[str, ...], list[tuple[Any, ...]]], None]
"""Stores rows of a table: its name, the columns' names, and their values."""


SIZES: Final = (Size("small", 3_000), Size("large", 200_000))


def hire(office: Office) -> None:
    """Found the company: a team of thirty reps, and their targets for this quarter."""
    office.found()
    for number in range(REPS):
        office.hire(f"rep{number}", f"Rep {number} Sample", Role.REP)
    quarter = Quarter.of(NOW.date())
    goals: dict[Measure, Any] = {Measure.REVENUE: 9_000_000, Measure.CUSTOMERS: 900}
    with office.world.new_uow() as uow:
        for team in office.teams.values():
            uow.targets.set(quarter, Holder.team(team.id), goals | {Measure.LEADS: 5_000})
        for number in range(REPS):
            uow.targets.set(quarter, Holder.person(office.people[f"rep{number}"].id), goals)
        uow.commit()


def enter(office: Office) -> None:
    """Enter the company that was founded before."""
    with office.world.new_uow(read_only=True) as uow:
        office.teams = {team.name: team for team in uow.people.teams()}
        for person in uow.people.everyone():
            office.people[_account_of(person)] = person


def _account_of(person: Person) -> str:
    first, *rest = person.name.lower().split()
    return f"rep{rest[0]}" if first == "rep" else first


def fill(database: Database, office: Office, fields: Fields, size: Size) -> None:
    """Insert the history of a company that was founded in an SQLite database."""
    assert database.path
    east = office.teams["East"].id
    staff = {office.people[f"rep{number}"].id: east for number in range(REPS)}
    link = sqlite_module().connect(database.path)
    link.execute("PRAGMA synchronous = OFF")
    History(inserted_into(link), fields, staff, size).write()
    link.commit()
    link.close()


class History:
    """Writes leads and everything that belongs to them, table by table, in batches. ``staff``: the
    team of each rep."""

    def __init__(self, sink: Sink, fields: Fields, staff: Mapping[int, int], size: Size) -> None:
        self._sink, self._fields, self._staff, self._size = sink, fields, staff, size
        self._reps = tuple(staff)
        self._dice = random.Random(11)
        self._sealed: dict[tuple[str, str], bytes] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._ids: dict[str, Iterator[int]] = {}
        self._shares: Counter[tuple[int, str]] = Counter()

    def write(self) -> None:
        size = self._size
        for number in range(size.leads):
            place = size.leads - size.open - number
            if place > 0:
                self._closed(
                    NOW - timedelta(days=place / size.closed_a_day), rare=place % 9_000 == 7
                )
            else:
                self._open(-place)
            if number % 5_000 == 0:
                self._flush()
        for (person_id, day), shared in self._shares.items():
            self._add("share", day=day, person_id=person_id, leads=shared)
        self._jobs(size.kept)
        self._flush()

    def _closed(self, at: datetime, *, rare: bool) -> None:
        dice = self._dice
        owner_id, won = dice.choice(self._reps), dice.random() < 0.3
        created = at - timedelta(days=dice.randint(20, 90))
        stage = (Stage.AFTERSALES if dice.random() < 0.5 else Stage.WON) if won else Stage.LOST
        lead_id = self._lead(
            created, stage, at, owner_id, rare=rare, closed_at=_stored(at),
            amount=dice.randint(5, 60) * 10_000 if won else None,
            lost_reason=b"" if won else self._seal(dice.choice(_REASONS), "lead.lost_reason"),
            payment=self._seal("30 days", "lead.payment") if won else b"",
            last_contact_at=_stored(at - _LONG_AGO),
        )  # fmt: skip
        way = [*WORKED_STAGES[: dice.randint(2, 5)], Stage.WON if won else Stage.LOST]
        moments = [created + (at - created) * part / (len(way) - 1) for part in range(len(way))]
        last = at + _LONG_AGO if stage is Stage.AFTERSALES else None
        self._intervals(lead_id, [*zip(way, moments, strict=True)], last)
        self._spoken(lead_id, owner_id, created, at, None)
        self._clock(lead_id, owner_id, created, met=True)
        if won:
            self._task(lead_id, owner_id, at, done=True)

    def _open(self, number: int) -> None:
        dice, stage = self._dice, _STAGES[number // len(self._reps) % len(_STAGES)]
        pooled = stage is Stage.CAPTURED and number % 4 == 0
        team_id = self._staff[self._reps[number % len(self._reps)]]
        owner_id = None if pooled else self._reps[number % len(self._reps)]
        created = NOW - timedelta(days=dice.randint(3, 60), hours=number % 20)
        since = created + (NOW - created) * 0.4 if stage is not Stage.CAPTURED else created
        step = None
        if not pooled and stage is not Stage.NURTURE and dice.random() < 0.8:
            step = NOW + timedelta(hours=dice.randint(-60, 700))
        lead_id = self._lead(
            created, stage, since, owner_id, team_id=team_id,
            pooled_at=_stored(created + _LONG_AGO) if pooled else None,
            next_at=_stored(step), next_until=_stored(step and step + timedelta(hours=12)),
            next_step=self._seal("送报价单", "lead.next_step") if step else b"",
            last_contact_at=_stored(NOW - timedelta(days=dice.randint(0, 20))),
            hot_since=_stored(NOW) if number % 50 == 1 and not pooled else None,
        )  # fmt: skip
        way = [stage] if stage is Stage.CAPTURED else [Stage.CAPTURED, stage]
        self._intervals(lead_id, [*zip(way, (created, since), strict=False)], None)
        if pooled:
            self._add(
                "pool_stay", lead_id=lead_id, team_id=team_id, reason="idle", detail="14",
                entered_at=_stored(created + _LONG_AGO), claimed=0,
            )  # fmt: skip
        if owner_id:
            self._spoken(lead_id, owner_id, created, NOW - _LONG_AGO, step)
            self._clock(lead_id, owner_id, created, met=number % 8 != 1)
            if number % 6 == 2:
                self._task(lead_id, owner_id, created, done=False)

    def _lead(
        self, created: datetime, stage: Stage, since: datetime, owner_id: int | None,
        *, rare: bool = False, **more: Any,
    ) -> int:  # fmt: skip
        dice, lead_id = self._dice, self._next("lead")
        customer, contact = self._name(lead_id, rare=rare), dice.choice(_CONTACTS)
        need, words = dice.choice(_NEEDS), search_words(customer)
        phone = f"+86138{lead_id:08d}"
        grade = dice.choice(("high", "medium", "low"))
        low, source = dice.randint(1, 40) * 10_000, dice.choice(_SOURCES)
        row = {
            "source": self._seal(source, "lead.source"), "source_key": source_key(source),
            "customer": self._fields.keep(customer, "lead.customer"),
            "customer_words": words, "other_words": search_words(contact, need),
            "customer_head": head_of(words), "customer_order": customer_order(words),
            "industry": dice.choice(("it", "medical", "retail")),
            "contact": self._seal(contact, "lead.contact"), "title": b"",
            "phone": self._fields.keep(phone, "lead.phone"),
            "phone_index": self._fields.index(phone, "lead.phone"),
            "budget_low": low, "budget_high": low * 2, "need": self._seal(need, "lead.need"),
            "region": dice.choice(("east", "north", "south")), "product": "basic",
            "authority": "manager", "clarity": "clear", "timeframe": "month", "score": 60,
            "grade": grade, "stage": stage.value, "stage_since": _stored(since),
            "owner_id": owner_id, "team_id": owner_id and self._staff[owner_id],
            "created_at": _stored(created),
            "created_by": self._reps[0], "next_step": b"", "lost_reason": b"", "contract": b"",
            "specification": b"", "payment": b"", "liability": b"", "version": 3,
            "pooled_at": None, "next_at": None, "next_until": None, "hot_since": None,
            "closed_at": None, "amount": None, "last_contact_at": None,
        }  # fmt: skip
        self._add("lead", id=lead_id, **row | more)
        if owner_id:
            self._shares[owner_id, f"{created:%Y-%m-%d}"] += 1
            self._add(
                "offer", lead_id=lead_id, person_id=owner_id, state="accepted",
                why='{"reason": "pool", "rule": "", "skipped": []}', offered_at=_stored(created),
                answered_at=_stored(created),
            )  # fmt: skip
        return lead_id

    def _name(self, lead_id: int, *, rare: bool) -> str:
        dice = self._dice
        if lead_id % 5 == 0:
            return f"{dice.choice(_WORDS)}{dice.choice(_WORDS).lower()} Trading {lead_id} Ltd"
        brand = RARE if rare else "".join(dice.choices(_BRANDS, k=3))
        return f"{dice.choice(_CITIES)}{brand}{dice.choice(_TRADES)}有限公司"

    def _intervals(
        self, lead_id: int, way: Sequence[tuple[Stage, datetime]], last: datetime | None
    ) -> None:
        ends = [*(entered for _, entered in way[1:]), last]
        for (stage, entered), left in zip(way, ends, strict=True):
            self._add(
                "stage_interval", lead_id=lead_id, stage=stage.value,
                entered_at=_stored(entered), left_at=_stored(left),
            )  # fmt: skip
        if last:
            after = Stage.AFTERSALES.value
            self._add(
                "stage_interval", lead_id=lead_id, stage=after, entered_at=_stored(last),
                left_at=None,
            )  # fmt: skip

    def _spoken(
        self, lead_id: int, person_id: int, start: datetime, end: datetime, step: datetime | None
    ) -> None:
        each = self._size.followups
        moments = [start + (end - start) * part / each for part in range(each + 1)]
        moments[0] = min(start + self._dice.choice(_ANSWERED_AFTER), moments[1])
        for number, (at, following) in enumerate(pairwise(moments)):
            last = number == each - 1
            due = step if last else following
            followup_id = self._next("followup")
            self._add(
                "followup", id=followup_id, lead_id=lead_id, person_id=person_id, at=_stored(at),
                method="call", summary=self._seal(_SAID, "followup.summary"),
                feedback=b"", day_only=0, version=0, next_at=_stored(due),
                next_step=self._seal("再联系", "followup.next_step") if due else b"",
                next_until=_stored(due and due + timedelta(hours=12)),
                closed_at=None if last else _stored(following),
            )  # fmt: skip
            if due and NOW - due < timedelta(days=730) and due < NOW:
                self._add(
                    "reminder", followup_id=followup_id, person_id=person_id, due_at=_stored(due),
                    sent_at=_stored(due), late=0, seen_at=_stored(due), acted_at=_stored(due),
                )  # fmt: skip
        if lead_id % 4 == 1:
            self._add(
                "objection", lead_id=lead_id, kind="price", state="answered", version=0,
                said=self._seal("太贵了", "objection.said"), answer=b"", raised_by=person_id,
                raised_at=_stored(start),
            )  # fmt: skip

    def _clock(self, lead_id: int, owner_id: int, at: datetime, *, met: bool) -> None:
        self._add(
            "clock", lead_id=lead_id, kind="call", for_feedback=0, owner_id=owner_id,
            started_at=_stored(at), due_at=_stored(NOW + timedelta(hours=owner_id)
            if not met else at + timedelta(hours=2)), met_at=_stored(at) if met else None,
        )  # fmt: skip

    def _task(self, lead_id: int, person_id: int, at: datetime, *, done: bool) -> None:
        self._add(
            "task", lead_id=lead_id, kind="support", assignee_id=person_id, version=0, question=b"",
            why='{"reason": "task_asked", "rule": "", "skipped": []}', created_at=_stored(at),
            due_at=_stored(at + timedelta(days=80)), state="done" if done else "open",
            note=b"", problems=b"", invoice=b"", done_at=_stored(at) if done else None,
        )  # fmt: skip

    def _jobs(self, kept: int) -> None:
        """Insert jobs done and notices sent in the last months, and what is still to be done."""
        for number in range(kept):
            at = NOW - timedelta(minutes=3 * number)
            self._add(
                "work", key=f"done:{number}", kind="reminder", subject=f"followup:{number}",
                args='{"followup_id": 1}', due_at=_stored(at), done_at=_stored(at), attempts=0,
            )  # fmt: skip
        for number in range(OPEN):
            self._add(
                "work", key=f"open:{number}", kind="reminder", subject=f"followup:{number}",
                args='{"followup_id": 1}', due_at=_stored(NOW + timedelta(hours=1 + number)),
                done_at=None, attempts=0,
            )  # fmt: skip
        for rep in self._reps:
            self._add("lane", key=f"bench:{rep}", ready_at=_stored(NOW), epoch=0, pending=0)
        for number in range(kept):
            rep = self._reps[number % len(self._reps)]
            at = NOW - timedelta(minutes=2 * number)
            self._add(
                "message", lane=f"bench:{rep}", person_id=rep, kind="offer_made", fields="{}",
                once=0, state="sent", attempts=1, created_at=_stored(at), sent_at=_stored(at),
                ref="1", problem="", subject=f"lead:{number}", acted_at=_stored(at),
            )  # fmt: skip

    def _seal(self, text: str, place: str) -> bytes:
        """Seal each of the few texts once: what is in it does not matter."""
        if (text, place) not in self._sealed:
            self._sealed[text, place] = self._fields.keep(text, place)
        return self._sealed[text, place]

    def _next(self, table: str) -> int:
        return next(self._ids.setdefault(table, count(1)))

    def _add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def _flush(self) -> None:
        # In the order of their foreign keys.
        for table in metadata.sorted_tables:
            rows = self._rows.pop(table.name, [])
            for names, alike in _by_columns(rows).items():
                self._sink(table.name, names, alike)


def inserted_into(link: Any) -> Sink:
    """Store rows in SQLite."""

    def store(table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        holes = ", ".join("?" * len(names))
        statement = f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({holes})'  # noqa: S608
        link.executemany(statement, rows)

    return store


def copied_into(link: "psycopg.Connection[Any]") -> Sink:
    """Store rows in PostgreSQL."""

    def store(table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with link.cursor().copy(into) as copy:
            for row in rows:
                copy.write_row(row)

    return store


def _by_columns(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(tuple(row.values()))
    return alike


def _stored(at: datetime | None) -> str | None:
    """The instant as SQLAlchemy stores it in SQLite."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def copy_to_postgresql(source: Database, url: str) -> None:
    """Replace the content of a migrated PostgreSQL database by that of an SQLite one."""
    assert source.path
    with sqlite_module().connect(source.path) as sqlite, psycopg.connect(url) as link:
        # Neither foreign keys nor triggers, and no zone but the one SQLite's instants are in.
        link.execute("SET session_replication_role = replica; SET timezone = 'UTC'")
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            listed = sql.SQL(", ").join(map(sql.Identifier, names))
            place = sql.Identifier(table.name)
            link.execute(sql.SQL("DELETE FROM {}").format(place))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(place, listed)
            quoted = ", ".join(f'"{name}"' for name in names)
            rows = sqlite.execute(f'SELECT {quoted} FROM "{table.name}"')  # noqa: S608
            with link.cursor().copy(into) as copy:
                for row in _read(rows):
                    copy.write_row(row)
        count_on(link)


def count_on(link: "psycopg.Connection[Any]") -> None:
    """Let ids follow the copied ones, and do what the triggers would have done."""
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None:
            key = table.autoincrement_column.name
            link.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), "
                        "(SELECT coalesce(max({}), 1) FROM {}))").format(
                    sql.Literal(table.name), sql.Literal(key), sql.Identifier(key),
                    sql.Identifier(table.name),
                )
            )  # fmt: skip
    link.execute("DELETE FROM lead_text")
    link.execute(
        "INSERT INTO lead_text SELECT id, lead_text_runs(id, customer_words, other_words) FROM lead"
    )


def _read(rows: Any) -> Iterator[tuple[Any, ...]]:
    while some := rows.fetchmany(1_000):
        yield from some
