"""The leads of one import: inserted, compared and undone in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from sales.duplicates import head_of
from sales.imports.drafts import RowDraft
from sales.leads import OPEN_STAGES, Lead, Stage
from sales.people import Person
from sales.permissions import scope_of
from sales.text_search import search_words
from storage.database.encryption import Fields
from storage.database.upsert import insert_into
from storage.leads.repository import (
    DOMAIN,
    EMAIL,
    FURTHER,
    PHONE,
    further_rows,
    lead_row,
    whose,
    within,
)
from storage.tables import (
    audit,
    clock,
    further_contact,
    import_claim,
    imported,
    lead,
    metadata,
    pool_stay,
    posting,
    stage_interval,
    work,
)

# What an import itself creates beside a lead. Claiming one from the pool changes the lead.
_OWN = {clock, further_contact, imported, pool_stay, stage_interval}
_SUBJECT = literal("lead:") + cast(lead.c.id, String)


def _references() -> Iterator[ColumnElement[bool]]:
    """Yield a condition per table that refers to leads, so that later tables are not forgotten."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is lead.c.id and table not in _OWN:
                yield exists().where(key.parent == lead.c.id)


WHY_KEPT: ColumnElement[str] = case(
    (lead.c.version > 0, "changed"),
    (or_(*_references()), "worked_on"),
    (exists().where(audit.c.subject == _SUBJECT), "looked_up"),
    (exists().where(posting.c.subject == _SUBJECT), "told_of"),
    else_="",
)
"""Why a lead stays when its import is undone (``import.kept_<why>``); "" when it can be removed."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A page of an undo.

    Rows up to ``last`` were processed; ``kept`` maps rows that stay to the reason
    (``import.kept_<why>``).
    """

    last: int = 0
    removed: int = 0
    kept: Mapping[int, str] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        return self.removed + len(self.kept)


_ADD: Final = lead.insert().returning(lead.c.id, sort_by_parameter_order=True)
_SEQUENCE: Final = func.pg_get_serial_sequence(lead.name, lead.c.id.name)
_NEXT_IDS: Final = select(func.nextval(_SEQUENCE)).select_from(
    func.generate_series(1, bindparam("count", type_=Integer))
)
_AT_ONCE: Final = 400
"""Values of one IN list: SQLite takes 32,766 in a statement, and short lists plan faster."""


