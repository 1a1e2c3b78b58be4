"""Stores, finds and counts leads; limited to what the actor may see."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert

from sales.duplicates import head_of
from sales.errors import Conflict, DuplicateLead, LeadNotFound
from sales.lead_lists.order import customer_order, source_key
from sales.leads import Lead, Stage, lead_number
from sales.people import Person
from sales.permissions import Reach, Scope
from sales.sync_meeting import worth
from sales.tasks import TaskState
from sales.text_search import search_words
from sales.unreadable import UnreadableText
from storage.database.among import among
from storage.database.encryption import Fields
from storage.database.rows import Codec, RowMapper
from storage.database.types import keep_unreadable
from storage.database.upsert import insert_into
from storage.leads.search import known_by, lead_matches, newest_with
from storage.scoping import IS_OPEN, shared_with
from storage.tables import close_change, further_contact, lead_alias, stage_interval, task
from storage.tables import lead as table

PHONE = "lead.phone"
EMAIL = "lead.email"
DOMAIN = "lead.email_domain"

CONTRACT = "lead.contract"

FURTHER = "further_contact.contact"
"""The place of the indexes of further phones and e-mails alike."""
WECHAT = "lead.wechat"
OTHERS = "lead.others"
_SEALED = ("phone", "email", "wechat", "others")
_NAMES = Codec(lambda text: frozenset(text.split()), lambda names: " ".join(sorted(names)))
LEADS = RowMapper(Lead, given=_SEALED, answers_read=_NAMES, answers_refused=_NAMES)
"""Maps leads without their contacts, which the caller supplies."""
_WINNER = select(lead_alias.c.winner_id).where(lead_alias.c.lead_id == bindparam("lead"))
_SAVE = table.update().where(table.c.id == bindparam("lead"), table.c.version == bindparam("read"))
_ENTER = stage_interval.insert()
_CHANGE = close_change.insert()
_LEAVE = stage_interval.update().where(
    stage_interval.c.lead_id == bindparam("lead"), stage_interval.c.left_at.is_(None)
)
_FEW = 300
# SQLite uses the partial index only for the literal predicate.
_DEAL = text("length(lead.payment) > 0")
_NOT_POOLED = or_(table.c.pooled_at.is_(None), table.c.owner_id.is_not(None))


def lead_from_row(row: Mapping[Any, Any], fields: Fields) -> Lead:
    """Build the lead from a row of ``select(tables.lead)``, taken with ``.mappings()``."""
    return LEADS.read(
        row,
        phone=fields.read(row["phone"], PHONE) if row["phone"] else "",
        email=fields.read(row["email"], EMAIL) if row["email"] else "",
        wechat=fields.read(row["wechat"], WECHAT) if row["wechat"] else "",
        others=others_of(fields.read(row["others"], OTHERS)) if row["others"] else (),
    )


def others_of(text: str) -> tuple[str, ...]:
    """Parse a lead's stored further contacts; an unreadable text stands for all of them."""
    return (text,) if isinstance(text, UnreadableText) else tuple(json.loads(text))


def others_text(others: Sequence[str]) -> str:
    """A lead's further contacts as they are sealed."""
    unreadable = next((one for one in others if isinstance(one, UnreadableText)), None)
    return unreadable if unreadable is not None else json.dumps(list(others))


def lead_row(lead: Lead, fields: Fields) -> dict[str, Any]:
    """Return all columns of a lead but its id."""
    row = LEADS.write(lead) | found_by(lead.customer, lead.contact, lead.need)
    row["source_key"] = source_key(lead.source)
    row["contract_index"] = fields.index(lead.contract, CONTRACT) if lead.contract else None
    row |= sealed_contacts(lead.phone, lead.email, fields)
    return row | sealed_others(lead.wechat, lead.others, fields)


def found_by(customer: str, contact: str, need: str) -> dict[str, str]:
    """Return the clear-text columns used to search and compare leads."""
    words = search_words(customer)
    return {
        "customer_words": words,
        "other_words": search_words(contact, need),
        "customer_head": head_of(words),
        "customer_order": customer_order(words),
    }


def sealed_contacts(phone: str, email: str, fields: Fields) -> dict[str, Any]:
    """Return the contact columns: encrypted values, and their blind indexes."""
    return {
        "phone": fields.keep(phone, PHONE) if phone else None,
        "phone_index": fields.index(phone, PHONE) if phone else None,
        "email": fields.keep(email, EMAIL) if email else None,
        "email_index": fields.index(email, EMAIL) if email else None,
        "email_domain_index": fields.domain_index(email, DOMAIN),
    }


