"""Proposals with their links and visits, of the leads an actor may see and of no others."""

import json
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from sales.errors import Conflict, ProposalNotFound
from sales.leads import lead_number
from sales.permissions import Reach, Scope
from sales.proposal_views import Visit
from sales.proposals import Case, Link, Offering, Proposal, ProposalState, Solution
from sales.quotes import Edition, Line, Quote
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.upsert import insert_into
from storage.leads.repository import require_seen, whose, within
from storage.tables import lead, proposal_link, proposal_visit
from storage.tables import proposal as table


def offering_to_text(offering: Offering) -> str:
    return json.dumps(asdict(offering), ensure_ascii=False, default=str)


def offering_from_text(text: str) -> Offering:
    known: dict[str, Any] = json.loads(text)
    recommended = known["recommended"]
    return Offering(
        opening=known["opening"],
        solutions=tuple(Solution(**one) for one in known["solutions"]),
        quote=_quote(known["quote"]),
        recommended=Edition(recommended) if recommended else None,
        cases=tuple(Case(**one) for one in known["cases"]),
        terms=known["terms"],
        valid_until=date.fromisoformat(known["valid_until"]),
    )


def _quote(known: dict[str, Any]) -> Quote:
    return Quote(
        lines=tuple(_line(one) for one in known["lines"]), discount=Decimal(known["discount"])
    )


def _line(known: dict[str, Any]) -> Line:
    prices = {
        edition.value: None if known[edition.value] is None else Decimal(known[edition.value])
        for edition in Edition
    }
    return Line(**known | prices)


OFFERING = "proposal.offering"
_PLAIN = (
    "lead_id", "number", "locale", "written_by", "written_at", "sent_by", "sent_at", "revoked_at",
    "version",
)  # fmt: skip
_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)
_ADD_LINK = proposal_link.insert().returning(proposal_link.c.id)


class ProposalRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, fields: Fields, scope: Scope) -> None:
        self._connection = connection
        self._fields = fields
        self._scope = scope

    def add(self, proposal: Proposal) -> Proposal:
        """Raises LeadNotFound for a lead the actor may not see."""
        require_seen(self._connection, self._scope, proposal.lead_id)
        return replace(
            proposal, id=self._connection.execute(_ADD, self._row(proposal)).scalar_one()
        )

    def get(self, proposal_id: int) -> Proposal:
        """Raises ProposalNotFound."""
        found = self._all(_one(self._scope.reach), proposal_id)
        if not found:
            raise ProposalNotFound
        return found[0]

    def save(self, proposal: Proposal) -> Proposal:
        """Raises Conflict when somebody saved it in between."""
        before = self.get(proposal.id).offering
        saved = replace(proposal, version=proposal.version + 1)
        if isinstance(before.opening, UnreadableText) and saved.offering.opening == before.opening:
            saved = replace(saved, offering=before)
        known = {"wanted": proposal.id, "known_version": proposal.version}
        if self._connection.execute(_SAVE, self._row(saved) | known).rowcount == 0:
            raise Conflict(number=lead_number(proposal.lead_id))
        return saved

    def of_lead(self, lead_id: int) -> list[Proposal]:
        """Newest first."""
        return self._all(_of_lead(self._scope.reach), lead_id)

    def add_link(self, link: Link) -> Link:
        self.get(link.proposal_id)
        row = {name: value for name, value in asdict(link).items() if name != "id"}
        return replace(link, id=self._connection.execute(_ADD_LINK, row).scalar_one())

    def link(self, token_hash: str) -> Link | None:
        query = _links(self._scope.reach).where(proposal_link.c.token_hash == bindparam("wanted"))
        rows = self._connection.execute(query, {"wanted": token_hash} | whose(self._scope))
        return next((Link(**row) for row in rows.mappings()), None)

    def links(self, proposal_id: int) -> list[Link]:
        """Those for the customer, newest first."""
        of_proposal = proposal_link.c.proposal_id == bindparam("wanted")
        query = _links(self._scope.reach).where(of_proposal, proposal_link.c.preview.is_(False))
        known = {"wanted": proposal_id} | whose(self._scope)
        rows = self._connection.execute(query.order_by(proposal_link.c.id.desc()), known)
        return [Link(**row) for row in rows.mappings()]

    def close_links(self, proposal_id: int, now: datetime) -> None:
        """All that lead to it lead nowhere from now on."""
        self.get(proposal_id)
        still_open = (
            proposal_link.c.proposal_id == proposal_id,
            proposal_link.c.expires_at > now,
        )
        self._connection.execute(proposal_link.update().where(*still_open).values(expires_at=now))

    def close_previews(self, lead_id: int, now: datetime) -> None:
        """Links of a lead's proposals that were made for colleagues show nothing from now on."""
        require_seen(self._connection, self._scope, lead_id)
        of_lead = select(table.c.id).where(table.c.lead_id == lead_id)
        still_open = (
            proposal_link.c.proposal_id.in_(of_lead),
            proposal_link.c.preview.is_(True),
            proposal_link.c.expires_at > now,
        )
        self._connection.execute(proposal_link.update().where(*still_open).values(expires_at=now))

    def see(self, visit: Visit) -> bool:
        """Keep a visit, or how long one that is kept has lasted by now; False when it was
        kept before."""
        self.get(visit.proposal_id)
        insert = insert_into(proposal_visit, self._connection.dialect.name)
        fresh = insert.on_conflict_do_nothing(index_elements=["key"])
        if self._connection.execute(fresh, asdict(visit)).rowcount:
            return True
        longer = proposal_visit.update().where(
            proposal_visit.c.key == visit.key,
            proposal_visit.c.proposal_id == visit.proposal_id,
            proposal_visit.c.seconds < visit.seconds,
        )
        self._connection.execute(longer.values(seconds=visit.seconds))
        return False

    def visits(self, lead_id: int) -> list[Visit]:
        """Of all proposals of a lead, oldest first."""
        known = {"wanted": lead_id} | whose(self._scope)
        rows = self._connection.execute(_visits(self._scope.reach), known)
        return [Visit(**row) for row in rows.mappings()]

    def _all(self, query: Select[Any], wanted: int) -> list[Proposal]:
        rows = self._connection.execute(query, {"wanted": wanted} | whose(self._scope))
        return [self._proposal(row) for row in rows.mappings()]

    def _proposal(self, row: RowMapping) -> Proposal:
        known: dict[str, Any] = {name: row[name] for name in ("id", *_PLAIN)}
        text = self._fields.read(row["offering"], OFFERING)
        if isinstance(text, UnreadableText):
            offering = Offering(opening=text, valid_until=row["written_at"].date())
        else:
            offering = offering_from_text(text)
        return Proposal(state=ProposalState(row["state"]), offering=offering, **known)

    def _row(self, proposal: Proposal) -> dict[str, Any]:
        row: dict[str, Any] = {name: getattr(proposal, name) for name in _PLAIN}
        opening = proposal.offering.opening
        if isinstance(opening, UnreadableText):
            sealed = opening.sealed
        else:
            sealed = self._fields.seal(offering_to_text(proposal.offering), OFFERING)
        return row | {"state": proposal.state.value, "offering": sealed}


@cache
def _visible(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _one(reach: Reach) -> Select[Any]:
    return _visible(reach).where(table.c.id == bindparam("wanted"))


@cache
def _of_lead(reach: Reach) -> Select[Any]:
    query = _visible(reach).where(table.c.lead_id == bindparam("wanted"))
    return query.order_by(table.c.number.desc())


@cache
def _links(reach: Reach) -> Select[Any]:
    query = select(proposal_link).join(table, table.c.id == proposal_link.c.proposal_id)
    return query.join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _visits(reach: Reach) -> Select[Any]:
    columns = (c for c in proposal_visit.c if c.name != "id")
    query = select(*columns).join(table, table.c.id == proposal_visit.c.proposal_id)
    query = query.join(lead, lead.c.id == table.c.lead_id)
    query = query.where(within(reach), table.c.lead_id == bindparam("wanted"))
    return query.order_by(proposal_visit.c.at, proposal_visit.c.id)
