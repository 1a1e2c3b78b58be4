"""The audit log: who did what. Append-only: the database refuses any other change.

Each entry carries a mark, a keyed hash, and is sealed into a hash chain within a minute or so
(``storage.audit.seals``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text

from sales.audit_chain import AuditEntry
from sales.contact_alerts import Reveal
from sales.history import RecordedAct
from sales.people import Person
from storage.audit.seals import AuditHead, entry_of, head_of, mark_of
from storage.database.encryption import Fields
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.tables import alert
from storage.tables import audit as table

_ACTS = RowMapper(RecordedAct)
_ADD = table.insert()
# SQLite uses the partial index only for the literal predicate.
_IS_REVEAL = text("audit.act = 'contact.reveal'")
_COUNT = select(func.count()).where(
    _IS_REVEAL,
    table.c.actor_id == bindparam("person"),
    table.c.at > bindparam("since", type_=Instant),
)
_TOLD = select(table.c.detail).where(
    table.c.subject == bindparam("subject"),
    table.c.act == "customer.known",
    table.c.actor_id == bindparam("person"),
    table.c.at > bindparam("since", type_=Instant),
)
_OF_PEOPLE = (
    select(table)
    .where(_IS_REVEAL, table.c.actor_id.in_(bindparam("people", expanding=True)))
    .order_by(table.c.at.desc(), table.c.id.desc())
)

_OF_SUBJECT = (
    select(table)
    .where(
        table.c.subject == bindparam("subject"),
        table.c.act.in_(bindparam("acts", expanding=True)),
    )
    .order_by(table.c.at.desc(), table.c.id.desc())
)
_BREAK = select(alert.c.params).where(alert.c.id == "audit_broken", alert.c.over_at.is_(None))
_PAGE: Final = 1000
RESTORED: Final = "backup.restore"
"""Recorded in a restored database by the command that restores it."""
RESUMED: Final = "backup.resume"
"""Recorded by the first process that runs on a restored database."""
_NEWEST_ID = select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
_LATEST_RESTORE = (
    select(table.c.act)
    .where(table.c.id > _NEWEST_ID - _PAGE, table.c.act.in_((RESTORED, RESUMED)))
    .order_by(table.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries are listed: about a ``subject``, by an ``actor_id``, not before ``since``; the
    newest ``limit`` of them. Empty, None and 0 stand for no limit."""

    subject: str = ""
    actor_id: int | None = None
    since: datetime | None = None
    limit: int = 0

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what a row has to meet, whatever its place in the log."""
        found: list[ColumnElement[bool]] = []
        if self.subject:
            found.append(table.c.subject == self.subject)
        if self.actor_id is not None:
            found.append(table.c.actor_id == self.actor_id)
        if self.since is not None:
            found.append(table.c.at >= self.since)
        return found


class AuditLog:
    """Appends to and reads the audit log. ``now`` is when the unit of work began."""

    def __init__(self, connection: Connection, fields: Fields, now: datetime) -> None:
        self._connection = connection
        self._fields = fields
        self._now = now

    def record(self, actor: Person, act: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append an action; ``detail`` holds field names and reasons, never contacts."""
        entry = AuditEntry(0, self._now, actor.id, act, subject, dict(detail))
        self._connection.execute(
            _ADD,
            {
                "at": self._now,
                "actor_id": actor.id,
                "act": act,
                "subject": subject,
                "detail": entry.detail,
                "mark": mark_of(entry, self._fields),
            },
        )

    def resume(self, actor: Person) -> None:
        """Record that a process runs on a restored database, unless one did before: what it was
        restored over was in use until now."""
        # Nothing but repeated erasures is recorded in between: the newest entries will do.
        if self._connection.scalar(_LATEST_RESTORE) == RESTORED:
            self.record(actor, RESUMED, "database", {})

    def head(self) -> AuditHead:
        """Return the newest sealed point of the chain, as a backup's manifest records it."""
        return head_of(self._connection)

    def known_break(self) -> Mapping[str, str] | None:
        """Return the params of ``health.audit_broken`` while the admins are being told of it."""
        params: Mapping[str, str] | None = self._connection.scalar(_BREAK)
        return params

    def trail(self, query: AuditQuery) -> Iterator[AuditEntry]:
        """Yield entries, oldest first, a page at a time.

        Covers every actor and lead: only for whoever runs the machine.
        """
        conditions = query.conditions()
        after = None
        if query.limit:
            before = select(table.c.id).where(*conditions).order_by(table.c.id.desc())
            after = self._connection.scalar(before.offset(query.limit).limit(1))
        while True:
            here = conditions if after is None else [*conditions, table.c.id > after]
            page = select(table).where(*here).order_by(table.c.id).limit(_PAGE)
            rows = self._connection.execute(page).all()
            yield from map(entry_of, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1].id

    def count(self, query: AuditQuery) -> int:
        """Count the entries, more than ``limit`` as well."""
        matching = select(func.count()).select_from(table).where(*query.conditions())
        return self._connection.execute(matching).scalar_one()

    def of(self, subject: str, acts: Sequence[str], limit: int) -> list[RecordedAct]:
        """List these acts on a subject, newest first. Covers every actor: the caller checks who may
        know about the subject."""
        params = {"subject": subject, "acts": list(acts)}
        rows = self._connection.execute(_OF_SUBJECT.limit(limit), params).mappings()
        return [_ACTS.read(row) for row in rows]

    def reveals_since(self, person_id: int, moment: datetime) -> int:
        """Count how often a person looked up contacts."""
        params = {"person": person_id, "since": moment}
        return self._connection.execute(_COUNT, params).scalar_one()

    def told_since(self, person_id: int, moment: datetime) -> int:
        """Count the customers of colleagues about whom a person learned that somebody has them."""
        details = self._connection.execute(
            _TOLD, {"subject": f"person:{person_id}", "person": person_id, "since": moment}
        )
        return sum(int(detail["n"]) for detail in details.scalars())

    def reveals(self, people: Sequence[int], limit: int) -> list[Reveal]:
        """List the contacts these people looked up, newest first."""
        rows = self._connection.execute(_OF_PEOPLE.limit(limit), {"people": list(people)})
        return [
            Reveal(row.at, row.actor_id, row.subject, row.detail.get("reason", "")) for row in rows
        ]