def sealed_others(wechat: str, others: Sequence[str], fields: Fields) -> dict[str, Any]:
    """Return the encrypted WeChat id and further contacts; the latter's indexes are rows."""
    return {
        "wechat": fields.keep(wechat, WECHAT) if wechat else None,
        "others": fields.keep(others_text(others), OTHERS) if others else None,
    }


def further_rows(lead: Lead, fields: Fields) -> list[dict[str, Any]]:
    """Return the rows by which a lead is found by its further contacts and its WeChat id."""
    contacts = (*lead.others, lead.wechat_key)
    readable = dict.fromkeys(one for one in contacts if one and not isinstance(one, UnreadableText))
    return [{"lead_id": lead.id, "contact_index": fields.index(one, FURTHER)} for one in readable]


def _but_unreadable(row: dict[str, Any], stored: RowMapping) -> dict[str, Any]:
    """Keep values that cannot be decrypted, and everything derived from them earlier."""
    row = keep_unreadable(row, stored)
    made_of = {
        "phone": ("phone_index",),
        "email": ("email_index", "email_domain_index"),
        "contract": ("contract_index",),
        "source": ("source_key",),
        "customer": ("customer_words", "customer_head", "customer_order"),
        "contact": ("other_words",),
        "need": ("other_words",),
    }
    for name, made in made_of.items():
        same = row[name] is not None and row[name] == stored[name]
        if isinstance(row[name], UnreadableText) or (name in _SEALED and same):
            row |= {index: stored[index] for index in made}
    return row


_WHO = bindparam("scope_person", type_=Integer)
_LEADS_OF_TASKS = select(task.c.lead_id).where(
    task.c.assignee_id == _WHO,
    task.c.state != TaskState.CANCELLED.value,
)


@cache
def within(reach: Reach) -> ColumnElement[bool]:
    """The condition for leads a person sees, carried by every query of leads.

    The person is in the parameters (``whose``).
    """
    match reach:
        case "team" | "own":
            return or_(decided(reach), shared_with(_WHO))
        case "tasks":
            return table.c.id.in_(_LEADS_OF_TASKS)
        case _:
            return decided(reach)


def decided(reach: Reach) -> ColumnElement[bool]:
    """The condition for visible leads a person decides on (``sales.permissions.may_decide_on``).

    Leaves out leads that others only shared with them.
    """
    match reach:
        case "all":
            return true()
        case "team":
            return table.c.team_id == bindparam("scope_team", type_=Integer)
        case "own":
            return table.c.owner_id == _WHO
        case "tasks" | "none":
            return false()
        case _:
            assert_never(reach)


def whose(scope: Scope) -> dict[str, int]:
    """Return the parameters of ``within``."""
    return {"scope_team": scope.team_id, "scope_person": scope.person_id}


def require_seen(connection: Connection, scope: Scope, lead_id: int) -> None:
    """Check that a lead is in scope. Raises LeadNotFound for one that does not exist or is not."""
    params = {"lead": lead_id} | whose(scope)
    if connection.scalar(_seen(scope.reach), params) is None:
        raise LeadNotFound(number=lead_number(lead_id))


@cache
def _seen(reach: Reach) -> Select[Any]:
    return select(table.c.id).where(table.c.id == bindparam("lead"), within(reach))


@cache
def _one(reach: Reach, locks: bool) -> Select[Any]:
    """Select a lead; ``locks`` guards the row against saves, but not against inserting
    follow-ups."""
    query = select(table).where(table.c.id == bindparam("lead"), within(reach))
    return query.with_for_update(key_share=True) if locks else query


@cache
def _some(reach: Reach) -> Select[Any]:
    """Count the leads in scope, as far as ``few``."""
    seen = select(table.c.id).where(within(reach)).limit(bindparam("few", type_=Integer))
    return select(func.count()).select_from(seen.subquery())


@cache
def _several(reach: Reach) -> Select[Any]:
    return select(table).where(among(table.c.id, "leads"), within(reach))


@cache
def _unless_known(dialect: str) -> ReturningInsert[Any]:
    """Insert unless the contacts exist: the only values that two leads may not share."""
    return insert_into(table, dialect).on_conflict_do_nothing().returning(table.c.id)


def _other_contacts(row: Mapping[str, Any], stored: RowMapping) -> bool:
    return any(row[index] != stored[index] for index in ("phone_index", "email_index"))


@dataclass(frozen=True, slots=True)
class UnitLeads:
    """What one unit of work knows of its leads.

    ``added`` are the ids of those it stored and nobody was offered yet; ``held`` the rows it has
    read and locked, by the rights they were read with, so that saving one does not read it again.
    """

    added: set[int] = field(default_factory=set)
    held: dict[tuple[Scope, int], RowMapping] = field(default_factory=dict)