class ImportedLeadRepository:
    """``sales.ports.ImportedLeads`` of one import."""

    def __init__(self, connection: Connection, fields: Fields, job_id: int) -> None:
        self._connection = connection
        self._fields = fields
        self._job_id = job_id

    def add(self, drafts: Sequence[RowDraft]) -> list[Lead]:
        """Store the leads of drafts with their source rows and the history of their stages."""
        known = [(draft, draft.lead) for draft in drafts if draft.lead is not None]
        if not known:
            return []
        ids = self._stored([lead_row(new_lead, self._fields) for _, new_lead in known])
        stored = [replace(new_lead, id=new) for (_, new_lead), new in zip(known, ids, strict=True)]
        intervals = [
            interval
            for (draft, _), new_lead in zip(known, stored, strict=True)
            for interval in _intervals(new_lead, dated=draft.dated)
        ]
        self._connection.execute(stage_interval.insert(), intervals)
        origins = [
            {
                "lead_id": new_lead.id,
                "job_id": self._job_id,
                "row": draft.row,
                "owner": draft.owner if new_lead.owner_id is None or not draft.creates else "",
                "dated": draft.dated,
            }
            for (draft, _), new_lead in zip(known, stored, strict=True)
        ]
        self._connection.execute(imported.insert(), origins)
        if further := [row for new_lead in stored for row in further_rows(new_lead, self._fields)]:
            self._connection.execute(further_contact.insert(), further)
        return stored

    def _stored(self, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
        """Insert rows and return their ids in order.

        PostgreSQL takes many times as long for one statement of all rows, which returns their ids,
        as for a prepared one of each row.
        """
        if self._connection.dialect.name == "sqlite":
            return self._connection.execute(_ADD, rows).scalars().all()
        ids = self._connection.scalars(_NEXT_IDS, {"count": len(rows)}).all()
        numbered = [row | {"id": new} for row, new in zip(rows, ids, strict=True)]
        self._connection.execute(lead.insert(), numbered)
        return ids

    def known(self, contacts: Sequence[str]) -> set[str]:
        """Return those phones and e-mails that a lead from outside this import has."""
        contacts_elsewhere = set()
        for column, place, some in self._by_column(contacts):
            indexes = {self._fields.index(contact, place): contact for contact in some}
            query = select(column).where(column.in_(indexes), self._not_ours())
            contacts_elsewhere |= {indexes[index] for index in self._connection.scalars(query)}
        return contacts_elsewhere | self._known_as_further(contacts)

    def _known_as_further(self, contacts: Sequence[str]) -> set[str]:
        found = set()
        for some in _portions(contacts):
            indexes = {self._fields.index(contact, FURTHER): contact for contact in some}
            query = (
                select(further_contact.c.contact_index)
                .join(lead, lead.c.id == further_contact.c.lead_id)
                .where(further_contact.c.contact_index.in_(indexes), self._not_ours())
            )
            found |= {indexes[index] for index in self._connection.scalars(query)}
        return found

    def others(self, contacts: Sequence[str], actor: Person) -> int:
        """Count leads with one of the contacts that the actor may not see."""
        scope, lead_ids = scope_of(actor), set[int]()
        hidden = not_(within(scope.reach))
        for column, place, some in self._by_column(contacts):
            indexes = {self._fields.index(contact, place) for contact in some}
            query = select(lead.c.id).where(column.in_(indexes), self._not_ours(), hidden)
            lead_ids.update(self._connection.scalars(query, whose(scope)))
        for portion in _portions(contacts):
            indexes = {self._fields.index(contact, FURTHER) for contact in portion}
            query = (
                select(lead.c.id)
                .join(further_contact, further_contact.c.lead_id == lead.c.id)
                .where(further_contact.c.contact_index.in_(indexes), self._not_ours(), hidden)
            )
            lead_ids.update(self._connection.scalars(query, whose(scope)))
        return len(lead_ids)

    def namesakes(self, leads: Sequence[Lead]) -> Mapping[int, tuple[str, ...]]:
        """Map each lead's position to customers with a similar name or the same e-mail domain.

        A similar name begins alike; leads of this import are left out.
        """
        domains = [self._fields.domain_index(new_lead.email, DOMAIN) for new_lead in leads]
        heads = [head_of(search_words(new_lead.customer)) for new_lead in leads]
        by_domain = self._names(lead.c.email_domain_index, {value for value in domains if value})
        by_head = self._names(lead.c.customer_head, {value for value in heads if value})
        return {
            place: tuple({*by_domain.get(domain or "", ()), *by_head.get(head, ())})
            for place, (domain, head) in enumerate(zip(domains, heads, strict=True))
        }

    def claimed(self, contacts: Sequence[str]) -> set[str]:
        """Return those contacts that an earlier row of this run has claimed."""
        indexes = self._claims(contacts)
        claimed_contacts = set()
        for some in _portions(list(indexes)):
            query = select(import_claim.c.contact).where(
                import_claim.c.job_id == self._job_id, import_claim.c.contact.in_(some)
            )
            claimed_contacts |= {indexes[index] for index in self._connection.scalars(query)}
        return claimed_contacts

    def claim(self, contacts: Sequence[str]) -> None:
        rows = [{"job_id": self._job_id, "contact": index} for index in self._claims(contacts)]
        if rows:
            insert = insert_into(import_claim, self._connection.dialect.name)
            self._connection.execute(insert.on_conflict_do_nothing(), rows)

    def forget_claims(self) -> None:
        mine = import_claim.c.job_id == self._job_id
        self._connection.execute(import_claim.delete().where(mine))

    def numbers(self) -> tuple[int, int, int]:
        """Return the first and last id of the remaining leads, and their number."""
        ids = imported.c.lead_id
        query = select(func.min(ids), func.max(ids), func.count()).where(
            imported.c.job_id == self._job_id
        )
        first, last, count = self._connection.execute(query).one()
        return first or 0, last or 0, count

    def owners(self) -> Mapping[int, int]:
        """Count this import's leads by their present owner's id."""
        query = (
            select(lead.c.owner_id, func.count())
            .join(imported, imported.c.lead_id == lead.c.id)
            .where(imported.c.job_id == self._job_id, lead.c.owner_id.is_not(None))
            .group_by(lead.c.owner_id)
        )
        return {owner: int(count) for owner, count in self._connection.execute(query)}

    def pooled(self) -> int:
        """Count this import's leads that are in the public pool now."""
        query = (
            select(func.count())
            .select_from(imported.join(lead, lead.c.id == imported.c.lead_id))
            .where(
                imported.c.job_id == self._job_id,
                lead.c.owner_id.is_(None),
                lead.c.pooled_at.is_not(None),
            )
        )
        return self._connection.execute(query).scalar_one()

    def words_in_use(self, column: str, keys: Sequence[str]) -> set[str]:
        """Return those keys of a vocabulary that any lead's ``column`` holds."""
        query = select(lead.c[column]).where(lead.c[column].in_(keys)).distinct()
        return set(self._connection.scalars(query))

    def rows(self) -> set[int]:
        """Return the rows that became leads."""
        query = select(imported.c.row).where(imported.c.job_id == self._job_id)
        return set(self._connection.scalars(query))

    def take_back(self, after: int, limit: int) -> TakenBack:
        """Remove the next leads whose row is above ``after`` and that nobody has changed."""
        query = (
            select(imported.c.row, lead.c.id, WHY_KEPT.label("why"))
            .join(lead, lead.c.id == imported.c.lead_id)
            .where(imported.c.job_id == self._job_id, imported.c.row > after)
            .order_by(imported.c.row)
            .limit(limit)
            .with_for_update(of=lead)
        )
        rows = self._connection.execute(query).all()
        if not rows:
            return TakenBack()
        gone = [row.id for row in rows if row.why == ""]
        for ids in _portions(gone):
            self._remove(ids)
        kept = {row.row: row.why for row in rows if row.why}
        return TakenBack(rows[-1].row, len(gone), kept)

    def _remove(self, ids: Sequence[int]) -> None:
        clocks = select(cast(clock.c.id, String)).where(clock.c.lead_id.in_(ids))
        planned = or_(
            (work.c.kind == "revival") & work.c.subject.in_([str(one) for one in ids]),
            (work.c.kind == "clock") & work.c.subject.in_(clocks),
        )
        self._connection.execute(work.delete().where(planned, work.c.done_at.is_(None)))
        for table in (clock, further_contact, pool_stay, stage_interval, imported):
            self._connection.execute(table.delete().where(table.c.lead_id.in_(ids)))
        self._connection.execute(lead.delete().where(lead.c.id.in_(ids)))

    def _names(self, column: ColumnElement[Any], values: set[str]) -> dict[str, set[str]]:
        names: dict[str, set[str]] = defaultdict(set)
        for some in _portions(sorted(values)):
            query = select(column, lead.c.customer).where(column.in_(some), self._not_ours())
            for value, customer in self._connection.execute(query):
                names[value].add(customer)
        return names

    def _by_column(self, contacts: Iterable[str]) -> Iterator[tuple[Any, str, list[str]]]:
        emails = [contact for contact in contacts if "@" in contact]
        phones = [contact for contact in contacts if "@" not in contact]
        for some in _portions(phones):
            yield lead.c.phone_index, PHONE, list(some)
        for some in _portions(emails):
            yield lead.c.email_index, EMAIL, list(some)

    def _claims(self, contacts: Iterable[str]) -> dict[str, str]:
        return {
            self._fields.index(contact, EMAIL if "@" in contact else PHONE): contact
            for contact in contacts
        }

    def _not_ours(self) -> ColumnElement[bool]:
        ours = exists().where(imported.c.lead_id == lead.c.id, imported.c.job_id == self._job_id)
        return ~ours


_LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Before every report: when a deal was closed of which the file gives no day."""


def _intervals(imported: Lead, *, dated: bool) -> Iterator[dict[str, Any]]:
    """Yield the stage intervals of a lead.

    Nothing is known of a closed deal between its first day and its last: it counts as screened all
    that time, won or lost, so that a win rate is of both alike. Of one without a first day, nothing
    before its end is known at all.
    """
    row = {"lead_id": imported.id, "stage": imported.stage.value, "left_at": None}
    if imported.stage in OPEN_STAGES:
        yield row | {"entered_at": imported.created_at}
        return
    ended = imported.closed_at or _LONG_AGO
    if dated:
        yield row | {
            "stage": Stage.SCREENED.value,
            "entered_at": imported.created_at,
            "left_at": ended,
        }
    yield row | {"entered_at": ended}


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
