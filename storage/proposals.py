"""Proposals with their links and visits; limited to leads the actor may see."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from sales.errors import ProposalNotFound
from sales.permissions import Reach
from sales.proposal_views import Visit
from sales.proposals import (
    Case,
    CustomerReply,
    Link,
    MailState,
    Offering,
    Proposal,
    ProposalMail,
    Solution,
)
from sales.quotes import Edition, Line, Quote
from sales.unreadable import UnreadableText
from storage.database.rows import Codec, RowMapper
from storage.database.upsert import insert_into
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import require_seen, whose
from storage.tables import proposal as table
from storage.tables import proposal_link, proposal_mail, proposal_reply, proposal_visit


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


def _quote(stored: dict[str, Any]) -> Quote:
    return Quote(
        lines=tuple(_line(one) for one in stored["lines"]), discount=Decimal(stored["discount"])
    )


def _line(stored: dict[str, Any]) -> Line:
    prices = {
        edition.value: None if stored[edition.value] is None else Decimal(stored[edition.value])
        for edition in Edition
    }
    return Line(**stored | prices)


def _read_offering(text: str) -> Offering:
    if isinstance(text, UnreadableText):
        return Offering(opening=text, valid_until=date.min)
    return offering_from_text(text)


def _write_offering(offering: Offering) -> str:
    """Encode an offering; one that could not be decrypted stays encrypted."""
    opening = offering.opening
    return opening if isinstance(opening, UnreadableText) else offering_to_text(offering)


class _Proposals(RowMapper[Proposal]):
    """Maps proposals. One that cannot be decrypted is taken as valid for a day, since its validity
    is unknown."""

    def read(self, row: Mapping[Any, Any], **given: Any) -> Proposal:
        proposal = super().read(row, **given)
        if not isinstance(proposal.offering.opening, UnreadableText):
            return proposal
        offering = replace(proposal.offering, valid_until=proposal.written_at.date())
        return replace(proposal, offering=offering)


_LINKS = RowMapper(Link)
_VISITS = RowMapper(Visit)
_REPLIES = RowMapper(CustomerReply)
_MAILS = RowMapper(ProposalMail)
_ADD_MAIL = proposal_mail.insert().returning(proposal_mail.c.id)
_OPEN = (MailState.WAITING.value, MailState.SENDING.value)
_ADD_LINK = proposal_link.insert().returning(proposal_link.c.id)


class ProposalRepository(EditableLeadScoped[Proposal]):
    """Proposals; a lead's newest comes first."""

    table = table
    rows = _Proposals(Proposal, offering=Codec(_read_offering, _write_offering))
    order = (table.c.number.desc(),)
    not_found = ProposalNotFound

    def save(self, record: Proposal) -> Proposal:
        """Save a proposal. Raises Conflict when somebody saved it in between."""
        before = self.get(record.id).offering
        if isinstance(before.opening, UnreadableText) and record.offering.opening == before.opening:
            record = replace(record, offering=before)
        return super().save(record)

    def add_link(self, link: Link) -> Link:
        self.get(link.proposal_id)
        added = self._connection.execute(_ADD_LINK, _LINKS.write(link))
        return replace(link, id=added.scalar_one())

    def link(self, token_hash: str) -> Link | None:
        query = _links(self._scope.reach).where(proposal_link.c.token_hash == bindparam("wanted"))
        rows = self._connection.execute(query, {"wanted": token_hash} | whose(self._scope))
        return next((_LINKS.read(row) for row in rows.mappings()), None)

    def links(self, proposal_id: int) -> list[Link]:
        """List the links made for the customer, newest first."""
        of_proposal = proposal_link.c.proposal_id == bindparam("wanted")
        query = _links(self._scope.reach).where(of_proposal, proposal_link.c.preview.is_(False))
        params = {"wanted": proposal_id} | whose(self._scope)
        rows = self._connection.execute(query.order_by(proposal_link.c.id.desc()), params)
        return [_LINKS.read(row) for row in rows.mappings()]

    def close_links(self, proposal_id: int, now: datetime) -> None:
        """Disable all links to a proposal."""
        self.get(proposal_id)
        still_open = (
            proposal_link.c.proposal_id == proposal_id,
            proposal_link.c.expires_at > now,
        )
        self._connection.execute(proposal_link.update().where(*still_open).values(expires_at=now))

    def close_previews(self, lead_id: int, now: datetime) -> None:
        """Disable the preview links to a lead's proposals that were made for colleagues."""
        require_seen(self._connection, self._scope, lead_id)
        of_lead = select(table.c.id).where(table.c.lead_id == lead_id)
        still_open = (
            proposal_link.c.proposal_id.in_(of_lead),
            proposal_link.c.preview.is_(True),
            proposal_link.c.expires_at > now,
        )
        self._connection.execute(proposal_link.update().where(*still_open).values(expires_at=now))

    def see(self, visit: Visit) -> bool:
        """Record a visit, or update how long a recorded one lasted; False when it was recorded
        before."""
        self.get(visit.proposal_id)
        insert = insert_into(proposal_visit, self._connection.dialect.name)
        fresh = insert.on_conflict_do_nothing(index_elements=["key"])
        if self._connection.execute(fresh, _VISITS.write(visit)).rowcount:
            return True
        longer = proposal_visit.update().where(
            proposal_visit.c.key == visit.key,
            proposal_visit.c.proposal_id == visit.proposal_id,
            proposal_visit.c.seconds < visit.seconds,
        )
        self._connection.execute(longer.values(seconds=visit.seconds))
        return False

    def add_mail(self, mail: ProposalMail) -> ProposalMail:
        """Store a mail, which is sent after the unit of work is committed."""
        self.get(mail.proposal_id)
        added = self._connection.execute(_ADD_MAIL, _MAILS.write(mail))
        return replace(mail, id=added.scalar_one())

    def mail(self, mail_id: int) -> ProposalMail | None:
        """Return a mail; None for one the actor may not see, or that was erased."""
        query = _mails(self._scope.reach).where(proposal_mail.c.id == bindparam("wanted"))
        rows = self._connection.execute(query, {"wanted": mail_id} | whose(self._scope))
        return next((_MAILS.read(row) for row in rows.mappings()), None)

    def mails(self, lead_id: int) -> list[ProposalMail]:
        """List the mails with a lead's proposals, oldest first."""
        query = _mails(self._scope.reach).where(proposal_mail.c.lead_id == bindparam("wanted"))
        params = {"wanted": lead_id} | whose(self._scope)
        rows = self._connection.execute(query.order_by(proposal_mail.c.id), params)
        return [_MAILS.read(row) for row in rows.mappings()]

    def open_mails(self) -> list[ProposalMail]:
        """List the mails that are waiting or being sent, oldest first."""
        query = _mails(self._scope.reach).where(proposal_mail.c.state.in_(_OPEN))
        rows = self._connection.execute(query.order_by(proposal_mail.c.id), whose(self._scope))
        return [_MAILS.read(row) for row in rows.mappings()]

    def settle_mail(self, mail: ProposalMail, before: MailState) -> bool:
        """Update a mail that is in the state ``before``; False when another process was faster."""
        here = proposal_mail.c.id == mail.id, proposal_mail.c.state == before.value
        values = {
            "state": mail.state.value,
            "problem": mail.problem,
            "body": mail.body,
            "tried_at": mail.tried_at,
        }
        updated = self._connection.execute(proposal_mail.update().where(*here).values(values))
        return bool(updated.rowcount)

    def visits(self, lead_id: int) -> list[Visit]:
        """List visits to all proposals of a lead, oldest first."""
        params = {"wanted": lead_id} | whose(self._scope)
        rows = self._connection.execute(_visits(self._scope.reach), params)
        return [_VISITS.read(row) for row in rows.mappings()]

    def add_reply(self, reply: CustomerReply) -> CustomerReply | None:
        """Store what a customer wrote on the page; None when it was stored before."""
        self.get(reply.proposal_id)
        insert = insert_into(proposal_reply, self._connection.dialect.name)
        fresh = insert.on_conflict_do_nothing(index_elements=["key"])
        added = self._connection.execute(
            fresh.returning(proposal_reply.c.id), _REPLIES.write(reply)
        ).scalar_one_or_none()
        return None if added is None else replace(reply, id=added)

    def reply(self, reply_id: int) -> CustomerReply | None:
        """Return what a customer wrote; None for what the actor may not see, or was erased."""
        query = _replies(self._scope.reach).where(proposal_reply.c.id == bindparam("wanted"))
        rows = self._connection.execute(query, {"wanted": reply_id} | whose(self._scope))
        return next((_REPLIES.read(row) for row in rows.mappings()), None)

    def replies(self, lead_id: int) -> list[CustomerReply]:
        """List what customers wrote on the pages of a lead's proposals, oldest first."""
        query = _replies(self._scope.reach).where(proposal_reply.c.lead_id == bindparam("wanted"))
        params = {"wanted": lead_id} | whose(self._scope)
        rows = self._connection.execute(query.order_by(proposal_reply.c.id), params)
        return [_REPLIES.read(row) for row in rows.mappings()]


@cache
def _links(reach: Reach) -> Select[Any]:
    query = ProposalRepository.visible(reach).with_only_columns(*proposal_link.c)
    return query.join(proposal_link, proposal_link.c.proposal_id == table.c.id)


@cache
def _visits(reach: Reach) -> Select[Any]:
    query = ProposalRepository.visible(reach).with_only_columns(*proposal_visit.c)
    query = query.join(proposal_visit, proposal_visit.c.proposal_id == table.c.id)
    query = query.where(table.c.lead_id == bindparam("wanted"))
    return query.order_by(proposal_visit.c.at, proposal_visit.c.id)


@cache
def _replies(reach: Reach) -> Select[Any]:
    query = ProposalRepository.visible(reach).with_only_columns(*proposal_reply.c)
    return query.join(proposal_reply, proposal_reply.c.proposal_id == table.c.id)


@cache
def _mails(reach: Reach) -> Select[Any]:
    query = ProposalRepository.visible(reach).with_only_columns(*proposal_mail.c)
    return query.join(proposal_mail, proposal_mail.c.proposal_id == table.c.id)