class LeadRepository:
    """Leads, limited to what one actor may see.

    ``locks`` True locks the leads this unit of work has read, so that two people who press at the
    same moment wait for each other and neither loses their work. ``unit`` is what the repositories
    of one unit of work know of its leads.
    """

    def __init__(
        self,
        connection: Connection,
        fields: Fields,
        scope: Scope,
        *,
        locks: bool,
        unit: UnitLeads,
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._scope = scope
        self._mine = within(scope.reach)
        self._locks = locks
        self._unit = unit

    def add(self, lead: Lead) -> Lead:
        """Store a lead. Raises DuplicateLead when another lead has its contacts; nothing else is
        undone."""
        insert = _unless_known(self._connection.dialect.name)
        lead_id: int | None = self._connection.scalar(insert, lead_row(lead, self._fields))
        if lead_id is None:
            raise DuplicateLead
        self._unit.added.add(lead_id)
        self._enter_stage(lead_id, lead)
        stored = replace(lead, id=lead_id)
        if further := further_rows(stored, self._fields):
            self._connection.execute(further_contact.insert(), further)
        return stored

    def get(self, lead_id: int) -> Lead:
        """Return a lead. Raises LeadNotFound, also when the actor may not see it."""
        row = self._held(lead_id) or self._held_winner(lead_id)
        if row is None:
            raise LeadNotFound(number=lead_number(lead_id))
        return lead_from_row(row, self._fields)

    def some(self, lead_ids: Collection[int]) -> Mapping[int, Lead]:
        """Return those of the leads that the actor may see, by id; for reading only."""
        params = {"leads": list(lead_ids)} | whose(self._scope)
        rows = self._connection.execute(_several(self._scope.reach), params).mappings()
        return {row["id"]: lead_from_row(row, self._fields) for row in rows}

    def save(self, lead: Lead) -> Lead:
        """Save a lead. Raises Conflict when ``lead.version`` is not the stored one.

        A changed stage closes its interval at ``lead.stage_since`` and opens the next.
        """
        stored = self._stored(lead)
        saved = replace(lead, version=lead.version + 1)
        row = _but_unreadable(lead_row(saved, self._fields), stored)
        row |= {"lead": lead.id, "read": lead.version}
        with self._own_contacts() if _other_contacts(row, stored) else nullcontext():
            if not self._connection.execute(_SAVE, row).rowcount:
                raise Conflict(number=lead.number)
        if any(row[name] != stored[name] for name in ("others", "wechat")):
            self._index_others(saved)
        if stored["expected_close"] not in (None, lead.expected_close):
            self._record_close_change(stored["expected_close"], lead)
        if stored["stage"] != lead.stage:
            self._leave_stage(lead)
            self._enter_stage(lead.id, lead)
        return saved

    def search(self, text: str, limit: int) -> list[Lead]:
        """List leads whose number, customer, contact or need contains the text, newest first."""
        if not text.strip() or self._sees_few():
            query = select(table).where(self._mine, lead_matches(text, self._fields))
            # Of few, gathers and sorts them; of all, goes from the newest on until it has enough.
            order = table.c.id + 0 if text.strip() else table.c.id
            return self._all(query.order_by(order.desc()).limit(limit))
        found = self._all(newest_with(text).where(self._mine).limit(limit))
        known = known_by(text, self._fields)
        if known is not None:
            found += self._all(select(table).where(self._mine, known).limit(limit))
        leads = {lead.id: lead for lead in found}
        return sorted(leads.values(), key=lambda lead: -lead.id)[:limit]

    def _sees_few(self) -> bool:
        """Whether looking through all leads that the actor sees is less work than looking for
        theirs among the matches of the whole company."""
        if self._scope.reach == "all":
            return False
        params = whose(self._scope) | {"few": _FEW}
        return int(self._connection.execute(_some(self._scope.reach), params).scalar_one()) < _FEW

    def most_urgent(self, matching: str, limit: int) -> list[Lead]:
        """List open leads, earliest next step first, then newest; ``matching`` as in search."""
        query = select(table).where(
            self._mine, IS_OPEN, _NOT_POOLED, lead_matches(matching, self._fields)
        )
        return self._all(
            query.order_by(table.c.next_at.asc().nulls_last(), table.c.id.desc()).limit(limit)
        )

    def last_deal(self) -> Lead | None:
        """Find the most recently signed customer with known payment terms."""
        query = select(table).where(self._mine, _DEAL, table.c.closed_at.is_not(None))
        return next(iter(self._all(query.order_by(table.c.closed_at.desc()).limit(1))), None)

    def any(self) -> bool:
        """Whether there is any lead, open or closed."""
        query = select(select(table.c.id).where(self._mine).exists())
        return bool(self._connection.execute(query, whose(self._scope)).scalar_one())

    def open_of(self, person_id: int) -> int:
        """Count the open leads a person owns."""
        query = select(func.count()).where(self._mine, IS_OPEN, table.c.owner_id == person_id)
        return self._connection.execute(query, whose(self._scope)).scalar_one()

    def open_counts(self) -> Mapping[int, int]:
        """Count the open leads each person owns, by person id; people with none are left out."""
        owned = (self._mine, IS_OPEN, table.c.owner_id.is_not(None))
        query = select(table.c.owner_id, func.count()).where(*owned).group_by(table.c.owner_id)
        counted = self._connection.execute(query, whose(self._scope))
        return {person_id: int(count) for person_id, count in counted}

    def held_by(self, person_id: int) -> list[Lead]:
        """List a person's leads that need an owner: open ones, earliest next step first, then
        customers."""
        query = select(table).where(
            self._mine, table.c.owner_id == person_id, table.c.stage != Stage.LOST.value
        )
        return self._all(
            query.order_by(
                case((IS_OPEN, 0), else_=1), table.c.next_at.asc().nulls_last(), table.c.id.desc()
            )
        )

    def follow(self, person: Person) -> None:
        """Move a person's open leads to their present team."""
        theirs = (self._mine, IS_OPEN, table.c.owner_id == person.id)
        moved = table.update().where(*theirs, table.c.team_id != person.team_id)
        new = {"team_id": person.team_id, "version": table.c.version + 1}
        self._connection.execute(moved.values(new), whose(self._scope))

    def _all(self, query: Select[Any]) -> list[Lead]:
        rows = self._connection.execute(query, whose(self._scope)).mappings()
        return [lead_from_row(row, self._fields) for row in rows]

    def _held(self, lead_id: int) -> RowMapping | None:
        query = _one(self._scope.reach, self._locks)
        params = {"lead": lead_id} | whose(self._scope)
        row = self._connection.execute(query, params).mappings().one_or_none()
        if row is not None and self._locks:
            self._unit.held[self._scope, lead_id] = row
        return row

    def _stored(self, lead: Lead) -> RowMapping:
        """Return the lead's row as stored, which is locked if this unit of work writes. Raises
        LeadNotFound, and Conflict when the lead was not made from it."""
        stored = self._unit.held.pop((self._scope, lead.id), None)
        if stored is None or stored["version"] != lead.version:
            stored = self._held(lead.id)
        if stored is None:
            raise LeadNotFound(number=lead.number)
        if stored["version"] != lead.version:
            raise Conflict(number=lead.number)
        return stored

    def _held_winner(self, lead_id: int) -> RowMapping | None:
        """Find the lead that this one was merged into."""
        winner = self._connection.scalar(_WINNER, {"lead": lead_id})
        return None if winner is None else self._held(winner)

    @contextmanager
    def _own_contacts(self) -> Iterator[None]:
        """Keep the unit of work usable when another lead turns out to have the contacts."""
        try:
            with self._connection.begin_nested():
                yield
        except IntegrityError as error:
            if "phone_index" in str(error.orig) or "email_index" in str(error.orig):
                raise DuplicateLead from error
            raise

    def _index_others(self, lead: Lead) -> None:
        if any(isinstance(one, UnreadableText) for one in (*lead.others, lead.wechat)):
            return
        gone = further_contact.delete().where(further_contact.c.lead_id == lead.id)
        self._connection.execute(gone)
        if rows := further_rows(lead, self._fields):
            self._connection.execute(further_contact.insert(), rows)

    def _record_close_change(self, before: date, lead: Lead) -> None:
        """Record that the day on which a deal is expected moved: slippage is made of it."""
        row = {
            "lead_id": lead.id,
            "team_id": lead.team_id,
            "owner_id": lead.owner_id,
            "from_day": before,
            "to_day": lead.expected_close,
            "worth": worth(lead) or 0,
            "changed_by": lead.expected_by,
            "changed_at": lead.expected_at or lead.stage_since,
        }
        self._connection.execute(_CHANGE, row)

    def _leave_stage(self, lead: Lead) -> None:
        self._connection.execute(_LEAVE, {"lead": lead.id, "left_at": lead.stage_since})

    def _enter_stage(self, lead_id: int, lead: Lead) -> None:
        self._connection.execute(
            _ENTER,
            {"lead_id": lead_id, "stage": lead.stage.value, "entered_at": lead.stage_since},
        )
